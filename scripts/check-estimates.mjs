// What `mede2 plan` estimates against what the same plans then take: time, memory and disk of whole short runs. Needs a built workspace.
//   node scripts/check-estimates.mjs [--threads 1] [--only NAME] [--markdown] [--within 0.3]
// Time is compared with a trial of the same minutes: on a machine with other work both are slowed, but not alike. Fails when memory or disk, or with --time also time, is off by more than `within`.
import { spawn, spawnSync } from "node:child_process";
import { cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./lib/workspace.mjs";

const load = (name) => import(pathToFileURL(join(root, `packages/${name}/dist/index.js`)).href);
const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const threads = option("threads", "1");
const only = option("only");
const within = Number(option("within", "0.3"));
const markdown = process.argv.includes("--markdown");
const timed = process.argv.includes("--time");

const [nn, recipes, data, images, answers, schemas] = await Promise.all(
  ["nn", "recipes", "data", "images", "answers", "schemas"].map(load),
);
const workspace = mkdtempSync(join(tmpdir(), "mede2-estimates-"));
const mede2 = join(root, "packages/cli/bin/mede2.mjs");

/** Runs a command to its end and returns the object that it says. */
function command(...argv) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [mede2, ...argv, "--json"], {
    ...{ cwd: workspace, encoding: "utf8", maxBuffer: 1 << 26 },
  });
  if (status !== 0) throw new Error(`mede2 ${argv.join(" ")} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1));
}

/** Trains a plan and looks at the disk meanwhile. */
function train(plan, run) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [mede2, "train", plan, "--out", run, "--json"], {
      ...{ cwd: workspace, stdio: ["ignore", "pipe", "inherit"] },
    });
    let [text, disk] = ["", 0];
    const look = setInterval(() => {
      disk = Math.max(disk, bytesBelow(join(workspace, run)));
    }, 20);
    child.stdout.on("data", (piece) => {
      text += piece;
    });
    child.on("exit", (code) => {
      clearInterval(look);
      if (code !== 0) return reject(new Error(`training ended with ${code}`));
      const result = JSON.parse(text.trim().split("\n").at(-1));
      const events = readFileSync(join(workspace, run, "events.jsonl"), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      const time = (type) => Date.parse(events.find((event) => event.type === type).ts) / 1000;
      resolve({
        seconds: time("run-finished") - time("run-started"),
        memoryBytes: result.peakMemoryBytes,
        diskBytes: Math.max(disk, bytesBelow(join(workspace, run))),
      });
    });
  });
}

function bytesBelow(path) {
  try {
    const info = lstatSync(path);
    if (!info.isDirectory()) return info.size;
    return readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0);
  } catch {
    return 0; // it was renamed or removed meanwhile
  }
}

/** A model of the tiny one's family with a wider decoder and random weights. */
async function writeModel(name, text, visionOut) {
  const tokenizer = recipes.tinyTokenizer();
  const tiny = recipes.tinyConfig(Math.ceil(tokenizer.size / 64) * 64, tokenizer.tokens);
  const config = {
    ...tiny,
    text: { ...tiny.text, ...text },
    vision: { ...tiny.vision, outHiddenSize: visionOut },
  };
  const { shapes, parameters } = recipes.initialParameters(config, 1);
  const json = (value) => `${JSON.stringify(value)}\n`;
  await nn.writeModelFolder(join(workspace, name), {
    config,
    tensors: [...shapes].map(([key, shape]) => ({
      name: key,
      shape,
      dtype: "F32",
      data: parameters.get(key),
    })),
    files: {
      "tokenizer.json": json(tokenizer.tokenizerJson),
      "tokenizer_config.json": json(tokenizer.tokenizerConfig),
      "chat_template.jinja": recipes.tinyChatTemplate,
      "preprocessor_config.json": json(recipes.tinyPreprocessor),
    },
  });
}

async function writeData() {
  const demonstrations = data
    .wardCases({ split: "stage1", count: 960, seed: 1 })
    .map((each) => data.wardDemonstration(each, 1));
  await schemas.writeJsonlAtomic(join(workspace, "all.demonstrations.jsonl"), demonstrations);
  await schemas.writeJsonlAtomic(join(workspace, "some.demonstrations.jsonl"), demonstrations.slice(0, 160));
  const store = images.openImageStore(join(workspace, ".mede2/images"));
  const cases = data.wardCases({ split: "stage2", count: 320, seed: 1 });
  const pairs = [];
  for (const [n, each] of cases.entries()) {
    const question = data.wardQuestion(each, {
      form: "image",
      imageRef: await recipes.storeWardImage(store, data.wardImageOf(each)),
    });
    const trace = (of) => {
      const text = data.wardChain(of, { seed: 1 });
      return answers.makeTrace({
        ...{ question, text, finish: "stop", tokens: { prompt: 1, completion: 1 } },
        ...{ by: { kind: "template", name: "ward" }, stage: null, images: "real" },
        ...{ promptHash: schemas.sha256Hex("x"), sample: null },
      });
    };
    const [chosen, rejected] = [trace(each), trace(cases[(n + 1) % cases.length])];
    const rating = (total, { id }) => ({
      ...{ record: "rating", v: 1, traceId: id, gates: {}, criteria: {}, total },
      scorer: { name: "check", version: "1", rubric: "check", mode: "programmatic", judges: [] },
    });
    pairs.push(
      schemas.withId({
        ...{ record: "preference-pair", v: 1, question, chosen, rejected },
        ...{ ratings: { chosen: rating(1, chosen), rejected: rating(0, rejected) } },
        ...{ negativeKind: "wrong-answer", margin: 1, weight: 1 },
        provenance: { plan: "check", scorer: "check", seed: 1, parents: [] },
        ...{ licence: "CC0-1.0", split: "stage2" },
      }),
    );
  }
  await schemas.writeJsonlAtomic(join(workspace, "all.pairs.jsonl"), pairs);
}

const lora = 'lora={"rank":8,"alpha":16,"targets":["model.layers.*_proj"],"dropout":0}';
const cases = [
  { name: "tiny, Stage I", argv: ["demo-stage1", "tiny", "all.demonstrations.jsonl", "--epochs", "1"] },
  { name: "tiny, Stage II with images", argv: ["demo-stage2", "tiny", "all.pairs.jsonl", "--epochs", "1"] },
  {
    name: "tiny, Stage I, LoRA",
    argv: ["demo-stage1", "tiny", "all.demonstrations.jsonl", "--epochs", "1", "--set", lora],
  },
  {
    name: "30 M, Stage I, batches of 8",
    argv: [
      ...["demo-stage1", "30m", "some.demonstrations.jsonl", "--epochs", "1", "--set", "batch.size=8"],
      ...["--set", "batch.checkpointEvery=7", "--set", "batch.keepCheckpoints=2"],
    ],
  },
];

try {
  cpSync(recipes.tinyFolder, join(workspace, "tiny"), { recursive: true });
  const wide = { hiddenSize: 512, layers: 8, heads: 8, kvHeads: 2, headDim: 64, intermediate: 2048 };
  await writeModel("30m", { ...wide, mropeSection: [8, 12, 12] }, 512);
  await writeData();
  mkdirSync(join(workspace, "runs"), { recursive: true });
  const rows = [];
  for (const [n, { name, argv }] of cases.entries()) {
    if (only !== undefined && !name.includes(only)) continue;
    const [recipe, model, file, ...more] = argv;
    const plan = `${n}.plan.json`;
    const from = ["plan", recipe, "--model", model, "--data", file, "--threads", threads, ...more];
    const shapes = command(...from, "--no-time").estimate;
    const { estimate } = command(...from, "--trial-seconds", "600", "--out", plan);
    const real = await train(plan, `runs/${n}`);
    rows.push({ name, estimate, shapes, real, load: loadavg()[0] });
    console.error(JSON.stringify(rows.at(-1)));
  }
  report(rows);
} finally {
  rmSync(workspace, { recursive: true, force: true });
}

function report(rows) {
  const MB = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
  const against = (ours, real) =>
    `${ours >= real ? "+" : "−"}${Math.abs((100 * (ours - real)) / real).toFixed(0)} %`;
  const table = rows.map(({ name, estimate, shapes, real, load: busy }) => [
    ...[name, String(estimate.steps)],
    `${estimate.seconds.toFixed(0)} s / ${real.seconds.toFixed(0)} s (${against(estimate.seconds, real.seconds)})`,
    `${MB(estimate.memoryBytes)} / ${MB(real.memoryBytes)} (${against(estimate.memoryBytes, real.memoryBytes)})`,
    `${MB(shapes.memoryBytes)} (${against(shapes.memoryBytes, real.memoryBytes)})`,
    `${MB(estimate.diskBytes)} / ${MB(real.diskBytes)} (${against(estimate.diskBytes, real.diskBytes)})`,
    busy.toFixed(1),
  ]);
  const titles = ["run", "steps", "time", "memory", "memory from shapes alone", "disk", "load"];
  if (markdown)
    for (const row of [titles, titles.map(() => "---"), ...table]) console.log(`| ${row.join(" | ")} |`);
  else for (const row of table) console.log(row.join(" · "));
  const off = (ours, real) => Math.abs(ours - real) / real > within;
  const wrong = rows.filter(
    ({ estimate, shapes, real }) =>
      off(estimate.memoryBytes, real.memoryBytes) ||
      off(shapes.memoryBytes, real.memoryBytes) ||
      off(estimate.diskBytes, real.diskBytes) ||
      (timed && off(estimate.seconds, real.seconds)),
  );
  if (wrong.length === 0) return;
  console.error(
    `estimates are off by more than ${100 * within} %: ${wrong.map(({ name }) => name).join(", ")}`,
  );
  process.exitCode = 1;
}
