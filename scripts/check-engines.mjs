// Outside engines for real, on a CPU: ms-swift and TRL train a tiny model of the Qwen2.5-VL architecture with the published token ids, from emitted files, through the
// command line. Needs bash, Python and a built workspace; makes the two Python environments first.
//   node scripts/check-engines.mjs [--keep DIR] [--only stage1,resume,stage2,reference,two,curves,full]
// Prints one line a check and ends with 1 if one fails.
import { execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeSampleWorld } from "../packages/engines/test/sample-world.mjs";
import { root } from "./lib/workspace.mjs";
import { casesOf } from "./parity/cases.mjs";
import { images as imagePackage, trainer } from "./parity/packages.mjs";

const option = (name) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
};
const kept = option("keep");
const work = kept === undefined ? mkdtempSync(join(tmpdir(), "mede2-engines-")) : resolve(kept);
const only = option("only")?.split(",");
const environment = (script) =>
  execFileSync("bash", [join(root, "scripts", script)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  })
    .trim()
    .split("\n")
    .at(-1);

let [passed, failed] = [0, 0];
function check(name, good, detail = "") {
  if (good) passed += 1;
  else failed += 1;
  console.log(`${good ? "ok  " : "FAIL"} ${name}${detail === "" ? "" : ` (${detail})`}`);
}

/** Runs a command of ours and gives its exit code, its JSON and its process. */
function mede2(...args) {
  const child = spawn(
    process.execPath,
    [join(root, "packages/cli/bin/mede2.mjs"), ...args, "--workspace", work, "--json"],
    {
      cwd: work,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, MEDE2_ENGINE_DIR: "" },
    },
  );
  let [out, errors] = ["", ""];
  child.stdout.on("data", (text) => (out += text));
  child.stderr.on("data", (text) => (errors += text));
  const done = new Promise((settle) => {
    child.on("exit", (code) => {
      const line = out.trim().split("\n").at(-1) ?? "";
      settle({ code, json: line.startsWith("{") ? JSON.parse(line) : {}, errors });
    });
  });
  return { child, done };
}

const eventsOf = (run) =>
  readFileSync(join(work, "runs", run, "events.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const stepsOf = (run) => {
  const last = new Map();
  for (const event of eventsOf(run)) if (event.type === "step-end") last.set(event.step, event);
  return [...last.values()].sort((a, b) => a.step - b.step);
};
const lossesOf = (run) => stepsOf(run).map(({ loss }) => loss);
const checkpointOf = (run) => {
  const folder = join(work, "runs", run, "checkpoints");
  return join(
    folder,
    readdirSync(folder)
      .filter((name) => /^step-\d+$/.test(name))
      .sort()
      .at(-1),
  );
};
const breachesOf = (run) => eventsOf(run).filter(({ type }) => type === "invariant-broken");
const largest = (a, b) => Math.max(...a.map((value, index) => Math.abs(value - b[index])));

async function train(run, plan) {
  const file = join(work, `${run}.plan.json`);
  writeFileSync(file, JSON.stringify(plan));
  const { code, json, errors } = await mede2("train", file, "--out", join(work, "runs", run)).done;
  if (code !== 0) console.error(errors.split("\n").slice(-6).join("\n"));
  return { code, ...json };
}

const swift = environment("swift-env.sh");
const parity = environment("parity-env.sh");
console.log(`environments: ${swift}, ${parity}`);
mkdirSync(work, { recursive: true });
const world = await writeSampleWorld(work, join(root, "packages/recipes/models/tiny"));
const stage1 = () => checkpointOf("stage1");

const parts = {
  async stage1() {
    const done = await train("stage1", world.stage1Plan("ms-swift"));
    check(
      "Stage I by ms-swift: all steps, no invariant broken",
      done.code === 0 && done.steps === 8 && breachesOf("stage1").length === 0,
      `loss ${done.loss?.first} → ${done.loss?.last}`,
    );
    const output = readFileSync(join(work, "runs/stage1/engine/launch/job.log"), "utf8");
    check("the first row's tokens are ours", /\[INPUT_IDS\] \[151644/.test(output));
    await sameNumbers("stage1", stage1());
  },

  async resume() {
    const plan = world.stage1Plan("ms-swift");
    const file = join(work, "killed.plan.json");
    writeFileSync(file, JSON.stringify(plan));
    const { done } = mede2("train", file, "--out", join(work, "runs/killed"));
    const marker = join(work, "runs/killed/engine/output/checkpoint-4/trainer_state.json");
    for (let waited = 0; !existsSync(marker) && waited < 1200; waited++) await sleep(500);
    await sleep(200);
    const { group } = JSON.parse(readFileSync(join(work, "runs/killed/engine/launch/started.json"), "utf8"));
    process.kill(-group, "SIGKILL");
    const killed = await done;
    check(
      "killed: the run failed and says how to go on",
      killed.code === 1 && /resume/.test(killed.json.error?.next ?? killed.errors),
    );
    const again = await mede2("train", "--resume", join(work, "runs/killed")).done;
    check("resumed: all steps", again.code === 0 && again.json.steps === 8);
    const difference = largest(lossesOf("killed"), lossesOf("stage1"));
    check(
      "resumed: the losses of the run that was not killed",
      difference < 1e-6,
      `largest difference ${difference}`,
    );
    const bytes = (run) => readFileSync(join(checkpointOf(run), "adapter_model.safetensors"));
    check("resumed: the same adapter, bit by bit", bytes("killed").equals(bytes("stage1")));
  },

  async stage2() {
    const plan = (loss) => world.stage2Plan("ms-swift", { adapter: stage1(), loss });
    const dpo = await train("stage2", plan({ name: "dpo", beta: 0.1 }));
    check(
      "Stage II by ms-swift: DPO from Stage I starts at ln 2",
      dpo.code === 0 && Math.abs(dpo.loss.first - Math.LN2) < 1e-4,
      `${dpo.loss?.first}`,
    );
    const mpo = await train("mpo", plan({ name: "mpo", beta: 0.1 }));
    const first = stepsOf("mpo")[0];
    check(
      "the MPO mix starts at 0.8318 beside its likelihood",
      mpo.code === 0 && Math.abs(first.loss - first.nll - 1.2 * Math.LN2) < 1e-3,
      `${first?.loss - first?.nll}`,
    );
    await sameNumbers("stage2", checkpointOf("stage2"));
  },

  async reference() {
    const file = join(work, "mistake.plan.json");
    writeFileSync(file, JSON.stringify(world.stage2Plan("ms-swift", { adapter: stage1() })));
    const { engineOf, superviseRun, launcherOf } = await import("../packages/engines/dist/index.js");
    const { createRun } = await import("../packages/runs/dist/index.js");
    const plan = JSON.parse(readFileSync(file, "utf8"));
    const { dir, manifest } = await createRun({
      workspace: work,
      plan,
      code: { version: "0" },
      data: [],
      id: "mistake",
    });
    const context = { workspace: work, imageStore: ".mede2/images", engineDir: resolve(swift, "../..") };
    const emit = async (folder) => {
      const run = await engineOf("ms-swift").emit(plan, folder, context);
      const yaml = join(folder, "train.yaml");
      writeFileSync(yaml, readFileSync(yaml, "utf8").replace(/^ref_adapters: .*\n/m, ""));
      return run;
    };
    const settings = {
      manifest,
      plan,
      workspace: work,
      emit,
      launcher: launcherOf("local"),
      target: { name: "local" },
    };
    const fault = await superviseRun(dir, { ...settings, signal: new AbortController().signal }).catch(
      (error) => error,
    );
    check(
      "the base as reference by mistake: ended, with the cause",
      fault.code === "invariant-broken" && /most likely it is the base/.test(fault.message),
      fault.message,
    );
  },

  async two() {
    const done = await train(
      "two",
      world.stage1Plan("ms-swift", { launcher: { name: "local", processesPerNode: 2 } }),
    );
    const difference = largest(lossesOf("two"), lossesOf("stage1"));
    check(
      "two processes by torchrun: the losses of one",
      done.code === 0 && difference < 1e-4,
      `largest difference ${difference}`,
    );
  },

  async curves() {
    const more = { adapter: stage1() };
    const steps = { schedule: { name: "constant", learningRate: 1e-3, steps: 8 } };
    await train("curve-swift", world.stage1Plan("ms-swift", { ...more, ...steps }));
    await train("curve-trl", world.stage1Plan("trl", { ...more, ...steps }));
    await train(
      "curve-own",
      world.stage1Plan("embedded", { ...more, ...steps, settings: { wholeTurn: true } }),
    );
    for (const peer of ["swift", "trl"]) {
      const difference = largest(lossesOf("curve-own"), lossesOf(`curve-${peer}`));
      check(
        `loss curve of the embedded engine and ${peer}`,
        difference < 2e-3,
        `largest difference ${difference} over 8 steps`,
      );
    }
    check(
      "the embedded engine goes on from ms-swift's adapter",
      lossesOf("curve-own")[0] < lossesOf("stage1")[0],
    );
    const back = await train("back", world.stage2Plan("ms-swift", { adapter: checkpointOf("curve-own") }));
    check(
      "ms-swift goes on from the embedded engine's adapter",
      back.code === 0 && Math.abs(back.loss.first - Math.LN2) < 1e-4,
    );
  },

  async full() {
    const { lora: _, ...plan } = world.stage1Plan("ms-swift", {
      schedule: { name: "constant", learningRate: 1e-4, steps: 4 },
      batch: { size: 2, accumulation: 1, maxTokens: 700, checkpointEvery: 2, keepCheckpoints: 2 },
    });
    const done = await train("full", plan);
    check("full training by ms-swift", done.code === 0 && breachesOf("full").length === 0);
    const resumed = "full-resumed";
    const file = join(work, `${resumed}.plan.json`);
    writeFileSync(file, JSON.stringify(plan));
    const running = mede2("train", file, "--out", join(work, "runs", resumed));
    const marker = join(work, "runs", resumed, "engine/output/checkpoint-2/trainer_state.json");
    for (let waited = 0; !existsSync(marker) && waited < 1200; waited++) await sleep(500);
    const { group } = JSON.parse(
      readFileSync(join(work, "runs", resumed, "engine/launch/started.json"), "utf8"),
    );
    try {
      process.kill(-group, "SIGKILL");
    } catch {
      // it was quicker
    }
    await running.done;
    const again = await mede2("train", "--resume", join(work, "runs", resumed)).done;
    const difference = largest(lossesOf(resumed), lossesOf("full"));
    check(
      "full training resumed: not from the base",
      again.code === 0 && difference < 1e-5,
      `largest difference ${difference}`,
    );
    const { state } = await trainer.loadModel(checkpointOf("full"));
    check("a full checkpoint of ms-swift (nested config) opens here", state.parameters.size > 20);
  },
};

/** Log-probabilities, greedy replies and pictures of an adapter by our engine, compared by transformers and PEFT. */
async function sameNumbers(name, adapter) {
  const out = join(work, `numbers-${name}`);
  mkdirSync(out, { recursive: true });
  const store = imagePackage.openImageStore(join(work, ".mede2/images"));
  const pairs = readFileSync(join(work, "data/stage2.pairs.jsonl"), "utf8").trim().split("\n");
  const refs = pairs.slice(0, 3).map((line) => JSON.parse(line).question.images[0]);
  const cases = await casesOf(out, name, {
    model: join(work, "model"),
    adapter,
    store,
    refs,
    path: (path) => path,
    chat: false,
  });
  writeFileSync(join(out, "cases.json"), JSON.stringify({ cases }));
  try {
    const said = execFileSync(
      parity,
      [join(root, "python/live_parity.py"), "folders", join(out, "cases.json")],
      { encoding: "utf8" },
    );
    check(`${name}: PEFT and our engine give the same numbers`, true, said.trim().split("\n").at(-1));
  } catch (error) {
    check(
      `${name}: PEFT and our engine give the same numbers`,
      false,
      String(error.stdout).trim().split("\n").slice(-4).join("; "),
    );
  }
}

for (const [name, run] of Object.entries(parts)) {
  if (only !== undefined && !only.includes(name)) continue;
  const started = Date.now();
  try {
    await run();
  } catch (error) {
    check(name, false, error.stack ?? String(error));
  }
  console.log(`     ${name}: ${Math.round((Date.now() - started) / 1000)} s`);
}
if (kept === undefined && failed === 0) rmSync(work, { recursive: true });
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
