import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./workspace.mjs";

const bin = join(root, "packages/cli/bin/mede2.mjs");

const help = (path) =>
  execFileSync(process.execPath, [bin, ...path, "--help"], {
    encoding: "utf8",
    env: { ...process.env, COLUMNS: "100", NO_COLOR: "1" },
  }).trim();

/** Names of the commands that a help lists, without `help` itself. */
export function commandsIn(text) {
  const section = /\nCommands:\n([\s\S]*?)(?:\n\n|$)/.exec(text)?.[1] ?? "";
  return [...section.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name]) => name).filter((it) => it !== "help");
}

/** The help of every command, deepest commands alone, as [path, text]. */
export function helpOfAll(path = [], read = help) {
  const text = read(path);
  const inner = path.length < 3 ? commandsIn(text) : [];
  const own = inner.length === 0 || path.length === 0 || /\nArguments:/.test(text) ? [[path, text]] : [];
  return [...own, ...inner.flatMap((name) => helpOfAll([...path, name], read))];
}

/** The page of the site that has the help of every command, as the built command prints it. */
export function commandPage(all = helpOfAll()) {
  const [[, main], ...rest] = all;
  const parts = rest.map(([path, text]) => `## ${path.join(" ")}\n\n\`\`\`text\n${text}\n\`\`\`\n`);
  return `# Options of every command\n\nAs \`mede2 COMMAND --help\` prints them.\n\n\`\`\`text\n${main}\n\`\`\`\n\n${parts.join("\n")}`;
}
