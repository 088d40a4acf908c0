import { sizeOf, staticShape } from "../../ir/dtype.ts";
import type { Tensor } from "../../ir/types.ts";
import { cast, div, equal, exp, mul, sub } from "../../ops/elementwise.ts";
import { expand, unsqueeze } from "../../ops/layout.ts";
import { reduceSum } from "../../ops/reduction.ts";
import type { GradientRule, NoGradient, RuleContext } from "../rule.ts";

/** Axes that the node reduces, counted from the front. */
function reducedAxes({ g, node, input }: RuleContext): number[] {
  const rank = input(0).shape.length;
  const given = (node.inputs[1] ?? "") === "" ? [] : g.constantValues(node.inputs[1]!);
  if (given.length === 0) return Array.from({ length: rank }, (_, axis) => axis); // no axes are all axes
  return given.map((axis) => (axis < 0 ? axis + rank : axis));
}

/** `x` (the result or its gradient) with the reduced axes back as ones. */
function restored(context: RuleContext, x: Tensor): Tensor {
  if (context.int("keepdims", 1) === 1) return x;
  const axes = reducedAxes(context);
  return axes.length === 0
    ? x
    : unsqueeze(
        context.g,
        x,
        [...axes].sort((a, b) => a - b),
      );
}

/** The gradient is stretched over the reduced axes, so that its shape says what it belongs to. */
function stretched(context: RuleContext, x: Tensor): Tensor {
  return expand(context.g, restored(context, x), staticShape(context.input(0)));
}

export const reductionGradients = {
  ArgMax: { none: "an index is not differentiable" },
  ReduceLogSumExp: (context, dy) => [
    () => {
      const { g, input, output } = context;
      return mul(g, restored(context, dy), exp(g, sub(g, input(0), restored(context, output(0)))));
    },
    undefined,
  ],
  /** Shared equally among equal maxima. */
  ReduceMax: (context, dy) => [
    () => {
      const { g, input, output } = context;
      const chosen = cast(g, equal(g, input(0), restored(context, output(0))), input(0).dtype);
      const share = div(g, chosen, reduceSum(g, chosen, reducedAxes(context), true));
      return mul(g, restored(context, dy), share);
    },
    undefined,
  ],
  ReduceMean: (context, dy) => [
    () => {
      const shape = staticShape(context.input(0));
      const count = sizeOf(reducedAxes(context).map((axis) => shape[axis]!));
      return mul(context.g, stretched(context, dy), 1 / count);
    },
    undefined,
  ],
  ReduceSum: (context, dy) => [() => stretched(context, dy), undefined],
  ReduceSumSquare: (context, dy) => [
    () => mul(context.g, mul(context.g, context.input(0), 2), restored(context, dy)),
    undefined,
  ],
} satisfies Record<string, GradientRule | NoGradient>;
