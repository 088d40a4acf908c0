import type { GraphBuilder } from "../../builder.ts";
import { GraphError } from "../../graph-error.ts";
import { isArrayDType, sizeOf, staticShape } from "../../ir/dtype.ts";
import type { Tensor } from "../../ir/types.ts";
import { cast } from "../../ops/elementwise.ts";
import { gatherElements, scatterAdd } from "../../ops/indexing.ts";
import { expand, reshape } from "../../ops/layout.ts";
import type { GradientRule, NoGradient } from "../rule.ts";

function zeros(g: GraphBuilder, shape: readonly number[], dtype: Tensor["dtype"]): Tensor {
  if (!isArrayDType(dtype)) throw new GraphError("zeros", `cannot make zeros of ${dtype}`);
  return expand(g, g.scalar(0, dtype), shape);
}

export const indexingGradients = {
  /** What was taken twice gets both gradients: a scatter that adds. */
  Gather: ({ g, input, int }, dy) => [
    () => {
      const shape = staticShape(input(0));
      const at = input(1);
      const axis = int("axis", 0) < 0 ? int("axis", 0) + shape.length : int("axis", 0);
      const count = sizeOf(staticShape(at));
      const taken = shape.map((size, own) => (own === axis ? count : size));
      const line = shape.map((_, own) => (own === axis ? count : 1));
      const indices = expand(g, reshape(g, cast(g, at, "int64"), line), taken);
      return scatterAdd(g, zeros(g, shape, dy.dtype), indices, reshape(g, dy, taken), axis);
    },
    undefined,
  ],
  GatherElements: ({ g, input, int }, dy) => [
    () => scatterAdd(g, zeros(g, staticShape(input(0)), dy.dtype), input(1), dy, int("axis", 0)),
    undefined,
  ],
  ScatterElements: ({ g, input, int, attribute }, dy) => {
    const reduction = attribute("reduction");
    if (reduction?.type !== "string" || reduction.value !== "add")
      throw new GraphError("no-gradient", "ScatterElements is differentiated for reduction=add only");
    return [() => dy, undefined, () => gatherElements(g, dy, input(1), int("axis", 0))];
  },
} satisfies Record<string, GradientRule | NoGradient>;
