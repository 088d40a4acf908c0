import { fail, intAttribute, normalAxis, operand, type ShapeRule } from "./shapes.ts";

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
    const x = operand(context, 0);
    if (x.shape.length !== 4) fail("the operand must be [batch, heads, sequence, head size]");
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  SimplifiedLayerNormalization: withStatistics(1),
  Softmax: same,
} satisfies Record<string, ShapeRule>;
