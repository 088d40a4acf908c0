// Time and memory of each kind of adapter and optimiser: some steps of a plan each, in a process of its own.
//   node scripts/adapter-kinds.mjs MODEL [--shrink] [--steps N] [--size N] [--tokens N] [--only NAME] [--json FILE]
// MODEL is a folder of a language model (scripts/smollm2.sh makes one); --shrink takes its tokenizer and config, with 8 layers of width 512 and random weights. Needs a built workspace. Prints a Markdown table: docs/parity.md has one.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { nn, runs, schemas, trainer } from "./parity/packages.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    steps: { type: "string", default: "6" },
    size: { type: "string", default: "4" },
    tokens: { type: "string", default: "128" },
    shrink: { type: "boolean", default: false },
    only: { type: "string" },
    one: { type: "string" },
    json: { type: "string" },
  },
});
const [model] = values.shrink && positionals[0] ? [await shrunk(positionals[0])] : positionals;
if (!model) {
  console.error(
    "usage: node scripts/adapter-kinds.mjs MODEL [--steps N] [--size N] [--tokens N] [--only NAME] [--json FILE]",
  );
  process.exit(2);
}

const lora = { rank: 16, alpha: 32, targets: ["model.layers.*_proj"], dropout: 0 };
const adamW = { name: "adamw", betas: [0.9, 0.99], epsilon: 1e-8, weightDecay: 0, clipNorm: 1 };
const kinds = {
  "all weights, AdamW": {},
  "all weights, AdamW 8-bit": { optimiser: { ...adamW, name: "adamw-8bit" } },
  "all weights, Adafactor": { optimiser: { ...adamW, name: "adafactor", betas: [0, 0], epsilon: 1e-30 } },
  "all weights, Muon": { optimiser: { ...adamW, name: "muon" } },
  "all weights, AdamW, average": { ema: { decay: 0.999 } },
  LoRA: { lora },
  rsLoRA: { lora: { ...lora, rs: true } },
  "LoRA+": { lora: { ...lora, bRate: 16 } },
  DoRA: { lora: { ...lora, dora: true } },
  "QLoRA (NF4)": { lora: { ...lora, base: "nf4" } },
};

if (values.one === undefined) await all();
else await one(values.one);

async function all() {
  const rows = [];
  for (const name of Object.keys(kinds)) {
    if (values.only !== undefined && values.only !== name) continue;
    const argv = [fileURLToPath(import.meta.url), model, "--one", name];
    for (const key of ["steps", "size", "tokens"]) argv.push(`--${key}`, values[key]);
    const told = execFileSync(process.execPath, argv, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        ...process.env,
        MALLOC_MMAP_MAX_: "0",
        MALLOC_TRIM_THRESHOLD_: "1000000000000",
        MALLOC_ARENA_MAX: "1",
      },
    });
    rows.push({ name, ...JSON.parse(told.trim().split("\n").at(-1)) });
    console.error(`${name}: ${JSON.stringify(rows.at(-1))}`);
  }
  const mb = (bytes) => String(Math.round(bytes / 1e6));
  console.log(
    "| kind | trained, million | processor seconds a step | weights, MB | peak, MB | checkpoint, MB | loss |\n|---|---|---|---|---|---|---|",
  );
  for (const { name, trained, seconds, weights, peak, checkpoint, loss } of rows)
    console.log(
      `| ${name} | ${(trained / 1e6).toFixed(2)} | ${seconds.toFixed(2)} | ${mb(weights)} | ${mb(peak)} | ${mb(checkpoint)} | ${loss.map((x) => x.toFixed(3)).join(" → ")} |`,
    );
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 1)}\n`);
}

/** Runs one kind in this process and prints what it took: the median of the steps after the first, the largest resident size, the bytes of the weights. */
async function one(name) {
  // steps are timed by the processor time of this process, on one thread: other work on the machine does not count
  performance.now = () => (process.cpuUsage().user + process.cpuUsage().system) / 1000;
  const workspace = mkdtempSync(join(tmpdir(), "mede2-kinds-"));
  try {
    const folder = resolve(model);
    const { template, images } = await nn.loadProcessor(folder);
    const text = Array.from(
      { length: 40 },
      (_, i) => `Finding ${i} of the chest film is described in words.`,
    );
    const lines = Array.from({ length: Number(values.size) * 4 }, (_, n) => {
      const content = {
        record: "passage",
        v: 1,
        source: "kinds",
        split: "pretrain",
        images: [],
        licence: "CC0-1.0",
      };
      const record = { ...content, text: cut(text.slice(n % 20).join(" "), n) };
      return JSON.stringify({ ...record, id: schemas.recordId(record) });
    });
    mkdirSync(join(workspace, "data"));
    writeFileSync(join(workspace, "data/text.jsonl"), `${lines.join("\n")}\n`);
    const sha256 = schemas.sha256Hex(readFileSync(join(workspace, "data/text.jsonl")));
    const plan = {
      ...{
        record: "plan",
        v: 1,
        kind: "pretrain",
        recipe: "adapter-kinds",
        model: folder,
        seed: 1,
        threads: 1,
      },
      data: [{ path: "data/text.jsonl", sha256, split: "pretrain" }],
      ...{ loss: { name: "cross-entropy" }, optimiser: adamW, freeze: [], device: "cpu", engine: "embedded" },
      schedule: { name: "constant", learningRate: 2e-4, steps: Number(values.steps) },
      batch: { size: Number(values.size), accumulation: 1, maxTokens: 4096 },
      ...{ templateHash: template.hash, pixels: { min: images.minPixels, max: images.maxPixels } },
      decoding: { temperature: 0, topP: 1, maxTokens: 8 },
      ...kinds[name],
    };
    const { dir, manifest } = await runs.createRun({
      workspace,
      plan: schemas.planSchema.parse(plan),
      code: { version: "0" },
      data: [],
    });
    const weights = await weightBytes(folder, name);
    const { checkpoint } = await trainer.runTraining(dir, manifest, {
      workspace,
      signal: new AbortController().signal,
    });
    const events = readFileSync(join(dir, "events.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const steps = events.filter(({ type }) => type === "step-end");
    const times = steps
      .slice(1)
      .map(({ seconds }) => seconds)
      .sort((a, b) => a - b);
    console.log(
      JSON.stringify({
        trained: trainedCount(checkpoint, name),
        seconds: times[Math.floor(times.length / 2)],
        weights,
        peak: process.resourceUsage().maxRSS * 1024,
        checkpoint: sizeOf(checkpoint),
        loss: [steps[0].loss, steps.at(-1).loss],
      }),
    );
  } finally {
    rmSync(workspace, { recursive: true });
  }
}

/** A folder of 51 million random parameters with the tokenizer of another model. */
async function shrunk(from) {
  const folder = mkdtempSync(join(tmpdir(), "mede2-shrunk-"));
  process.on("exit", () => rmSync(folder, { recursive: true }));
  const { config } = await nn.openModelFolder(from);
  const sizes = { hiddenSize: 512, layers: 8, heads: 8, kvHeads: 8, headDim: 64, intermediate: 1408 };
  const small = { ...config, dtype: "float32", text: { ...config.text, ...sizes, tieWordEmbeddings: true } };
  const random = trainer.seededRandom(1);
  const tensors = [...nn.modelKeys(small)].map(([name, shape]) => {
    const count = shape.reduce((product, each) => product * each, 1);
    const data = Float32Array.from({ length: count }, () => (shape.length < 2 ? 1 : 0.08 * (random() - 0.5)));
    return { name, shape, dtype: "F32", data };
  });
  await nn.writeModelFolder(folder, { config: small, tensors, copyFrom: from, replace: true });
  return folder;
}

/** Passages of about as many tokens as are asked for, each a little different. */
function cut(text, n) {
  return `${n} ${text}`.slice(0, Number(values.tokens) * 4);
}

/** Bytes of the weights as this kind keeps them: four a number; in NF4 half a byte, a byte for 64 and four more for 16,384. */
async function weightBytes(folder, name) {
  const { config } = await nn.openModelFolder(folder);
  let bytes = 0;
  for (const [key, shape] of nn.modelKeys(config)) {
    const count = shape.reduce((product, each) => product * each, 1);
    const four = kinds[name].lora?.base === "nf4" && nn.mayBeNf4(key, shape);
    bytes += four ? count / 2 + Math.ceil(count / 64) + 4 * Math.ceil(count / 16_384) : 4 * count;
  }
  return bytes;
}

function trainedCount(checkpoint, name) {
  const file = join(
    checkpoint,
    kinds[name].lora === undefined ? "model.safetensors" : "adapter_model.safetensors",
  );
  const bytes = readFileSync(file);
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString());
  return Object.entries(header)
    .filter(([key]) => key !== "__metadata__")
    .reduce((sum, [, { shape }]) => sum + shape.reduce((product, each) => product * each, 1), 0);
}

function sizeOf(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => statSync(join(folder, name)))
    .reduce((sum, each) => sum + (each.isFile() ? each.size : 0), 0);
}
