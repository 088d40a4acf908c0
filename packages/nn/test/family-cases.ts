// B rows · S positions · V vocabulary · M supervised positions
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { GraphBuilder } from "@mede2/onnx";
import { gradients } from "@mede2/onnx/autodiff";
import { readSafetensors, toFloat32 } from "@mede2/safetensors";
import { logits } from "../src/families/decoder/decoder.ts";
import { imageTokens, modelKeys, nameInFile, visionBatch } from "../src/families/families.ts";
import { forward } from "../src/families/forward.ts";
import type { ModelConfig } from "../src/families/model-config.ts";
import type { Grid } from "../src/families/positions.ts";
import { type TileSizes, tilePatches } from "../src/families/tiles/tiles.ts";
import { tokenBatch } from "../src/families/token-batch.ts";
import { inputWeights } from "../src/layers/weights.ts";
import { crossEntropy } from "../src/losses/cross-entropy.ts";
import { declareTargetInputs, tokenLogProbs } from "../src/losses/token-log-probs.ts";
import { openModelFolder } from "../src/model-folder.ts";
import { maxDifference } from "./golden-cases.ts";
import { type Arrays, runGraph } from "./run-graph.ts";

export const familyGoldens = fileURLToPath(new URL("goldens/families/", import.meta.url));

/** Names of the model folders there. */
export function familyCases(): string[] {
  return readdirSync(familyGoldens).filter((name) => existsSync(`${familyGoldens}${name}/config.json`));
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

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
}

/** Largest distance of our logits, loss and gradients from the golden ones; gradients as ‖ours − theirs‖ / ‖theirs‖. */
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
  const seen = imagesOf(example);
  const layout = {
    batch: rows.length,
    length,
    ...(seen === undefined ? {} : { images: { tower: seen.batch.layout } }),
  };
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
    rows.map((tokens, b) => ({ tokens, images: seen?.ofRow[b] ?? [] })),
    length,
    config,
    0,
  );
  const result = await runGraph(g, {
    ...Object.fromEntries(parameters),
    ...packed,
    ...seen?.arrays,
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
  // a bias of keys without rotation has no gradient (softmax does not see it): what is there is rounding, and no measure of itself
  const floor = 1e-4 * Math.max(...keys.map((key) => norm(goldenGradient(example, key))));
  const [worst, name] = keys
    .map((key) => {
      const [ours, golden] = [result[`grad:${key}`]!, goldenGradient(example, key)];
      return [norm(ours.map((x, i) => x - golden[i]!)) / Math.max(norm(golden), floor), key] as const;
    })
    .reduce((a, b) => (a[0] >= b[0] ? a : b));
  return {
    logits: logitDifference,
    loss: Math.abs(result.loss![0]! - stored.get("loss")![0]!),
    gradients: worst,
    worst: name,
    compared: keys.length,
  };
}

/** Images as our processors hand them on, and which rows they belong to. */
function imagesOf({ config, stored, rows }: FamilyCase):
  | {
      readonly batch: ReturnType<typeof visionBatch>;
      readonly arrays: Arrays;
      readonly ofRow: readonly (readonly { readonly grid: Grid; readonly rows: Int32Array }[])[];
    }
  | undefined {
  const [pixels, flat] = [stored.get("pixel_values"), stored.get("grids")];
  if (pixels === undefined || flat === undefined || !("vision" in config)) return undefined;
  const { vision } = config;
  const each = "merge" in vision ? byTiles(pixels, vision) : pixels;
  const grids = Array.from(
    { length: flat.length / 3 },
    (_, i): Grid => [flat[3 * i]!, flat[3 * i + 1]!, flat[3 * i + 2]!],
  );
  const parts = grids.map((grid) => ("merge" in vision ? grid[0] : grid[0] * grid[1] * grid[2]));
  const one = each.length / parts.reduce((sum, n) => sum + n, 0);
  let at = 0;
  const images = grids.map((grid, i) => {
    const own = each.subarray(at * one, (at + parts[i]!) * one);
    at += parts[i]!;
    return { grid, pixelValues: own };
  });
  const batch = visionBatch(images, config);
  const special = config.tokens as { readonly image?: number };
  let next = 0;
  const ofRow = rows.map((tokens) => {
    let left = tokens.filter((id) => id === special.image).length;
    const own: { grid: Grid; rows: Int32Array }[] = [];
    for (; left > 0; next++) {
      own.push({ grid: grids[next]!, rows: batch.unitRows[next]! });
      left -= imageTokens(grids[next]!, config);
    }
    return own;
  });
  const { layout: _, unitRows: __, ...arrays } = batch;
  const named = Object.fromEntries(Object.entries(arrays).map(([name, data]) => [`vision.${name}`, data]));
  return { batch, arrays: named, ofRow };
}

function byTiles(pixels: Float32Array, sizes: TileSizes): Float32Array {
  const size = 3 * sizes.imageSize ** 2;
  const out = new Float32Array(pixels.length);
  for (let at = 0; at < pixels.length; at += size)
    out.set(tilePatches(pixels.subarray(at, at + size), sizes), at);
  return out;
}

function goldenGradient({ stored, config }: FamilyCase, key: string): Float32Array {
  const found = stored.get(`grad:${nameInFile(key, config, "published")}`);
  if (found === undefined) throw new Error(`no golden gradient of ${key}`);
  return found;
}
