// S positions of a row · L its tokens without padding
import { type ModelConfig, rowPositions } from "@mede2/nn";
import type { Example, ExampleImage } from "../examples/example.ts";
import { roundUp } from "./round-up.ts";

/** Two examples in one row: their common beginning once, then the rest of the first, then the rest of the second, which does not see the first's. */
export type BranchedRow = {
  readonly tokens: Int32Array;
  readonly images: readonly ExampleImage[];
  /** [3, L] position of each token, as it is when its example stands alone. */
  readonly positions: Int32Array;
  /** How many tokens both begin with. */
  readonly common: number;
  /** Tokens of the first example. */
  readonly first: number;
};

export function branchedRow(a: Example, b: Example, config: ModelConfig): BranchedRow {
  const common = commonTokens(a, b);
  const first = a.tokens.length;
  const length = first + b.tokens.length - common;
  const tokens = new Int32Array(length);
  tokens.set(a.tokens);
  tokens.set(b.tokens.subarray(common), first);
  const positions = new Int32Array(3 * length);
  const [own, other] = [a, b].map(
    ({ tokens: ids, images }) =>
      rowPositions(
        ids,
        images.map(({ grid }) => grid),
        config,
      ).positions_3S,
  ) as [Int32Array, Int32Array];
  for (let axis = 0; axis < 3; axis++) {
    positions.set(own.subarray(axis * first, (axis + 1) * first), axis * length);
    const rest = other.subarray(axis * b.tokens.length + common, (axis + 1) * b.tokens.length);
    positions.set(rest, axis * length + first);
  }
  return { tokens, images: a.images, positions, common, first };
}

function commonTokens(a: Example, b: Example): number {
  const most = Math.min(a.tokens.length, b.tokens.length);
  let common = 0;
  while (common < most && a.tokens[common] === b.tokens[common]) common++;
  return common;
}

/** [rows, S, S] what is added to attention scores: 0 where a position may be seen, a large negative number where not. Rows that are missing are causal. */
export function branchedBias(packed: readonly BranchedRow[], rows: number, length: number): Float32Array {
  const bias = new Float32Array(rows * length * length);
  for (let row = 0; row < rows; row++) {
    const { common = length, first = length } = packed[row] ?? {};
    for (let s = 0; s < length; s++) {
      const at = (row * length + s) * length;
      bias.fill(-1e9, at + s + 1, at + length);
      if (s >= first) bias.fill(-1e9, at + common, at + first);
    }
  }
  return bias;
}

/**
 * Whether twos of examples are computed with less work in shared rows: they must have the same pictures, all in the common beginning. Products grow with the tokens,
 * attention with their square; a row of two long answers after a short prompt is better split. A function of the batch alone, so that a resumed run decides alike.
 */
export function worthSharing(twos: readonly (readonly [Example, Example])[], config: ModelConfig): boolean {
  if (config.text.slidingWindow !== undefined || !twos.every(([a, b]) => mayShare(a, b, config)))
    return false;
  const longest = (lengths: readonly number[]) => roundUp(Math.max(...lengths), 16);
  const apart = longest(twos.flat().map(({ tokens }) => tokens.length));
  const together = longest(twos.map(([a, b]) => a.tokens.length + b.tokens.length - commonTokens(a, b)));
  return rowWork(together, config) < 2 * rowWork(apart, config);
}

function mayShare(a: Example, b: Example, { tokens }: ModelConfig): boolean {
  const placeholder = "image" in tokens ? tokens.image : undefined;
  const common = commonTokens(a, b);
  return (
    common > 0 &&
    a.images.length === b.images.length &&
    a.images.every(({ ref }, n) => ref.sha256 === b.images[n]!.ref.sha256) &&
    (placeholder === undefined || ![a, b].some((each) => each.tokens.lastIndexOf(placeholder) >= common))
  );
}

/** Multiplications of the layers for a row of `length` positions, without the head. */
function rowWork(length: number, { text }: ModelConfig): number {
  const { hiddenSize, heads, kvHeads, headDim, intermediate } = text;
  const products = hiddenSize * (2 * heads * headDim + 2 * kvHeads * headDim + 3 * intermediate);
  return length * products + length * length * 2 * heads * headDim;
}
