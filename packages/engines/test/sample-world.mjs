// A workspace to hand over: the random model with published ids, text-only demonstrations, pairs with pictures, held-out rows, and plans on them. Used by the tests and by
// scripts/check-engines.mjs. Same arguments, same bytes.
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  renderWardImage,
  wardCases,
  wardChain,
  wardDemonstration,
  wardImageOf,
  wardQuestion,
} from "@mede2/data";
import { encodePng, openImageStore } from "@mede2/images";
import { sha256Hex, withId } from "@mede2/schemas";
import { writeInternVlModel } from "./internvl-model.mjs";
import { writePublishedModel } from "./published-model.mjs";

const scorer = { name: "sample", version: "1", rubric: "sample", mode: "programmatic", judges: [] };

function traceOf(question, text) {
  const trace = {
    ...{
      record: "trace",
      v: 1,
      questionId: question.id,
      by: { kind: "template", name: "sample" },
      stage: null,
    },
    ...{
      images: question.images.length > 0 ? "real" : "none",
      imageHashes: question.images.map(({ sha256 }) => sha256),
    },
    ...{ promptHash: sha256Hex("sample"), sample: null, text, reasoning: null, steps: [] },
    answer: { status: "unparsed", rule: "none", span: null },
    ...{ finish: "stop", tokens: { prompt: 0, completion: 0 } },
  };
  return withId(trace);
}

const ratingOf = (trace, total) => ({
  ...{ record: "rating", v: 1, traceId: trace.id, scorer, gates: {}, criteria: {}, total },
});

/** A pair on a case with its picture: its own chain against the next case's. */
async function pairOf(store, wardCase, other, seed, weight) {
  const imageRef = await store.put(await encodePng(renderWardImage(wardImageOf(wardCase))));
  const question = wardQuestion(wardCase, { form: "image", imageRef });
  const chosen = traceOf(question, wardChain(wardCase, { seed }));
  const rejected = traceOf(question, wardChain(other, { seed: seed + 1 }));
  return withId({
    ...{ record: "preference-pair", v: 1, question, chosen, rejected },
    ratings: { chosen: ratingOf(chosen, 1), rejected: ratingOf(rejected, 0) },
    ...{ negativeKind: "wrong-answer", margin: 1, weight },
    provenance: { plan: "sample", scorer: "sample", seed, parents: [chosen.id, rejected.id] },
    ...{ licence: question.licence, split: question.split },
  });
}

async function writeRecords(workspace, path, records, split) {
  const text = records.map((record) => `${JSON.stringify(record)}\n`).join("");
  await mkdir(join(workspace, "data"), { recursive: true });
  await writeFile(join(workspace, path), text);
  return { path, sha256: createHash("sha256").update(text).digest("hex"), split, promptStyle: "reason" };
}

/**
 * Writes the workspace and returns its data entries and what all plans share. `weights: false` leaves the model's weights out: emitting needs none.
 */
export async function writeSampleWorld(
  workspace,
  tiny,
  {
    demonstrations = 24,
    pairs = 16,
    heldOut = 4,
    weights = true,
    names = "published",
    seed = 3,
    pairWeight = () => 1,
    family = "qwen2_5_vl",
  } = {},
) {
  const internVl = family === "internvl";
  const pixels = internVl ? { min: 112 ** 2, max: 12 * 112 ** 2 } : { min: 3136, max: 12544 };
  const model = join(workspace, "model");
  if (internVl) await writeInternVlModel(model, tiny, { weights });
  else await writePublishedModel(model, tiny, { weights, names, pixels });
  const store = openImageStore(join(workspace, ".mede2/images"));
  const stage1 = wardCases({ split: "stage1", count: demonstrations + heldOut, seed });
  const stage2 = wardCases({ split: "stage2", count: pairs + heldOut + 1, seed: seed + 1 });
  const demos = stage1.map((each) => wardDemonstration(each, seed));
  const made = [];
  for (let index = 0; index < pairs + heldOut; index++)
    made.push(await pairOf(store, stage2[index], stage2[index + 1], seed, pairWeight(index)));
  const data = {
    stage1: await writeRecords(
      workspace,
      "data/stage1.demonstrations.jsonl",
      demos.slice(0, demonstrations),
      "stage1",
    ),
    stage1HeldOut: await writeRecords(
      workspace,
      "data/stage1-dev.demonstrations.jsonl",
      demos.slice(demonstrations),
      "dev",
    ),
    stage2: await writeRecords(workspace, "data/stage2.pairs.jsonl", made.slice(0, pairs), "stage2"),
    stage2HeldOut: await writeRecords(workspace, "data/stage2-dev.pairs.jsonl", made.slice(pairs), "dev"),
  };
  const template = await readFile(join(workspace, "model/chat_template.jinja"), "utf8");
  const common = {
    ...{
      record: "plan",
      v: 1,
      recipe: "sample",
      model: "model",
      seed: 7,
      threads: 1,
      device: "cpu",
      freeze: ["visual."],
    },
    optimiser: { name: "adamw", betas: [0.9, 0.98], epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 },
    lora: {
      rank: 8,
      alpha: 16,
      targets: ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
      dropout: 0,
    },
    templateHash: createHash("sha256").update(template).digest("hex"),
    pixels,
    decoding: { temperature: 0, topP: 1, maxTokens: 120 },
  };
  return {
    data,
    stage1Plan: (engine, more = {}) => ({
      ...common,
      ...{ kind: "sft", engine, data: [data.stage1, data.stage1HeldOut], loss: { name: "cross-entropy" } },
      schedule: { name: "constant", learningRate: 1e-3, steps: 8 },
      batch: {
        size: 2,
        accumulation: 1,
        maxTokens: 700,
        checkpointEvery: 4,
        evaluateEvery: 4,
        keepCheckpoints: 3,
      },
      ...more,
    }),
    stage2Plan: (engine, more = {}) => ({
      ...common,
      ...{
        kind: "preference",
        engine,
        data: [data.stage2, data.stage2HeldOut],
        loss: { name: "dpo", beta: 0.1 },
      },
      schedule: { name: "constant", learningRate: 5e-4, steps: 6 },
      batch: {
        size: 2,
        accumulation: 1,
        maxTokens: 700,
        checkpointEvery: 3,
        evaluateEvery: 3,
        keepCheckpoints: 3,
      },
      ...more,
    }),
  };
}
