import type { Dim } from "../ir/types.ts";
import { intAttribute, normalAxis, operand, type ShapeContext, type ShapeRule } from "./shapes.ts";

function reducedShape(context: ShapeContext, axes: readonly number[]): Dim[] {
  const { shape } = operand(context, 0);
  const reduced = new Set(axes.map((axis) => normalAxis(axis, shape.length)));
  if (intAttribute(context, "keepdims", 1) === 1)
    return shape.map((dim, axis) => (reduced.has(axis) ? 1 : dim));
  return shape.filter((_, axis) => !reduced.has(axis));
}

const reduce: ShapeRule = (context) => {
  const x = operand(context, 0);
  const given = context.inputs[1] === undefined ? [] : context.constantValues(context.inputs[1].name);
  const axes = given.length === 0 ? x.shape.map((_, axis) => axis) : given; // no axes are all axes
  return [{ dtype: x.dtype, shape: reducedShape(context, axes) }];
};

export const reductionRules = {
  ArgMax: (context) => [{ dtype: "int64", shape: reducedShape(context, [intAttribute(context, "axis", 0)]) }],
  ReduceLogSumExp: reduce,
  ReduceMax: reduce,
  ReduceMean: reduce,
  ReduceSum: reduce,
  ReduceSumSquare: reduce,
} satisfies Record<string, ShapeRule>;
