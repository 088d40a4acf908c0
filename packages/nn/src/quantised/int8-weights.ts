// I inputs · O outputs · b = I / 32 blocks of a row
import { type GraphBuilder, ops, type Tensor } from "@mede2/onnx";
import { NnFault } from "../fault.ts";
import type { Weights } from "../layers/weights.ts";

/** Elements of a row that share a scale. */
export const int8Block = 32;

/** A weight in eight bits with one scale for each 32 elements of a row, the largest absolute value among them over 127: 9 bits an element. */
export type Int8 = {
  /** [O, b, 32] numbers over their scale, rounded, plus 128. Rows are filled up with 128, which is 0. */
  readonly codes: Uint8Array;
  /** [O, b] */
  readonly scales: Float32Array;
};

export function quantiseInt8(weight: Float32Array, outputs: number, inputs: number): Int8 {
  const blocks = Math.ceil(inputs / int8Block);
  const codes = new Uint8Array(outputs * blocks * int8Block).fill(128);
  const scales = new Float32Array(outputs * blocks);
  for (let row = 0; row < outputs; row++)
    for (let block = 0; block < blocks; block++) {
      const [from, count] = [
        row * inputs + block * int8Block,
        Math.min(int8Block, inputs - block * int8Block),
      ];
      let most = 0;
      for (let i = from; i < from + count; i++) most = Math.max(most, Math.abs(weight[i]!));
      const at = row * blocks + block;
      scales[at] = most / 127;
      const inverse = most === 0 ? 0 : 127 / most;
      for (let i = 0; i < count; i++)
        codes[at * int8Block + i] = 128 + Math.round(weight[from + i]! * inverse);
    }
  return { codes, scales };
}

/** The weight that the codes stand for. */
export function dequantiseInt8({ codes, scales }: Int8, outputs: number, inputs: number): Float32Array {
  const blocks = Math.ceil(inputs / int8Block);
  return Float32Array.from({ length: outputs * inputs }, (_, i) => {
    const [row, column] = [Math.floor(i / inputs), i % inputs];
    const at = row * blocks + Math.floor(column / int8Block);
    return (codes[at * int8Block + (column % int8Block)]! - 128) * scales[at]!;
  });
}

/** Whether generation may multiply with a weight in eight bits: the matrices of the decoder's layers and its head. */
export function mayBeInt8(key: string, shape: readonly number[], headKey: string): boolean {
  return shape.length === 2 && (/^model\.layers\..*\.weight$/.test(key) || key === headKey);
}

/**
 * Weights of which some multiply in eight bits (`ops.matMulInt8`, activations rounded to eight bits as well). `place` puts the arrays of a weight into the graph. Asking for such
 * a weight in numbers gives its numbers: a tied head is an embedding too.
 */
export function withInt8(
  weights: Weights,
  shapes: ReadonlyMap<string, readonly number[]>,
  isInt8: (key: string) => boolean,
  place: (g: GraphBuilder, key: string) => { readonly codes: Tensor; readonly scales: Tensor },
): Weights {
  const own = (key: string): Tensor => weights(key);
  return Object.assign(own, {
    product(g: GraphBuilder, key: string, x_RI: Tensor): Tensor | undefined {
      if (!isInt8(key)) return weights.product?.(g, key, x_RI);
      const [outputs, inputs] = shapes.get(key) as readonly [number, number];
      if (outputs === undefined || inputs === undefined)
        throw new NnFault("key-unknown", `the model has no matrix named ${key}`);
      return ops.matMulInt8(g, x_RI, { ...place(g, key), outputs, inputs, blockSize: int8Block }, true);
    },
  });
}
