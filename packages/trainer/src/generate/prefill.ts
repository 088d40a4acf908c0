// B prompts · S prompt length · K key heads · E head size · V vocabulary
import { rowPositions, tokenBatch } from "@mede2/nn";
import { freeBuffers } from "../device/free-buffers.ts";
import type { Example } from "../examples/example.ts";
import { type ImagePath, seeImages } from "../program/assemble.ts";
import type { ModelState } from "../program/model-state.ts";
import { roundUp } from "../program/round-up.ts";
import type { Compiled } from "../program/session-cache.ts";
import { type LayerCache, newCache, positionsOf, putRows } from "./cache.ts";
import { type Choices, choicesOf } from "./choices.ts";

export type Prefilled = {
  readonly length: number;
  /** After the last token of each prompt. */
  readonly choices: Choices;
  /** For each layer [S + room, B·K, E], of which the prompts fill S. */
  readonly caches: readonly LayerCache[];
  /** For each prompt what is added to a token's index to get its position. */
  readonly deltas: readonly number[];
};

export type PrefillLayout = {
  readonly batch: number;
  readonly length: number;
  readonly images?: { readonly features: number };
};

/** Tokens that go through the model together: products gain nothing beyond, and what a layer makes of them is memory. */
const tokensTogether = 1024;

/** Runs prompts, padded on the left so that all end together, and keeps their keys and values, with `room` for so many positions more. */
export async function prefill(
  prompts: readonly Example[],
  room: number,
  model: ModelState,
  images: ImagePath,
  pad: number,
  compile: (layout: PrefillLayout) => Promise<Compiled>,
): Promise<Prefilled> {
  const { layers, kvHeads, headDim } = model.config.text;
  const length = roundUp(Math.max(...prompts.map((prompt) => prompt.tokens.length)), 16);
  const parts = Math.min(prompts.length, Math.ceil((prompts.length * length) / tokensTogether));
  const height = Math.ceil(prompts.length / parts);
  const stride = kvHeads * headDim;
  const caches = Array.from({ length: layers }, () => newCache(length + room, prompts.length * stride));
  const choices: Choices[] = [];
  for (let start = 0; start < prompts.length; start += height) {
    const own = prompts.slice(start, start + height);
    // one graph for all parts: the last one is filled up
    const rows = Array.from({ length: height }, (_, b) => own[b] ?? own[0]!);
    const part =
      height === prompts.length
        ? caches
        : Array.from({ length: layers }, () => newCache(length, height * stride));
    choices.push(await runPart(rows, length, part, model, images, pad, compile));
    if (part === caches) continue;
    for (const [layer, cache] of caches.entries())
      putRows(cache, prompts.length, part[layer]!, height, length, stride, start, own.length);
    freeBuffers(part.flatMap(({ keys, values }) => [keys.buffer, values.buffer]));
  }
  return {
    length,
    choices: (row, sampling, random) => choices[Math.floor(row / height)]!(row % height, sampling, random),
    caches,
    deltas: prompts.map((prompt) => positionDelta(prompt, model)),
  };
}

/** Prompts that go through the model together. Their keys and values become the first `length` positions of the caches. */
async function runPart(
  prompts: readonly Example[],
  length: number,
  caches: readonly LayerCache[],
  model: ModelState,
  images: ImagePath,
  pad: number,
  compile: (layout: PrefillLayout) => Promise<Compiled>,
): Promise<Choices> {
  const batch = prompts.length;
  const { kvHeads, headDim, vocab } = model.config.text;
  const all = prompts.flatMap((prompt) => prompt.images);
  const seen = all.length === 0 ? undefined : await seeImages(all, model, images);
  let next = 0;
  const rows = prompts.map((prompt) => ({
    tokens: prompt.tokens,
    images: prompt.images.map(({ grid }) => ({ grid, rows: seen!.rows[next++]! })),
  }));
  const packed = tokenBatch(rows, length, model.config, pad, "left");
  const keyBias = new Float32Array(batch * length);
  prompts.forEach((prompt, b) => {
    keyBias.fill(-1e9, b * length, (b + 1) * length - prompt.tokens.length);
  });
  const layout = {
    batch,
    length,
    ...(seen === undefined ? {} : { images: seen.layout as { features: number } }),
  };
  const session = await compile(layout);
  const pairs = [batch * kvHeads, headDim];
  const result = await session.run(
    {
      tokens: { data: packed.tokens, shape: [batch * length] },
      cosines: { data: packed.cosines, shape: [batch * length, headDim / 2] },
      sines: { data: packed.sines, shape: [batch * length, headDim / 2] },
      keyBias: { data: keyBias, shape: [batch, length] },
      ...(seen === undefined
        ? {}
        : { ...seen.feeds, imageIndex: { data: packed.imageIndex!, shape: [batch * length] } }),
    },
    Object.fromEntries(
      caches.flatMap(({ keys, values }, layer) => [
        [`keys.${layer}`, positionsOf(keys, 0, length, pairs)],
        [`values.${layer}`, positionsOf(values, 0, length, pairs)],
      ]),
    ),
  );
  return choicesOf(result, vocab);
}

function positionDelta(prompt: Example, { config }: ModelState): number {
  return rowPositions(
    prompt.tokens,
    prompt.images.map(({ grid }) => grid),
    config,
  ).delta;
}
