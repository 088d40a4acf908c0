import { sameShape } from "../ir/dtype.ts";
import type { Dim, Tensor } from "../ir/types.ts";
import { commonType, fail, intAttribute, normalAxis, operand, type ShapeRule } from "./shapes.ts";

type Quadruple = [Tensor, Tensor, Tensor, Tensor];

const same: ShapeRule = (context) => {
  const x = operand(context, 0);
  normalAxis(intAttribute(context, "axis", -1), x.shape.length);
  return [{ dtype: x.dtype, shape: x.shape }];
};

/** Output, and per row the statistics that the backward pass needs; normalisation is over the last axis. */
function withStatistics(count: number): ShapeRule {
  return (context) => {
    const x = operand(context, 0);
    const scale = operand(context, 1);
    if (normalAxis(intAttribute(context, "axis", -1), x.shape.length) !== x.shape.length - 1)
      fail("only the last axis is normalised");
    if (scale.shape.length !== 1 || scale.shape[0] !== x.shape.at(-1))
      fail("the scale must have the size of the last axis");
    const bias = context.inputs[2];
    if (bias !== undefined && !sameShape(bias.shape, scale.shape))
      fail("the bias must have the shape of the scale");
    const row = {
      dtype: x.dtype,
      shape: x.shape.map((dim, axis) => (axis === x.shape.length - 1 ? 1 : dim)),
    };
    return [{ dtype: x.dtype, shape: x.shape }, ...Array.from({ length: count }, () => row)];
  };
}

export const normalisationRules = {
  LayerNormalization: withStatistics(2),
  LogSoftmax: same,
  RotaryEmbedding: (context) => {
    const [x, at, cosines, sines] = [0, 1, 2, 3].map((index) => operand(context, index)) as Quadruple;
    if (x.shape.length !== 4) fail("the operand must be [batch, heads, sequence, head size]");
    if (!sameShape(cosines.shape, sines.shape) || cosines.shape.length !== 2)
      fail("cosines and sines must both be [rows, half of the head size]");
    const [tokens, size] = [x.shape[2]!, x.shape[3]!];
    const [rows, half] = cosines.shape as [Dim, Dim];
    if (typeof size === "number" && typeof half === "number" && size !== 2 * half)
      fail(`rows of ${half} angles do not turn heads of ${size}`);
    if (at.dtype !== "int64" || at.shape.length !== 2)
      fail("the rows of the tokens must be int64 [batch, sequence]");
    if (typeof tokens === "number" && typeof rows === "number" && rows < tokens)
      fail(`ONNX Runtime wants as many rows as tokens: ${rows} rows for ${tokens} tokens`);
    return [{ dtype: commonType(x, cosines, sines), shape: x.shape }];
  },
  SimplifiedLayerNormalization: withStatistics(1),
  Softmax: same,
} satisfies Record<string, ShapeRule>;
