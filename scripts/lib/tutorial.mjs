/** The chapters of a page that have commands to run: [{title, first, blocks}]. `first` is the one that makes the demo. */
export function chaptersOf(markdown) {
  const chapters = markdown
    .split(/^## /m)
    .slice(1)
    .map((part) => ({
      title: part.slice(0, part.indexOf("\n")).trim(),
      blocks: [...part.matchAll(/^```sh *\n([\s\S]*?)^```$/gm)].map(([, code]) => code),
    }))
    .filter(({ blocks }) => blocks.length > 0);
  return chapters.map((chapter, index) => ({ ...chapter, first: index === 0 }));
}

const mark = "@@chapter";
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** One bash script of all blocks, which stops at the first command that fails and says when each chapter is done. */
export const bashOf = (chapters) =>
  [
    "set -euo pipefail",
    "began=$(date +%s%N)",
    ...chapters.flatMap(({ title, blocks }) => [
      ...blocks.map((block) => block.trimEnd()),
      `now=$(date +%s%N); printf '\\n${mark} %s %s\\n' $((now - began)) ${quoted(title)}; began=$now`,
    ]),
    "",
  ].join("\n");

/** What each chapter took, by its title, from the output of such a script. */
export const secondsOf = (output) =>
  new Map([...output.matchAll(/^@@chapter (\d+) (.+)$/gm)].map(([, ns, title]) => [title, Number(ns) / 1e9]));
