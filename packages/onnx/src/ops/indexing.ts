import type { GraphBuilder } from "../builder.ts";
import type { Tensor } from "../ir/types.ts";

/** Slices of `x` along `axis` at `indices`. */
export function gather(g: GraphBuilder, x: Tensor, indices: Tensor, axis = 0): Tensor {
  return g.emit("Gather", [x, indices], { axis })[0]!;
}

/** out[i][j] = x[indices[i][j]][j] for axis 0, and so on; the shape of `indices`. */
export function gatherElements(g: GraphBuilder, x: Tensor, indices: Tensor, axis: number): Tensor {
  return g.emit("GatherElements", [x, indices], { axis })[0]!;
}

/** `x` with `updates` added at `indices`; equal indices add up. (ScatterND of the CPU provider races on equal indices.) */
export function scatterAdd(
  g: GraphBuilder,
  x: Tensor,
  indices: Tensor,
  updates: Tensor,
  axis: number,
): Tensor {
  return g.emit("ScatterElements", [x, indices, updates], { axis, reduction: "add" })[0]!;
}
