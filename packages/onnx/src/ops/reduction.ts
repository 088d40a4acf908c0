import type { GraphBuilder } from "../builder.ts";
import type { Tensor } from "../ir/types.ts";
import type { OpName } from "../op-names.ts";

type Reduce = (g: GraphBuilder, x: Tensor, axes: readonly number[], keepDims?: boolean) => Tensor;

function reduction(op: OpName): Reduce {
  return (g, x, axes, keepDims = true) => g.emit(op, [x, g.ints(axes)], { keepdims: keepDims ? 1 : 0 })[0]!;
}

export const reduceLogSumExp = reduction("ReduceLogSumExp");
export const reduceMax = reduction("ReduceMax");
export const reduceMean = reduction("ReduceMean");
export const reduceSum = reduction("ReduceSum");
export const reduceSumSquare = reduction("ReduceSumSquare");

/** Sum of all elements, a scalar. */
export function sumAll(g: GraphBuilder, x: Tensor): Tensor {
  return x.shape.length === 0
    ? x
    : reduceSum(
        g,
        x,
        x.shape.map((_, axis) => axis),
        false,
      );
}

/** Index of the largest element along `axis`; int64. */
export function argMax(g: GraphBuilder, x: Tensor, axis: number, keepDims = false): Tensor {
  return g.emit("ArgMax", [x], { axis, keepdims: keepDims ? 1 : 0 })[0]!;
}
