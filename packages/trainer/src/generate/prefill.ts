// B prompts · S prompt length · K key heads · E head size · V vocabulary
import { rowPositions, tokenBatch } from "@mede2/nn";
import type { Example } from "../examples/example.ts";
import { type ImagePath, seeImages } from "../program/assemble.ts";
import type { ModelState } from "../program/model-state.ts";
import { roundUp } from "../program/round-up.ts";
import type { Compiled } from "../program/session-cache.ts";
import type { LayerCache } from "./cache.ts";

export type Prefilled = {
  readonly length: number;
  /** [B, V] after the last token of each prompt. */
  readonly logits: Float32Array;
  /** For each layer [S, B·K, E]. */
  readonly caches: readonly LayerCache[];
  /** For each prompt what is added to a token's index to get its position. */
  readonly deltas: readonly number[];
};

export type PrefillLayout = {
  readonly batch: number;
  readonly length: number;
  readonly images?: { readonly features: number };
};

/** Runs prompts, padded on the left so that all end together, and keeps their keys and values. */
export async function prefill(
  prompts: readonly Example[],
  model: ModelState,
  images: ImagePath,
  pad: number,
  compile: (layout: PrefillLayout) => Promise<Compiled>,
): Promise<Prefilled> {
  const batch = prompts.length;
  const { layers, headDim } = model.config.text;
  const length = roundUp(Math.max(...prompts.map((prompt) => prompt.tokens.length)), 16);
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
  const result = await session.run({
    tokens: { data: packed.tokens, shape: [batch * length] },
    cosines: { data: packed.cosines, shape: [batch * length, headDim / 2] },
    sines: { data: packed.sines, shape: [batch * length, headDim / 2] },
    keyBias: { data: keyBias, shape: [batch, length] },
    ...(seen === undefined
      ? {}
      : { ...seen.feeds, imageIndex: { data: packed.imageIndex!, shape: [batch * length] } }),
  });
  return {
    length,
    logits: result.logits!.data as Float32Array,
    caches: Array.from({ length: layers }, (_, layer) => ({
      keys: result[`keys.${layer}`]!.data as Float32Array,
      values: result[`values.${layer}`]!.data as Float32Array,
    })),
    deltas: prompts.map((prompt) => positionDelta(prompt, model)),
  };
}

function positionDelta(prompt: Example, { config }: ModelState): number {
  return rowPositions(
    prompt.tokens,
    prompt.images.map(({ grid }) => grid),
    config,
  ).delta;
}
