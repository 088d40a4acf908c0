// Emitted configurations of every kind against the engines' own parsers: ms-swift's, TRL's and PEFT's dataclasses, and those of LLaMA-Factory as they are published.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeSampleWorld } from "../../packages/engines/test/sample-world.mjs";
import { root } from "../lib/workspace.mjs";
import { tiny } from "./workshop.mjs";

const targetModel = "/models/base";
const outside = { settings: { targetModel, pairWeights: "ignore" } };
const cluster = { device: "cuda", launcher: { name: "slurm", nodes: 2, gpusPerNode: 4, time: "1:00:00" } };
const large = { batch: { size: 1, accumulation: 16, maxTokens: 700, checkpointEvery: 2 } };
const shared = (parallelism) => ({ settings: { ...outside.settings, parallelism, recompute: true } });
const withLora = (plan, more) => ({ ...plan, lora: { ...plan.lora, ...more } });
const inFull = ({ lora: _, ...plan }) => plan;

/** Plans of every kind that an engine takes, by name. */
function plansOf(engine, world) {
  const stage1 = (more) => world.stage1Plan(engine, { ...outside, ...more });
  const stage2 = (loss, more) => world.stage2Plan(engine, { ...outside, adapter: "stage1", loss, ...more });
  const dpo = { name: "dpo", beta: 0.1 };
  const wsd = { name: "wsd", learningRate: 1e-5, warmupRatio: 0.1, decayRatio: 0.25, epochs: 2 };
  const floor = { name: "cosine", learningRate: 1e-4, minLearningRate: 1e-6, warmupSteps: 2, epochs: 1 };
  const plans = {
    "sft, LoRA": stage1({}),
    "sft, cosine to a floor": stage1({ schedule: floor }),
    "sft, linear": stage1({ schedule: { name: "linear", learningRate: 1e-4, warmupRatio: 0.1, epochs: 1 } }),
    "sft, in full, wsd": inFull(stage1({ schedule: wsd })),
    "sft, rsLoRA and DoRA": withLora(stage1({}), { rs: true, dora: true }),
    "sft, in full, ZeRO-3, two nodes": inFull(stage1({ ...cluster, ...large, ...shared("zero3") })),
    dpo: stage2(dpo),
    "dpo with likelihood": stage2({ ...dpo, nllWeight: 0.5 }),
    mpo: stage2({ name: "mpo", beta: 0.1 }),
    "mpo, ZeRO-2, two nodes": stage2(
      { name: "mpo", beta: 0.1 },
      { ...cluster, ...large, ...shared("zero2") },
    ),
    hinge: stage2({ name: "hinge", beta: 0.1 }),
  };
  if (engine !== "llama-factory")
    Object.assign(plans, {
      "dpo, robust": stage2({ ...dpo, labelSmoothing: 0.1, robust: true }),
      "apo-zero": stage2({ name: "apo-zero", beta: 0.1 }),
      "bco-pair": stage2({ name: "bco-pair", beta: 0.1 }),
      "dpo, in full, ZeRO-1": inFull(
        stage2(dpo, { adapter: undefined, ...cluster, ...large, ...shared("zero1") }),
      ),
    });
  if (engine === "ms-swift") {
    Object.assign(plans, {
      "dpo, smoothed": stage2({ ...dpo, labelSmoothing: 0.1 }),
      "sft, QLoRA": withLora(stage1({ device: "cuda" }), { base: "nf4" }),
      "mpo, QLoRA, ZeRO-2": withLora(
        stage2({ name: "mpo", beta: 0.1 }, { ...cluster, ...large, ...shared("zero2") }),
        { base: "nf4" },
      ),
      "sft, flash attention": stage1({
        device: "cuda",
        settings: { targetModel, attention: "flash_attention_2" },
      }),
      "sft, from the Hub": stage1({ settings: { targetModel: "Qwen/Qwen2.5-VL-7B-Instruct" } }),
    });
  }
  return plans;
}

export async function checkArguments({ check, skip, swift, parity }) {
  const { engineOf } = await import("../../packages/engines/dist/index.js");
  const work = mkdtempSync(join(tmpdir(), "mede2-arguments-"));
  const worlds = {};
  for (const family of ["qwen2_5_vl", "internvl"]) {
    const folder = join(work, family);
    mkdirSync(folder);
    const some = { weights: false, demonstrations: 6, pairs: 4, heldOut: 1 };
    worlds[family] = { folder, ...(await writeSampleWorld(folder, tiny, { ...some, family })) };
  }
  const pythons = { "ms-swift": swift, trl: parity, "llama-factory": parity };
  const files = { "ms-swift": "train.yaml", trl: "train.json", "llama-factory": "train.json" };
  try {
    for (const [engine, python] of Object.entries(pythons)) {
      const cases = [];
      const families = engine === "trl" ? ["qwen2_5_vl"] : ["qwen2_5_vl", "internvl"];
      for (const family of families) {
        const { folder, ...world } = worlds[family];
        const context = { workspace: folder, imageStore: ".mede2/images" };
        for (const [name, plan] of Object.entries(plansOf(engine, world))) {
          const dir = join(folder, `${engine}-${cases.length}`, "engine");
          await engineOf(engine).emit(JSON.parse(JSON.stringify(plan)), dir, context);
          const action = plan.kind === "preference" ? "rlhf" : "sft";
          const model = engine === "ms-swift" ? { model: join(folder, "model"), layers: 2 } : {};
          cases.push({
            name: `${engine}, ${family}: ${name}`,
            action,
            file: join(dir, files[engine]),
            ...model,
          });
        }
      }
      const list = join(work, `${engine}.json`);
      writeFileSync(list, JSON.stringify(cases));
      const more = engine === "llama-factory" ? llamaFactory(work, python, skip) : [];
      if (more === undefined) continue;
      const args = [join(root, "python/check_engine_arguments.py"), engine, list, ...more];
      const title = `${engine}: ${cases.length} configurations are read by its own parser`;
      try {
        const said = execFileSync(python, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
        check(title, said.trim().endsWith(`${cases.length} passed, 0 failed, 0 skipped`));
      } catch (error) {
        const faults = String(error.stdout)
          .split("\n")
          .filter((line) => line.startsWith("FAIL"));
        check(title, false, faults.join("\n     ") || error.message);
      }
    }
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** The published package of LLaMA-Factory, unpacked and not installed; undefined, with the reason told, where it cannot be had. */
function llamaFactory(work, python, skip) {
  const folder = join(work, "llama-factory");
  mkdirSync(folder);
  try {
    const pip = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"];
    execFileSync(python, [...pip, "llamafactory==0.9.5", "--dest", folder], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const [wheel] = readdirSync(folder);
    execFileSync(python, ["-m", "zipfile", "-e", join(folder, wheel), folder]);
  } catch (error) {
    skip(
      "llama-factory: its arguments",
      `its package cannot be had (${String(error.stderr ?? error)
        .trim()
        .split("\n")
        .at(-1)})`,
    );
    return undefined;
  }
  return existsSync(join(folder, "llamafactory")) ? [folder] : undefined;
}
