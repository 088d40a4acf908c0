// I inputs · O outputs · b = O · I / 64 blocks · c = b / 256 blocks of blocks
import { type GraphBuilder, ops, type Tensor } from "@mede2/onnx";
import { NnFault } from "../fault.ts";
import type { Weights } from "../layers/weights.ts";
import { nf4Block } from "./nf4.ts";
import { type Nf4Double, scaleBlock, scaleCode } from "./nf4-double.ts";

/** Arrays of a weight in NF4 by the names under which a graph asks for them. */
export function nf4Arrays(
  key: string,
  { codes, scales, mean }: Nf4Double,
): readonly (readonly [name: string, data: Uint8Array | Float32Array])[] {
  return [
    [`${key}.nf4`, codes],
    [`${key}.nf4.scales`, scales.codes],
    [`${key}.nf4.scales.scales`, scales.scales],
    [`${key}.nf4.scales.mean`, Float32Array.of(mean)],
  ];
}

/**
 * Weights of which some are kept in NF4: their layers multiply with the codes (`ops.matMulNf4`), whose scales the graph reads out of their own eight bits. `place` puts an
 * array that a graph needs into it, as an input or as a constant. Asking for such a weight in numbers throws `weight-quantised`.
 */
export function withNf4(
  weights: Weights,
  shapes: ReadonlyMap<string, readonly number[]>,
  isNf4: (key: string) => boolean,
  place: (g: GraphBuilder, name: string, dtype: "uint8" | "float32", shape: readonly number[]) => Tensor,
): Weights {
  const own = (key: string): Tensor => {
    if (isNf4(key)) throw new NnFault("weight-quantised", `${key} is kept in NF4 and not in numbers`);
    return weights(key);
  };
  return Object.assign(own, {
    product(g: GraphBuilder, key: string, x_RI: Tensor): Tensor | undefined {
      if (!isNf4(key)) return undefined;
      const [outputs, inputs] = shapes.get(key) as readonly [number, number];
      const blocks = Math.ceil((outputs * inputs) / nf4Block);
      const put = (name: string, dtype: "uint8" | "float32", shape: readonly number[]) =>
        g.tensors.get(`${key}.nf4${name}`) ?? place(g, `${key}.nf4${name}`, dtype, shape);
      const codes = put("", "uint8", [(outputs * inputs) / 2]);
      const scaleCodes = put(".scales", "uint8", [blocks]);
      const scales = put(".scales.scales", "float32", [Math.ceil(blocks / scaleBlock), 1]);
      const mean = put(".scales.mean", "float32", [1]);
      const scales_b = spread(g, scaleCodes, scales, mean, blocks);
      return ops.matMulNf4(g, x_RI, { codes, scales: scales_b, outputs, inputs, blockSize: nf4Block });
    },
  });
}

/** The scales of the blocks, [b], from their codes. */
function spread(g: GraphBuilder, codes_b: Tensor, scales_c1: Tensor, mean: Tensor, blocks: number): Tensor {
  const whole = (scales_c1.shape[0] as number) * scaleBlock;
  const table = g.constant("float32", [256], [...scaleCode.values]);
  const values_b = ops.gather(g, table, ops.cast(g, codes_b, "int32"));
  const padded = blocks === whole ? values_b : ops.pad(g, values_b, [0], [whole - blocks]);
  const rows = ops.mul(g, ops.reshape(g, padded, [-1, scaleBlock]), scales_c1);
  const flat = ops.reshape(g, rows, [whole]);
  return ops.add(g, blocks === whole ? flat : ops.slice(g, flat, 0, 0, blocks), mean);
}

/** Whether a weight may be kept in NF4: a matrix of a layer of the decoder with an even number of elements. Embeddings, heads, norms, biases and towers stay in numbers. */
export function mayBeNf4(key: string, shape: readonly number[]): boolean {
  return /^model\.layers\..*\.weight$/.test(key) && shape.length === 2 && (shape[0]! * shape[1]!) % 2 === 0;
}
