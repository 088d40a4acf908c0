// B rows · S positions · V vocabulary · M supervised positions
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { GraphBuilder } from "@mede2/onnx";
import { gradients } from "@mede2/onnx/autodiff";
import { readSafetensors, toFloat32 } from "@mede2/safetensors";
import { logits } from "../src/families/decoder/decoder.ts";
import { modelKeys } from "../src/families/families.ts";
import { forward } from "../src/families/forward.ts";
import type { ModelConfig } from "../src/families/model-config.ts";
import { tokenBatch } from "../src/families/token-batch.ts";
import { inputWeights } from "../src/layers/weights.ts";
import { crossEntropy } from "../src/losses/cross-entropy.ts";
import { declareTargetInputs, tokenLogProbs } from "../src/losses/token-log-probs.ts";
import { openModelFolder } from "../src/model-folder.ts";
import { maxDifference, relativeDifference } from "./golden-cases.ts";
import { runGraph } from "./run-graph.ts";

export const familyGoldens = fileURLToPath(new URL("goldens/families/", import.meta.url));

/** Names of the cases of one kind: `llama`, `qwen3`, … */
export function familyCases(...kinds: string[]): string[] {
  return readdirSync(familyGoldens).filter((name) => kinds.includes(name.split("-")[0]!));
}

export type FamilyCase = {
  readonly config: ModelConfig;
  readonly parameters: ReadonlyMap<string, Float32Array>;
  /** Integers too. */
  readonly stored: ReadonlyMap<string, Float32Array>;
  readonly rows: readonly number[][];
  readonly length: number;
};

export async function readFamilyCase(folder: string): Promise<FamilyCase> {
  const model = await openModelFolder(folder);
  const parameters = new Map(model.keys.map((key) => [key, toFloat32(model.tensor(key))]));
  const file = readSafetensors(`${folder}/case.safetensors`);
  const stored = new Map(
    [...file.entries.keys()].map((name) => {
      const tensor = file.tensor(name);
      const numbers =
        tensor.dtype === "I32" ? Float32Array.from(tensor.data as Int32Array) : toFloat32(tensor);
      return [name, numbers];
    }),
  );
  const [batch, length] = file.entries.get("input_ids")!.shape as [number, number];
  const mask = stored.get("attention_mask")!;
  const rows = Array.from({ length: batch }, (_, b) =>
    [...stored.get("input_ids")!.subarray(b * length, (b + 1) * length)].filter(
      (_, s) => mask[b * length + s] === 1,
    ),
  );
  return { config: model.config, parameters, stored, rows, length };
}

/** Largest distance of our logits, loss and gradients from the golden ones; gradients relative to the largest entry of each. */
export async function compareFamilyCase(example: FamilyCase): Promise<{
  logits: number;
  loss: number;
  gradients: number;
  /** Where it is. */
  worst: string;
  compared: number;
}> {
  const { config, parameters, stored, rows, length } = example;
  const g = new GraphBuilder("parity");
  const weights = inputWeights(g, modelKeys(config));
  const layout = { batch: rows.length, length };
  const hidden = forward(g, weights, config, layout);
  const head = (x: typeof hidden) => logits(g, weights, config, x);
  const labels = stored.get("labels")!;
  const at = [...labels.keys()].filter((i) => i % length > 0 && labels[i]! >= 0);
  const logProbs = tokenLogProbs(g, hidden, declareTargetInputs(g, at.length), head);
  const loss = crossEntropy(g, logProbs, g.input("weights", "float32", [at.length]));
  g.output(head(hidden), "logits");
  g.output(loss, "loss");
  const keys = [...parameters.keys()];
  gradients(g, loss, keys.map(weights)).forEach((each, i) => {
    g.output(each, `grad:${keys[i]}`);
  });
  const packed = tokenBatch(
    rows.map((tokens) => ({ tokens })),
    length,
    config,
    0,
  );
  const result = await runGraph(g, {
    ...Object.fromEntries(parameters),
    ...packed,
    positions: BigInt64Array.from(at, (i) => BigInt(i - 1)),
    targets: BigInt64Array.from(at, (i) => BigInt(labels[i]!)),
    weights: new Float32Array(at.length).fill(1 / at.length),
  });
  const { vocab } = config.text;
  const logitDifference = Math.max(
    ...rows.map((row, b) => {
      const [start, end] = [b * length * vocab, (b * length + row.length) * vocab];
      return maxDifference(result.logits!.subarray(start, end), stored.get("logits")!.subarray(start, end));
    }),
  );
  const [worst, name] = keys
    .map((key) => [relativeDifference(result[`grad:${key}`]!, goldenGradient(example, key)), key] as const)
    .reduce((a, b) => (a[0] >= b[0] ? a : b));
  return {
    logits: logitDifference,
    loss: Math.abs(result.loss![0]! - stored.get("loss")![0]!),
    gradients: worst,
    worst: name,
    compared: keys.length,
  };
}

function goldenGradient({ stored }: FamilyCase, key: string): Float32Array {
  const found = stored.get(`grad:${key}`);
  if (found === undefined) throw new Error(`no golden gradient of ${key}`);
  return found;
}
