// What the parts of scripts/check-engines.mjs share: a workspace with a hostile name, the two Python environments, the command, and what runs leave behind.
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
import { writeSampleWorld } from "../../packages/engines/test/sample-world.mjs";
import { root } from "../lib/workspace.mjs";
import { casesOf } from "../parity/cases.mjs";
import { images as imagePackage } from "../parity/packages.mjs";

export const tiny = join(root, "packages/recipes/models/tiny");
/** Every part runs below it: what a shell, YAML, a data set's name or a URL would read in another way. */
const hostile = `it's #1: "a" $(touch pwned) 50% & ü`;

const environment = (script) =>
  execFileSync("bash", [join(root, "scripts", script)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  })
    .trim()
    .split("\n")
    .at(-1);

/** Opens the workspace, in `kept` or a temporary folder that `close` removes. */
export async function openWorkshop(kept) {
  const swift = environment("swift-env.sh");
  const parity = environment("parity-env.sh");
  console.log(`environments: ${swift}, ${parity}`);
  const base = kept === undefined ? mkdtempSync(join(tmpdir(), "mede2-engines-")) : resolve(kept);
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const open = async (folder, family) => {
    const work = join(base, folder);
    mkdirSync(work, { recursive: true });
    rmSync(join(work, "model"), { recursive: true, force: true }); // of an earlier call: the same bytes again
    return workshopIn(work, await writeSampleWorld(work, tiny, { family }), { swift, parity, counts });
  };
  return {
    ...(await open(hostile, "qwen2_5_vl")),
    /** Another workspace, on a model of another family. */
    ofFamily: (family) => open(family, family),
    close() {
      if (kept === undefined && counts.failed === 0) rmSync(base, { recursive: true });
    },
  };
}

function workshopIn(work, world, { swift, parity, counts }) {
  /** One line of the report. */
  function check(name, good, detail = "") {
    counts[good ? "passed" : "failed"] += 1;
    console.log(`${good ? "ok  " : "FAIL"} ${name}${detail === "" ? "" : ` (${detail})`}`);
  }
  function skip(name, reason) {
    counts.skipped += 1;
    console.log(`skip ${name}: ${reason}`);
  }

  /** Runs a command of ours; `done` gives its exit code, its JSON and its errors. */
  function mede2(...args) {
    const child = spawn(
      process.execPath,
      [join(root, "packages/cli/bin/mede2.mjs"), ...args, "--workspace", work, "--json"],
      { cwd: work, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, MEDE2_ENGINE_DIR: "" } },
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

  const runDir = (run) => join(work, "runs", run);
  const eventsOf = (run) =>
    readFileSync(join(runDir(run), "events.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  /** The steps of a run; of one that was taken twice the later. */
  const stepsOf = (run) => {
    const last = new Map();
    for (const event of eventsOf(run)) if (event.type === "step-end") last.set(event.step, event);
    return [...last.values()].sort((a, b) => a.step - b.step);
  };
  /** Writes a plan for a run of this name, and removes what an earlier call left of it. */
  const planFile = (run, plan) => {
    rmSync(runDir(run), { recursive: true, force: true });
    const file = join(work, `${run}.plan.json`);
    writeFileSync(file, JSON.stringify(plan));
    return file;
  };

  /** Trains a plan to its end as the run of this name; gives what the command says and its exit code. */
  async function train(run, plan, ...options) {
    const { code, json, errors } = await mede2("train", planFile(run, plan), "--out", runDir(run), ...options)
      .done;
    if (code !== 0) console.error(errors.split("\n").slice(-6).join("\n"));
    return { code, errors, ...json };
  }

  /** Starts a plan on an outside engine and kills its process group as soon as `ready()`. */
  async function trainAndKill(run, plan, ready) {
    const { done } = mede2("train", planFile(run, plan), "--out", runDir(run));
    for (let waited = 0; !ready() && waited < 1200; waited++) await sleep(100);
    const { group } = JSON.parse(readFileSync(join(runDir(run), "engine/launch/started.json"), "utf8"));
    process.kill(-group, "SIGKILL");
    return done;
  }

  return {
    ...{
      work,
      world,
      swift,
      parity,
      counts,
      check,
      skip,
      mede2,
      planFile,
      train,
      trainAndKill,
      runDir,
      eventsOf,
      stepsOf,
    },
    lossesOf: (run) => stepsOf(run).map(({ loss }) => loss),
    breachesOf: (run) => eventsOf(run).filter(({ type }) => type === "invariant-broken"),
    /** Folder of the newest checkpoint of a run. */
    checkpointOf(run) {
      const folder = join(runDir(run), "checkpoints");
      const names = readdirSync(folder).filter((name) => /^step-\d+$/.test(name));
      return join(folder, names.sort().at(-1));
    },
    /** Whether the engine of a run has left a whole checkpoint of this step. */
    hasCheckpoint: (run, step) =>
      existsSync(join(runDir(run), `engine/output/checkpoint-${step}/trainer_state.json`)),
    /** Runs our plan by the package itself, with what `change(folder)` does to the files after they were emitted. Gives the fault. */
    async superviseChanged(run, plan, change) {
      const { engineOf, superviseRun, launcherOf } = await import("../../packages/engines/dist/index.js");
      const { createRun } = await import("../../packages/runs/dist/index.js");
      rmSync(runDir(run), { recursive: true, force: true });
      const { dir, manifest } = await createRun({
        ...{ workspace: work, plan, code: { version: "0" }, data: [], id: run },
      });
      const context = { workspace: work, imageStore: ".mede2/images", engineDir: resolve(swift, "../..") };
      const emit = async (folder) => {
        const emitted = await engineOf(plan.engine).emit(plan, folder, context);
        await change(folder);
        return emitted;
      };
      const target = { name: "local" };
      const settings = { manifest, plan, workspace: work, emit, launcher: launcherOf("local"), target };
      return superviseRun(dir, { ...settings, signal: new AbortController().signal }).catch((error) => error);
    },
    /** Log-probabilities, greedy replies and pictures of a model and adapter by our engine, compared by transformers and PEFT. */
    async sameNumbers(name, model, adapter) {
      const out = join(work, `numbers-${name}`);
      mkdirSync(out, { recursive: true });
      const store = imagePackage.openImageStore(join(work, ".mede2/images"));
      const pairs = readFileSync(join(work, "data/stage2.pairs.jsonl"), "utf8").trim().split("\n");
      const refs = pairs.slice(0, 3).map((line) => JSON.parse(line).question.images[0]);
      const asked = {
        model,
        ...(adapter === undefined ? {} : { adapter }),
        store,
        refs,
        path: (path) => path,
      };
      const cases = await casesOf(out, name, { ...asked, chat: false });
      writeFileSync(join(out, "cases.json"), JSON.stringify({ cases }));
      const told = `${name}: transformers${adapter === undefined ? "" : ", PEFT"} and our engine give the same numbers`;
      const args = [join(root, "python/live_parity.py"), "folders", join(out, "cases.json")];
      try {
        const said = execFileSync(parity, args, { encoding: "utf8" });
        check(
          told,
          true,
          /largest relative difference [^\n]*/.exec(said)?.[0] ?? said.trim().split("\n").at(-1),
        );
      } catch (error) {
        check(told, false, String(error.stdout).trim().split("\n").slice(-4).join("; "));
      }
    },
  };
}

export const largest = (a, b) =>
  a.length === b.length && a.length > 0
    ? Math.max(...a.map((value, index) => Math.abs(value - b[index])))
    : Number.POSITIVE_INFINITY;
