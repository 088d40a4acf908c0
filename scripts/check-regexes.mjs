// No regular expression that reads text of others may take time out of proportion to it. Takes every literal of the packages that read sources, traces and replies, runs it on texts made to hurt it
// (its own words and common signs, repeated) of two lengths, and compares the times.
//   node scripts/check-regexes.mjs [--packages answers,data,images,llm,preference,schemas]
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "./lib/workspace.mjs";

const place = process.argv.indexOf("--packages");
const packages = (place < 0 ? "answers,data,images,llm,preference,schemas" : process.argv[place + 1]).split(
  ",",
);
/** Lengths of the texts. What is linear takes `long / short` times as long, what is quadratic its square. */
const [short, long] = [2000, 16_000];

/** Literals that are quadratic, but in a text that cannot be long, with the reason. By the end of their path and their beginning. */
const bounded = [
  ["answers/src/cascade-rules.ts", "^[^A-Za-z]*(?:(?:option", "lines of at most `longestMark` characters"],
  ["data/src/importers/medcalc.ts", "corrected[^/]*", "names of files"],
  ["data/src/importers/mmedpo.ts", "dpo[^/]*", "names of files"],
  ["preference/src/judges/parse-judge-reply.ts", "^[\"'“”]+|", "the first thousand characters of a quote"],
  ["preference/src/number-mentions.ts", "(\\p{L}[\\p{L}\\d]*)[", "the 40 characters before a number"],
  ["schemas/src/portable-name.ts", "\\.+$", "names of tasks"],
];

function* sources(dir) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.ts$/.test(entry.name) && !/\.test\.ts$/.test(entry.name)) yield path;
  }
}

/** The regular expression literals of a source: a slash where no value stands before it. Comments, strings and templates are passed over. */
function literals(code) {
  const found = [];
  let before = "(";
  for (let at = 0; at < code.length; at++) {
    const sign = code[at];
    if (/\s/.test(sign)) continue;
    if (sign === "/" && code[at + 1] === "/") at = end(code.indexOf("\n", at), code);
    else if (sign === "/" && code[at + 1] === "*") at = end(code.indexOf("*/", at + 2) + 1, code);
    else if (sign === '"' || sign === "'" || sign === "`") {
      // a template's expressions hold no literal of ours
      for (at++; at < code.length && code[at] !== sign; at++) if (code[at] === "\\") at++;
      before = '"';
    } else if (sign === "/" && /[(,=:[!&|?{};+>]/.test(before)) {
      const from = at;
      let inClass = false;
      for (at++; at < code.length && (inClass || code[at] !== "/"); at++) {
        if (code[at] === "\\") at++;
        else if (code[at] === "[") inClass = true;
        else if (code[at] === "]") inClass = false;
      }
      if (code.slice(from, at).includes("\n")) {
        at = from; // a division
        before = "(";
        continue;
      }
      const flags = /^[a-z]*/.exec(code.slice(at + 1, at + 10))[0];
      found.push({ source: code.slice(from + 1, at), flags, line: code.slice(0, from).split("\n").length });
      at += flags.length;
      before = '"';
    } else if (/[\p{L}_$]/u.test(sign)) {
      const word = /^[\p{L}\d_$]+/u.exec(code.slice(at, at + 80))[0];
      at += word.length - 1;
      before = /^(?:return|of|in|case|typeof|yield|await)$/.test(word) ? "(" : '"';
    } else before = sign;
  }
  return found;
}
const end = (at, code) => (at < 0 ? code.length : at);

/** Texts of about a length that a literal has a hard time with: its words, and signs that any class holds, alone and two by two. */
function attacks(source, length) {
  const words = [
    ...new Set(source.replace(/\\[pP]\{\w+\}|\\[a-zA-Z]/g, " ").match(/[\p{L}\d]{2,}/gu) ?? []),
  ].slice(0, 12);
  const signs = ["a", "1", " ", ".", ",", "-", "(", '"', "\\", "\n", "*", "[", "{", "<", "="];
  const units = [
    ...signs,
    ...words,
    ...words.map((word) => `${word} `),
    "a ",
    "a1",
    "1.",
    "1,",
    "a.",
    " \n",
    ", ",
    "((",
    "1 + ",
    "\\\\",
    '"a"',
    "[1]",
  ];
  return units.map((unit) => `${unit.repeat(Math.ceil(length / unit.length))}\u0000`);
}

function milliseconds(regex, text) {
  const started = process.cpuUsage().user;
  if (regex.global) for (const _ of text.matchAll(regex));
  else regex.test(text);
  return (process.cpuUsage().user - started) / 1000;
}

const failures = [];
let [count, excused] = [0, 0];
for (const name of packages)
  for (const path of sources(join(root, "packages", name, "src")))
    for (const { source, flags, line } of literals(readFileSync(path, "utf8"))) {
      const where = `${relative(root, path)}:${line}`;
      let regex;
      try {
        regex = new RegExp(source, flags.replace("y", ""));
      } catch {
        failures.push(`${where}: /${source}/ was not read as it is written: correct this script`);
        continue;
      }
      count += 1;
      if (bounded.some(([file, start]) => path.endsWith(file) && source.startsWith(start))) {
        excused += 1;
        continue;
      }
      const small = attacks(source, short);
      const worst = attacks(source, long)
        .map((text, at) => {
          const took = milliseconds(regex, text);
          if (took < 30) return { ratio: 1, took, text };
          const [before, again] = [
            Math.min(milliseconds(regex, small[at]), milliseconds(regex, small[at])),
            milliseconds(regex, text),
          ];
          return { ratio: Math.min(took, again) / Math.max(before, 0.05), took, text };
        })
        .reduce((a, b) => (b.ratio > a.ratio ? b : a));
      // eight times the text: 8 where it is linear, 64 where it is quadratic
      if (worst.ratio > 24)
        failures.push(
          `${where}: /${source.slice(0, 90)}/${flags} took ${worst.took.toFixed(0)} ms for ${long} characters of ${JSON.stringify(worst.text.slice(0, 8))}…, ${worst.ratio.toFixed(0)} times as long as for ${short}`,
        );
    }
for (const failure of failures) console.error(failure);
console.log(
  `${count} regular expressions of ${packages.length} packages; ${failures.length} take time out of proportion; ${excused} read bounded text alone`,
);
process.exitCode = failures.length === 0 ? 0 : 1;
