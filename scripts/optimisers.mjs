// Where each optimiser pays: the shipped Tiny learns the ward's text-only chains for some steps with each, at three learning rates; the best of the three is told. The table of docs/parity.md.
//   node scripts/optimisers.mjs [--steps 60] [--size 8] [--seed 1] [--only NAME]      needs a built workspace
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { root } from "./lib/workspace.mjs";
import { nn, runs, safetensors, schemas, trainer } from "./parity/packages.mjs";

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "60" },
    size: { type: "string", default: "8" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
  },
});
const load = (name) => import(pathToFileURL(join(root, `packages/${name}/dist/index.js`)).href);
const [{ tinyFolder }, { wardCases, wardDemonstration }] = await Promise.all(["recipes", "data"].map(load));
const adamW = { name: "adamw", betas: [0.9, 0.99], epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 };
const kinds = {
  AdamW: [adamW, [1e-3, 3e-3, 1e-2]],
  "AdamW 8-bit": [{ ...adamW, name: "adamw-8bit" }, [1e-3, 3e-3, 1e-2]],
  Adafactor: [{ ...adamW, name: "adafactor", betas: [0, 0], epsilon: 1e-30 }, [1e-3, 3e-3, 1e-2]],
  Muon: [{ ...adamW, name: "muon", momentum: 0.95 }, [3e-3, 1e-2, 3e-2]],
};
const steps = Number(values.steps);
const workspace = mkdtempSync(join(tmpdir(), "mede2-optimisers-"));
// steps are timed by the processor time of this process, on one thread: other work on the machine does not count
performance.now = () => (process.cpuUsage().user + process.cpuUsage().system) / 1000;
try {
  mkdirSync(join(workspace, "data"));
  const cases = wardCases({ split: "stage1", count: steps * Number(values.size), seed: Number(values.seed) });
  const text = cases
    .map((each) => `${JSON.stringify(wardDemonstration(each, Number(values.seed)))}\n`)
    .join("");
  writeFileSync(join(workspace, "data/a.demonstrations.jsonl"), text);
  const { template, images } = await nn.loadProcessor(tinyFolder);
  console.log(
    "| optimiser | learning rate | loss, last tenth | processor seconds a step | its state, bytes a weight |\n|---|---|---|---|---|",
  );
  for (const [name, [optimiser, rates]] of Object.entries(kinds)) {
    if (values.only !== undefined && values.only !== name) continue;
    const tried = [];
    for (const learningRate of rates) tried.push(await run(optimiser, learningRate, template, images, text));
    const best = tried.reduce((a, b) => (b.loss < a.loss ? b : a));
    console.error(`${name}: ${tried.map(({ rate, loss }) => `${rate} ${loss.toFixed(4)}`).join(", ")}`);
    console.log(
      `| ${name} | ${best.rate} | ${best.loss.toFixed(3)} | ${best.seconds.toFixed(2)} | ${best.bytes.toFixed(2)} |`,
    );
  }
} finally {
  rmSync(workspace, { recursive: true });
}

async function run(optimiser, learningRate, template, images, text) {
  const plan = {
    ...{
      record: "plan",
      v: 1,
      kind: "sft",
      recipe: "optimisers",
      model: tinyFolder,
      seed: Number(values.seed),
      threads: 1,
    },
    data: [{ path: "data/a.demonstrations.jsonl", sha256: schemas.sha256Hex(text), split: "train" }],
    ...{ loss: { name: "cross-entropy" }, optimiser, freeze: ["visual."], device: "cpu", engine: "embedded" },
    schedule: { name: "cosine", learningRate, warmupSteps: Math.ceil(steps / 20), steps },
    batch: { size: Number(values.size), accumulation: 1, maxTokens: 1024 },
    ...{ templateHash: template.hash, pixels: { min: images.minPixels, max: images.maxPixels } },
    decoding: { temperature: 0, topP: 1, maxTokens: 8 },
  };
  const { dir, manifest } = await runs.createRun({
    ...{ workspace, plan: schemas.planSchema.parse(plan), code: { version: "0" }, data: [] },
  });
  const { checkpoint } = await trainer.runTraining(dir, manifest, {
    ...{ workspace, signal: new AbortController().signal },
  });
  const events = readFileSync(join(dir, "events.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const ends = events.filter(({ type }) => type === "step-end");
  const last = ends.slice(-Math.ceil(steps / 10));
  const times = ends
    .slice(1)
    .map(({ seconds }) => seconds)
    .sort((a, b) => a - b);
  const state = safetensors.readSafetensors(join(checkpoint, "trainer/optimiser.safetensors"));
  const bytes = [...state.entries.keys()].reduce((sum, key) => sum + state.tensor(key).data.byteLength, 0);
  const { config } = await nn.openModelFolder(tinyFolder);
  const trained = [...nn.modelKeys(config)]
    .filter(([key]) => !key.startsWith("visual."))
    .reduce((sum, [, shape]) => sum + shape.reduce((product, each) => product * each, 1), 0);
  return {
    ...{ rate: learningRate, bytes: bytes / trained },
    loss: last.reduce((sum, { loss }) => sum + loss, 0) / last.length,
    seconds: times[Math.floor(times.length / 2)],
  };
}
