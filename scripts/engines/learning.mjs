// Both stages on ms-swift and TRL, against each other and against our engine; killed and resumed; there and back.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { trainer } from "../parity/packages.mjs";
import { largest } from "./workshop.mjs";

const constant = (learningRate, steps) => ({ schedule: { name: "constant", learningRate, steps } });
const wholeTurn = { settings: { wholeTurn: true } };
const dpo = { name: "dpo", beta: 0.1 };
const mpo = { name: "mpo", beta: 0.1 };

/**
 * How far curves of engines may be apart: sums of float32 in another order, logs of eight decimals, and, where a picture is resized, another bicubic (1e-4 of a log-probability,
 * which beta takes to 1e-5 of the loss); each step passes on what the one before differed by.
 */
const closeText = 2e-5;
const closePictures = 1e-4;

export const learning = {
  async stage1({ world, train, check, breachesOf, runDir, checkpointOf, sameNumbers, work }) {
    const done = await train("stage1", world.stage1Plan("ms-swift"));
    check(
      "Stage I by ms-swift: all steps, no invariant broken",
      done.code === 0 && done.steps === 8 && breachesOf("stage1").length === 0,
      `loss ${done.loss?.first} → ${done.loss?.last}`,
    );
    const output = readFileSync(join(runDir("stage1"), "engine/launch/job.log"), "utf8");
    check("the first row's tokens are ours", /\[INPUT_IDS\] \[151644/.test(output));
    await sameNumbers("stage1", join(work, "model"), checkpointOf("stage1"));
  },

  async resume({ world, mede2, trainAndKill, check, lossesOf, runDir, checkpointOf, hasCheckpoint }) {
    const plan = world.stage1Plan("ms-swift");
    const killed = await trainAndKill("killed", plan, () => hasCheckpoint("killed", 4));
    check(
      "killed: the run failed and says how to go on",
      killed.code === 1 && /resume/.test(killed.json.error?.next ?? killed.errors),
    );
    const again = await mede2("train", "--resume", runDir("killed")).done;
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

  /** Preference plans from the adapter of Stage I: the invariant of the first step, and the curves of three engines. */
  async stage2({ world, train, check, stepsOf, lossesOf, checkpointOf, sameNumbers, work }) {
    const more = { adapter: checkpointOf("stage1"), ...constant(5e-4, 4) };
    const runs = {};
    for (const engine of ["ms-swift", "trl", "embedded"]) {
      const plan = world.stage2Plan(engine, {
        ...more,
        loss: dpo,
        ...(engine === "embedded" ? wholeTurn : {}),
      });
      runs[engine] = await train(`dpo-${engine}`, plan);
      check(
        `Stage II by ${engine}: DPO from Stage I starts at ln 2`,
        runs[engine].code === 0 && Math.abs(runs[engine].loss.first - Math.LN2) < 1e-4,
        `${runs[engine].loss?.first}`,
      );
    }
    for (const peer of ["ms-swift", "trl"]) {
      const difference = largest(lossesOf("dpo-embedded"), lossesOf(`dpo-${peer}`));
      check(
        `DPO with pictures: the loss curve of our engine and ${peer}`,
        difference < closePictures,
        `largest difference ${difference} over ${lossesOf("dpo-embedded").length} steps`,
      );
    }
    const mixed = await train("mpo", world.stage2Plan("ms-swift", { ...more, loss: mpo }));
    const first = stepsOf("mpo")[0];
    check(
      "the MPO mix of ms-swift starts at 0.8318 beside its likelihood",
      mixed.code === 0 && Math.abs(first.loss - first.nll - 1.2 * Math.LN2) < 1e-3,
      `${first?.loss - first?.nll}`,
    );
    await train("mpo-trl", world.stage2Plan("trl", { ...more, loss: mpo }));
    await train("mpo-own", world.stage2Plan("embedded", { ...more, loss: mpo, ...wholeTurn }));
    const difference = largest(lossesOf("mpo-own"), lossesOf("mpo-trl"));
    check(
      "the MPO mix: the loss curve of our engine and TRL, whose bco-pair is ours",
      difference < 10 * closePictures, // a loss of 12, ten times that of dpo
      `largest difference ${difference} over ${lossesOf("mpo-own").length} steps`,
    );
    await sameNumbers("stage2", join(work, "model"), checkpointOf("dpo-ms-swift"));
  },

  async curves({ world, mede2, train, trainAndKill, check, lossesOf, runDir, checkpointOf, hasCheckpoint }) {
    const more = { adapter: checkpointOf("stage1"), ...constant(1e-3, 8) };
    await train("curve-ms-swift", world.stage1Plan("ms-swift", more));
    await train("curve-trl", world.stage1Plan("trl", more));
    await train("curve-own", world.stage1Plan("embedded", { ...more, ...wholeTurn }));
    for (const peer of ["ms-swift", "trl"]) {
      const difference = largest(lossesOf("curve-own"), lossesOf(`curve-${peer}`));
      check(
        `Stage I: the loss curve of our engine and ${peer}`,
        difference < closeText,
        `largest difference ${difference} over ${lossesOf("curve-own").length} steps`,
      );
    }
    const killed = await trainAndKill("killed-trl", world.stage1Plan("trl", more), () =>
      hasCheckpoint("killed-trl", 4),
    );
    const again = await mede2("train", "--resume", runDir("killed-trl")).done;
    const apart = largest(lossesOf("killed-trl"), lossesOf("curve-trl"));
    check(
      "TRL killed and resumed: the losses of the run that was not killed",
      killed.code === 1 && again.code === 0 && apart < 1e-6,
      `largest difference ${apart}`,
    );
    check("our engine goes on from ms-swift's adapter", lossesOf("curve-own")[0] < lossesOf("stage1")[0]);
    const plan = world.stage2Plan("ms-swift", { adapter: checkpointOf("curve-own"), ...constant(5e-4, 1) });
    const back = await train("back", plan);
    check(
      "ms-swift goes on from our engine's adapter, which is its reference, too",
      back.code === 0 && Math.abs(back.loss.first - Math.LN2) < 1e-4,
      `${back.loss?.first}`,
    );
  },

  /** Every weight of the decoder: killed between two checkpoints, resumed, opened and continued here, and continued there from what we wrote. */
  async full({ world, mede2, train, trainAndKill, check, breachesOf, eventsOf, ...shop }) {
    const { lossesOf, runDir, checkpointOf, hasCheckpoint, sameNumbers } = shop;
    const full = (engine, model, steps, more = {}) => {
      const { lora: _, ...plan } = world.stage1Plan(engine, {
        ...constant(1e-4, steps),
        ...(model === undefined ? {} : { model }),
        batch: { size: 2, accumulation: 1, maxTokens: 700, checkpointEvery: 2, keepCheckpoints: 2 },
        ...more,
      });
      return plan;
    };
    const taken = (run) => eventsOf(run).filter(({ type }) => type === "step-end");
    const log = join(runDir("full"), "engine/output/logging.jsonl");
    const between = () => hasCheckpoint("full", 4) && /"5\/8"/.test(readFileSync(log, "utf8"));
    const killed = await trainAndKill("full", full("ms-swift", undefined, 8), between);
    check("full training by ms-swift, killed", killed.code === 1);
    const before = new Map(taken("full").map(({ step, loss }) => [step, loss]));
    const again = await mede2("train", "--resume", runDir("full")).done;
    check(
      "full training resumed: all steps, no invariant broken",
      again.code === 0 && again.json.steps === 8 && breachesOf("full").length === 0,
    );
    const twice = taken("full")
      .slice(before.size)
      .filter(({ step }) => before.has(step));
    const difference = Math.max(...twice.map(({ step, loss }) => Math.abs(loss - before.get(step))));
    check(
      "full training resumed: not from the base",
      twice.length > 0 && difference < 1e-6,
      `step ${twice[0]?.step} again, difference ${difference}`,
    );
    const checkpoint = checkpointOf("full");
    const { state } = await trainer.loadModel(checkpoint);
    check("a full checkpoint of ms-swift (nested config) opens here", state.parameters.size > 20);
    await sameNumbers("full", checkpoint);
    const on = await train("full-own", full("embedded", checkpoint, 2, wholeTurn));
    check(
      "our engine goes on from ms-swift's model",
      on.code === 0 && on.loss.first < lossesOf("full")[0],
      `${lossesOf("full")[0]} → ${on.loss?.first}`,
    );
    await train("full-again", full("embedded", checkpointOf("full-own"), 2, wholeTurn));
    await train("full-back", full("ms-swift", checkpointOf("full-own"), 2));
    const there = largest(lossesOf("full-again"), lossesOf("full-back"));
    check(
      "our model goes on in ms-swift as in our engine",
      there < closeText,
      `largest difference ${there} over 2 steps`,
    );
  },

  /** InternVL3 in the layout of transformers: pictures in tiles, another template, another place of the decoder. */
  async internvl({ ofFamily, check, skip, swift }) {
    if (spawnSync(swift, ["-c", "import timm"], { stdio: "ignore" }).status !== 0)
      return skip(
        "InternVL on ms-swift",
        `no package timm in its environment (${swift} -m pip install timm)`,
      );
    const { world, train, breachesOf, lossesOf, checkpointOf } = await ofFamily("internvl");
    const first = { ...constant(1e-3, 2), ...wholeTurn };
    await train("first", world.stage1Plan("embedded", first));
    for (const [stage, name] of [
      ["stage1Plan", "Stage I"],
      ["stage2Plan", "DPO with pictures"],
    ]) {
      const more = { adapter: checkpointOf("first"), ...constant(5e-4, 3) };
      const theirs = await train(`${stage}-ms-swift`, world[stage]("ms-swift", more));
      await train(`${stage}-own`, world[stage]("embedded", { ...more, ...wholeTurn }));
      const difference = largest(lossesOf(`${stage}-own`), lossesOf(`${stage}-ms-swift`));
      check(
        `InternVL, ${name}: the loss curve of our engine and ms-swift, no invariant broken`,
        theirs.code === 0 && breachesOf(`${stage}-ms-swift`).length === 0 && difference < closePictures,
        `largest difference ${difference} over 3 steps, from ${theirs.loss?.first}`,
      );
    }
  },
};
