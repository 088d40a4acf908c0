import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../lib/workspace.mjs";
import { nn, safetensors, trainer } from "./packages.mjs";

const { resolve } = createRequire(join(root, "packages/trainer/package.json"));
export const { GraphBuilder } = await import(pathToFileURL(resolve("@mede2/onnx")).href);

/** A golden model folder in memory, and its case: rows of tokens, labels, images. */
export async function readFamily(folder) {
  const { state: model } = await trainer.loadModel(folder);
  const file = safetensors.readSafetensors(join(folder, "case.safetensors"));
  const numbers = (key) => [...file.tensor(key).data].map(Number);
  const [batch, length] = file.entries.get("input_ids").shape;
  const [ids, mask, labels] = ["input_ids", "attention_mask", "labels"].map(numbers);
  const real = (values) =>
    Array.from({ length: batch }, (_, b) =>
      values.slice(b * length, (b + 1) * length).filter((_, s) => mask[b * length + s] === 1),
    );
  const images = file.entries.has("pixel_values")
    ? imagesOf(model, new Float32Array(file.tensor("pixel_values").data), numbers("grids"))
    : [];
  return { model, example: { rows: real(ids), labels, length, images } };
}

function imagesOf({ config: { vision } }, pixels, flat) {
  const tiled = "merge" in vision;
  const grids = Array.from({ length: flat.length / 3 }, (_, i) => flat.slice(3 * i, 3 * i + 3));
  const parts = grids.map(([t, h, w]) => (tiled ? t : t * h * w));
  const values = tiled ? inTowerOrder(pixels, vision) : pixels;
  const one = values.length / parts.reduce((sum, n) => sum + n, 0);
  let at = 0;
  return grids.map((grid, i) => {
    const own = values.subarray(at * one, (at + parts[i]) * one);
    at += parts[i];
    return { grid, pixelValues: own };
  });
}

function inTowerOrder(pixels, vision) {
  const size = 3 * vision.imageSize ** 2;
  const out = new Float32Array(pixels.length);
  for (let at = 0; at < pixels.length; at += size)
    out.set(nn.tilePatches(pixels.subarray(at, at + size), vision), at);
  return out;
}

/** The case as one micro-batch of the trainer, its tower in the graph, and the mean over supervised tokens as its loss. */
export function familyBatch({ config }, { rows, labels, length, images }) {
  const seen = images.length === 0 ? undefined : nn.visionBatch(images, config);
  let next = 0;
  const tokenRows = rows.map((tokens) => {
    const own = [];
    for (let left = tokens.filter((id) => id === config.tokens.image).length; left > 0; next++) {
      own.push({ grid: images[next].grid, rows: seen.unitRows[next] });
      left -= nn.imageTokens(images[next].grid, config);
    }
    return { tokens, images: own };
  });
  const packed = nn.tokenBatch(tokenRows, length, config, 0);
  const at = [...labels.keys()].filter((i) => i % length > 0 && labels[i] >= 0);
  const count = rows.length * length;
  const half = config.text.headDim / 2;
  return {
    layout: {
      ...{ batch: rows.length, length, supervised: at.length },
      ...(seen === undefined ? {} : { images: { tower: seen.layout } }),
    },
    feeds: {
      tokens: { data: packed.tokens, shape: [count] },
      cosines: { data: packed.cosines, shape: [count, half] },
      sines: { data: packed.sines, shape: [count, half] },
      positions: { data: BigInt64Array.from(at, (i) => BigInt(i - 1)), shape: [at.length] },
      targets: { data: BigInt64Array.from(at, (i) => BigInt(labels[i])), shape: [at.length] },
      weights: { data: new Float32Array(at.length).fill(1 / at.length), shape: [at.length] },
      ...(seen === undefined
        ? {}
        : { ...trainer.visionFeeds(seen), imageIndex: { data: packed.imageIndex, shape: [count] } }),
    },
  };
}
