import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openCheckpoint, readSafetensors, type SafeTensor, toFloat32 } from "@mede2/safetensors";
import { visionBatch } from "../src/families/families.ts";
import type { ForwardLayout } from "../src/families/forward.ts";
import type { ProcessedImage } from "../src/families/image-side.ts";
import type { Grid } from "../src/families/positions.ts";
import { type Qwen25VlConfig, readQwen25VlConfig } from "../src/families/qwen2-5-vl/config.ts";
import { imageTokenCount } from "../src/families/qwen2-5-vl/positions.ts";
import { tokenBatch } from "../src/families/token-batch.ts";
import type { Arrays } from "./run-graph.ts";

export const goldens = fileURLToPath(new URL("goldens/qwen2-5-vl/", import.meta.url));

export function goldenConfig(folder: string): Qwen25VlConfig {
  return readQwen25VlConfig(JSON.parse(readFileSync(`${goldens}${folder}/config.json`, "utf8")));
}

/** Tensors of a golden file or checkpoint folder, as float32 (integers included). */
export function goldenTensors(path: string): Map<string, Float32Array> {
  const file = path.endsWith(".safetensors")
    ? readSafetensors(goldens + path)
    : openCheckpoint(goldens + path);
  return new Map([...file.entries.keys()].map((name) => [name, toNumbers(file.tensor(name))]));
}

function toNumbers(tensor: SafeTensor): Float32Array {
  return tensor.dtype === "I32" ? Float32Array.from(tensor.data as Int32Array) : toFloat32(tensor);
}

export type GoldenCase = {
  readonly layout: ForwardLayout;
  readonly arrays: Arrays;
  readonly tokens: readonly number[][];
  readonly length: number;
};

/** The inputs of a case as our graphs take them. */
export function goldenCase(
  tensors: ReadonlyMap<string, Float32Array>,
  name: string,
  batch: number,
  config: Qwen25VlConfig,
): GoldenCase {
  const ids = tensors.get(`${name}.input_ids`)!;
  const mask = tensors.get(`${name}.attention_mask`) ?? new Float32Array(ids.length).fill(1);
  const length = ids.length / batch;
  const tokens = Array.from({ length: batch }, (_, b) =>
    [...ids.subarray(b * length, (b + 1) * length)].filter((_, s) => mask[b * length + s] === 1),
  );
  const images = goldenImages(tensors, name);
  if (images.length === 0) {
    const rows = tokenBatch(
      tokens.map((row) => ({ tokens: row })),
      length,
      config,
      0,
    );
    return {
      layout: { batch, length },
      arrays: { tokens: rows.tokens, cosines: rows.cosines, sines: rows.sines },
      tokens,
      length,
    };
  }
  const seen = visionBatch(images, config);
  let next = 0;
  const rows = tokens.map((row) => {
    let left = row.filter((id) => id === config.tokens.image).length;
    const own: { grid: Grid; rows: Int32Array }[] = [];
    while (left > 0) {
      const grid = images[next]!.grid;
      own.push({ grid, rows: seen.unitRows[next++]! });
      left -= imageTokenCount(grid, config.vision.spatialMerge);
    }
    return { tokens: row, images: own };
  });
  const packed = tokenBatch(rows, length, config, 0);
  return {
    layout: { batch, length, images: { tower: seen.layout } },
    arrays: {
      tokens: packed.tokens,
      cosines: packed.cosines,
      sines: packed.sines,
      imageIndex: packed.imageIndex!,
      "vision.pixels": seen.pixels,
      "vision.cosines": seen.cosines!,
      "vision.sines": seen.sines!,
      ...(seen.bias === undefined ? {} : { "vision.bias": seen.bias }),
    },
    tokens,
    length,
  };
}

function goldenImages(
  tensors: ReadonlyMap<string, Float32Array>,
  name: string,
): Pick<ProcessedImage, "pixelValues" | "grid">[] {
  const [pixels, grids] = [tensors.get(`${name}.pixel_values`), tensors.get(`${name}.image_grid_thw`)];
  if (pixels === undefined || grids === undefined) return [];
  const patches = [...Array(grids.length / 3).keys()].map(
    (i) => grids[3 * i]! * grids[3 * i + 1]! * grids[3 * i + 2]!,
  );
  const values = pixels.length / patches.reduce((sum, each) => sum + each, 0);
  let at = 0;
  return patches.map((count, i) => {
    const start = at;
    at += count * values;
    return {
      pixelValues: pixels.subarray(start, at),
      grid: [grids[3 * i]!, grids[3 * i + 1]!, grids[3 * i + 2]!],
    };
  });
}

/** Largest absolute difference. */
export function maxDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) throw new Error(`lengths ${a.length} and ${b.length} differ`);
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
}

/** ‖a − b‖ / ‖b‖. */
export function relativeDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) throw new Error(`lengths ${a.length} and ${b.length} differ`);
  const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return norm(a.map((value, i) => value - b[i]!)) / Math.max(norm(b), 1e-12);
}
