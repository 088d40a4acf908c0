// Takes the fixtures of the tests in a real editor from the folder of a demo: a few pairs, questions, graded answers of base, Stage I and
// Stage II with their texts, demonstrations, and the images that they need. Written by `mede2 demo --quick --out DIR` and, for the answers,
//   mede2 eval run --model M --stage S --task ward --data data/test-combination.questions.jsonl --limit 12 --images real,swapped --out small/S-ward
// Paths of the machine that wrote them are cut short, so ids are not those of the content any more. Seed 1, version 0.1.0.
//   node e2e/make-fixtures.mjs DIR
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const from = resolve(process.argv[2]);
const to = fileURLToPath(new URL("./fixtures/ward", import.meta.url));
const lines = (file) => readFileSync(join(from, file), "utf8").trimEnd().split("\n");
const hashes = new Set();
const put = (file, chosen) => {
  const text = `${chosen.join("\n")}\n`
    .replaceAll(`${from}/`, "")
    .replace(/"\/[^"]*\/models\/tiny"/g, '"models/tiny"');
  for (const [, sha256] of text.matchAll(/"sha256":"([0-9a-f]{64})"/g)) hashes.add(sha256);
  for (const [, list] of text.matchAll(/"imageHashes":\[([^\]]*)\]/g))
    for (const [, sha256] of list.matchAll(/"([0-9a-f]{64})"/g)) hashes.add(sha256);
  mkdirSync(join(to, file, ".."), { recursive: true });
  writeFileSync(join(to, file), text);
};

rmSync(to, { recursive: true, force: true });
const kinds = new Map();
for (const line of lines("data/stage2.pairs.jsonl")) {
  const { negativeKind } = JSON.parse(line);
  kinds.set(negativeKind, [...(kinds.get(negativeKind) ?? []), line]);
}
put(
  "data/stage2.pairs.jsonl",
  [...kinds.values()].flatMap((each) => each.slice(0, Math.ceil(6 / kinds.size))).slice(0, 6),
);
put("data/rated.candidates.jsonl", lines("runs/3-pairs/traces/rated.candidates.jsonl").slice(0, 4));
put("data/stage1.demonstrations.jsonl", lines("data/stage1.demonstrations.jsonl").slice(0, 40));
put("data/ward.questions.jsonl", lines("data/test-combination.questions.jsonl").slice(0, 12));
for (const name of readdirSync(join(from, "small")))
  for (const file of readdirSync(join(from, "small", name)).filter((each) => each.endsWith(".jsonl"))) {
    const chosen = lines(join("small", name, file));
    put(join("evaluations", name, file), chosen);
  }
for (const sha256 of hashes)
  for (const ending of ["png", "jpg", "webp"]) {
    const file = join(".mede2/images", sha256.slice(0, 2), `${sha256}.${ending}`);
    if (existsSync(join(from, file))) cpSync(join(from, file), join(to, "images", `${sha256}.${ending}`));
  }
console.log(`${to}: ${hashes.size} images`);
