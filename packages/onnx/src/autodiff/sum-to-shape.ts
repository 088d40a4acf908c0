import type { GraphBuilder } from "../builder.ts";
import { GraphError } from "../graph-error.ts";
import { describe, sameShape } from "../ir/dtype.ts";
import type { Shape, Tensor } from "../ir/types.ts";
import { reduceSum } from "../ops/reduction.ts";

/** Undoes broadcasting: sums `x` over the axes that were stretched from `shape` to the shape of `x`. */
export function sumToShape(g: GraphBuilder, x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const added = x.shape.length - shape.length;
  const leading = Array.from({ length: Math.max(0, added) }, (_, axis) => axis);
  const lowered = leading.length === 0 ? x : reduceSum(g, x, leading, false);
  const stretched = shape.flatMap((dim, axis) => (dim === 1 && lowered.shape[axis] !== 1 ? [axis] : []));
  const result = stretched.length === 0 ? lowered : reduceSum(g, lowered, stretched, true);
  if (!sameShape(result.shape, shape))
    throw new GraphError(
      "gradient-shape",
      `a gradient ${describe(x)} cannot belong to a value of shape [${shape.join(", ")}]`,
    );
  return result;
}
