// What twelve steps of every loss do to the same four pairs, whose answers differ in a letter, from the same random model (AdamW, learning rate 5e-4): the table of
// docs/parity.md.
//   node scripts/loss-zoo.mjs [--check]      needs a built workspace
// With --check every row is compared with the table in docs/parity.md, as far as two processors agree after twelve steps: to a tenth of a number, or 0.05.
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closingLine } from "./lib/counts.mjs";
import { root } from "./lib/workspace.mjs";
import { nextOption, train, writeData } from "./parity/training.mjs";

const losses = [
  { name: "dpo", beta: 0.1 },
  { name: "dpo", beta: 0.1, labelSmoothing: 0.1, nllWeight: 0.2 },
  { name: "dpo", beta: 0.1, labelSmoothing: 0.1, robust: true },
  { name: "dpo", beta: 2, normalised: true },
  { name: "dpo", beta: 0.1, betaEnd: 0.5, betaSchedule: "cosine" },
  { name: "ipo", beta: 0.1 },
  { name: "hinge", beta: 0.1 },
  { name: "apo-zero", beta: 0.1 },
  { name: "dpop", beta: 0.1, penalty: 5 },
  { name: "simpo", beta: 2, gamma: 0.5 },
  { name: "orpo", beta: 0.1 },
  { name: "bco-pair", beta: 0.1 },
  { name: "mpo", beta: 0.1 },
  { name: "kto", beta: 0.1 },
  { name: "bco", beta: 0.1 },
];
const checks = process.argv.includes("--check");
const told = new Map(
  readFileSync(join(root, "docs/parity.md"), "utf8")
    .split("\n")
    .map((line) => [line.split("|")[1]?.trim(), line]),
);
const numbersOf = (row) =>
  row
    .split("|")
    .slice(2)
    .join(" ")
    .match(/-?\d+\.\d+/g)
    ?.map(Number) ?? [];
const counts = { passed: 0, failed: 0, skipped: 0 };

/** Whether the page has this row, its numbers near enough. */
function compare(row) {
  const name = row.split("|")[1].trim();
  const [ours, known] = [numbersOf(row), numbersOf(told.get(name) ?? "")];
  const same =
    ours.length === known.length &&
    ours.every((x, n) => Math.abs(x - known[n]) <= Math.max(0.05, 0.1 * Math.abs(known[n])));
  counts[same ? "passed" : "failed"] += 1;
  log(
    `${same ? "ok  " : "FAIL"} ${row}${same ? "" : `\n     the page: ${told.get(name) ?? "has no such row"}`}`,
  );
}

const workspace = mkdtempSync(join(tmpdir(), "mede2-zoo-"));
const log = console.log;
console.log = () => {}; // `train` tells of each run
try {
  cpSync(join(root, "packages/nn/test/goldens/qwen2-5-vl/checkpoint"), join(workspace, "model"), {
    recursive: true,
  });
  const data = writeData(workspace, [], 4, nextOption);
  if (!checks) log("| loss | loss | margin | accuracy | chosen | rejected |\n|---|---|---|---|---|---|");
  for (const [n, loss] of losses.entries()) {
    const single = loss.name === "kto" || loss.name === "bco";
    const checkpoint = await train(workspace, `zoo-${n}`, single ? data.answers : data.preference, {
      ...{ model: "model", kind: "preference", loss },
      schedule: { name: "constant", learningRate: 5e-4, steps: 12 },
      batch: { size: single ? 8 : 4, accumulation: 1, maxTokens: 512 },
    });
    const events = readFileSync(join(workspace, checkpoint, "../../events.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const steps = events.filter(({ type }) => type === "step-end");
    const [first, last] = [steps[0], steps.at(-1)];
    const change = (side) => (last.logProbs[side] - first.logProbs[side]).toFixed(1).replace(/^(?!-)/, "+");
    const { name, ...settings } = loss;
    const words = Object.entries(settings)
      .map(([key, value]) => (value === true ? key : `${key} ${value}`))
      .join(", ");
    const row = `| ${name}: ${words} | ${first.loss.toFixed(3)} → ${last.loss.toFixed(3)} | ${last.rewards.margin.toFixed(3)} | ${last.rewards.accuracy.toFixed(2)} | ${change("chosen")} | ${change("rejected")} |`;
    if (checks) compare(row);
    else log(row);
  }
} finally {
  rmSync(workspace, { recursive: true });
}
if (checks) {
  log(closingLine(counts));
  process.exitCode = counts.failed > 0 ? 1 : 0;
}
