import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Grid, imageTokens, qwen25VlKeys, readQwen25VlConfig } from "@mede2/nn";
import { openCheckpoint, readSafetensors, toFloat32 } from "@mede2/safetensors";
import type { Example } from "../src/examples/example.ts";
import type { ImageReader } from "../src/program/image-features.ts";
import type { ModelState } from "../src/program/model-state.ts";

/** The golden files of @mede2/nn, written by transformers, TRL and PEFT. */
export const goldens = fileURLToPath(new URL("../../nn/test/goldens/qwen2-5-vl/", import.meta.url));

export function goldenJson<T>(name: string): T {
  return JSON.parse(readFileSync(goldens + name, "utf8")) as T;
}

export function goldenTensors(name: string): Map<string, Float32Array> {
  const file = name.endsWith(".safetensors")
    ? readSafetensors(goldens + name)
    : openCheckpoint(goldens + name);
  return new Map(
    [...file.entries.keys()].map((key) => {
      const tensor = file.tensor(key);
      return [key, tensor.dtype === "I32" ? Float32Array.from(tensor.data as Int32Array) : toFloat32(tensor)];
    }),
  );
}

/** A golden checkpoint in memory, in arrays of its own. */
export function goldenModel(folder: string, weights = folder): ModelState {
  const config = readQwen25VlConfig(goldenJson(`${folder}/config.json`));
  const tensors = goldenTensors(weights);
  const shapes = qwen25VlKeys(config);
  return {
    config,
    shapes,
    parameters: new Map([...shapes.keys()].map((key) => [key, Float32Array.from(tensors.get(key)!)])),
  };
}

/** Rows of a golden case as examples; `masks` says what is supervised. Images are read by `reader`. */
export function goldenExamples(
  tensors: ReadonlyMap<string, Float32Array>,
  prefix: string,
  rows: number,
  { config }: ModelState,
  supervised: (b: number, s: number) => boolean,
): { examples: Example[]; reader: ImageReader } {
  const ids = tensors.get(`${prefix}input_ids`)!;
  const mask = tensors.get(`${prefix}attention_mask`)!;
  const grids = tensors.get(`${prefix}image_grid_thw`) ?? new Float32Array(0);
  const pixels = tensors.get(`${prefix}pixel_values`) ?? new Float32Array(0);
  const length = ids.length / rows;
  const images = new Map<string, { pixelValues: Float32Array; grid: Grid }>();
  const patches = [...Array(grids.length / 3).keys()].map(
    (i) => grids[3 * i]! * grids[3 * i + 1]! * grids[3 * i + 2]!,
  );
  const values =
    pixels.length /
    Math.max(
      1,
      patches.reduce((sum, each) => sum + each, 0),
    );
  let at = 0;
  patches.forEach((count, i) => {
    const grid: Grid = [grids[3 * i]!, grids[3 * i + 1]!, grids[3 * i + 2]!];
    images.set(hashOf(i), { grid, pixelValues: pixels.subarray(at, at + count * values) });
    at += count * values;
  });
  let next = 0;
  const examples = Array.from({ length: rows }, (_, b): Example => {
    const real = [...Array(length).keys()].filter((s) => mask[b * length + s] === 1);
    const tokens = Int32Array.from(real, (s) => ids[b * length + s]!);
    let left = tokens.filter((id) => id === config.tokens.image).length;
    const own: Example["images"][number][] = [];
    while (left > 0) {
      const { grid } = images.get(hashOf(next))!;
      own.push({ ref: { sha256: hashOf(next++), mime: "image/png", width: 1, height: 1 }, grid });
      left -= imageTokens(grid, config);
    }
    return {
      id: String(b),
      tokens,
      supervised: Uint8Array.from(real, (s) => (supervised(b, s) ? 1 : 0)),
      images: own,
    };
  });
  return { examples, reader: async ({ ref }) => images.get(ref.sha256)! };
}

function hashOf(index: number): string {
  return String(index).padStart(64, "0");
}

/** ‖a − b‖ / ‖b‖. */
export function relativeDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) throw new Error(`lengths ${a.length} and ${b.length} differ`);
  let [difference, norm] = [0, 0];
  a.forEach((value, i) => {
    difference += (value - b[i]!) ** 2;
    norm += b[i]! ** 2;
  });
  return Math.sqrt(difference / Math.max(norm, 1e-20));
}
