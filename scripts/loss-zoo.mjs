// What twelve steps of every loss do to the same four pairs, whose answers differ in a letter, from the same random model (AdamW, learning rate 5e-4): the table of
// docs/parity.md.
//   node scripts/loss-zoo.mjs      needs a built workspace
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
const workspace = mkdtempSync(join(tmpdir(), "mede2-zoo-"));
const log = console.log;
console.log = () => {}; // `train` tells of each run
try {
  cpSync(join(root, "packages/nn/test/goldens/qwen2-5-vl/checkpoint"), join(workspace, "model"), {
    recursive: true,
  });
  const data = writeData(workspace, [], 4, nextOption);
  log("| loss | loss | margin | accuracy | chosen | rejected |\n|---|---|---|---|---|---|");
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
    const told = Object.entries(settings)
      .map(([key, value]) => (value === true ? key : `${key} ${value}`))
      .join(", ");
    log(
      `| ${name}: ${told} | ${first.loss.toFixed(3)} → ${last.loss.toFixed(3)} | ${last.rewards.margin.toFixed(3)} | ${last.rewards.accuracy.toFixed(2)} | ${change("chosen")} | ${change("rejected")} |`,
    );
  }
} finally {
  rmSync(workspace, { recursive: true });
}
