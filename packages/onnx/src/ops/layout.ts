import type { GraphBuilder } from "../builder.ts";
import { GraphError } from "../graph-error.ts";
import { isArrayDType } from "../ir/dtype.ts";
import type { Tensor } from "../ir/types.ts";

/** `x` with the sizes of `shape`; −1 is what is left, 0 copies the dimension of `x` at that place (also a symbolic one). */
export function reshape(g: GraphBuilder, x: Tensor, shape: readonly number[]): Tensor {
  return g.emit("Reshape", [x, g.ints(shape)])[0]!;
}

export function transpose(g: GraphBuilder, x: Tensor, perm: readonly number[]): Tensor {
  return g.emit("Transpose", [x], { perm })[0]!;
}

/** Elements [start, end) along `axis`. */
export function slice(g: GraphBuilder, x: Tensor, axis: number, start: number, end: number): Tensor {
  return g.emit("Slice", [x, g.ints([start]), g.ints([end]), g.ints([axis])])[0]!;
}

export function concat(g: GraphBuilder, parts: readonly Tensor[], axis: number): Tensor {
  return parts.length === 1 ? parts[0]! : g.emit("Concat", parts, { axis })[0]!;
}

/** Adds `before[axis]` and `after[axis]` elements of `value` around `x`. */
export function pad(
  g: GraphBuilder,
  x: Tensor,
  before: readonly number[],
  after: readonly number[],
  value = 0,
): Tensor {
  if (!isArrayDType(x.dtype)) throw new GraphError("pad", `cannot pad ${x.dtype}`);
  return g.emit("Pad", [x, g.ints([...before, ...after]), g.scalar(value, x.dtype)], {
    mode: "constant",
  })[0]!;
}

/** Broadcasts `x` to `shape`. */
export function expand(g: GraphBuilder, x: Tensor, shape: readonly number[]): Tensor {
  return g.emit("Expand", [x, g.ints(shape)])[0]!;
}

export function squeeze(g: GraphBuilder, x: Tensor, axes: readonly number[]): Tensor {
  return g.emit("Squeeze", [x, g.ints(axes)])[0]!;
}

export function unsqueeze(g: GraphBuilder, x: Tensor, axes: readonly number[]): Tensor {
  return g.emit("Unsqueeze", [x, g.ints(axes)])[0]!;
}
