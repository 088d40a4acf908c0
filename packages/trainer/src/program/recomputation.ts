import type { GraphBuilder } from "@mede2/onnx";
import { liveBytes } from "./live-bytes.ts";

/**
 * What of the forward pass is computed again in the backward pass instead of being kept: `nothing`, what is `cheap` (norms, the shares of attention, the gated product of
 * the MLP), or whole `layers`. The same operations run on the same numbers, so that the bits of a step do not depend on it.
 */
export type Recomputation = "nothing" | "cheap" | "layers";

/** A fixed choice, or the least that keeps the intermediate results of a step within so many bytes, up to `most`. */
export type MemorySettings =
  | { readonly recompute: Recomputation }
  | { readonly bytes: number; readonly most: Recomputation };

/** What steps keep where nobody says: 384 MiB. Beyond, what is cheap costs 1 to 3 % of the time; layers would be a third, which nobody should lose unasked. */
export const defaultMemory: MemorySettings = { bytes: 3 * 2 ** 27, most: "cheap" };

const levels: readonly Recomputation[] = ["nothing", "cheap", "layers"];

/** The graph that the settings ask for, and what it computes again. */
export function fittedGraph(
  build: (recompute: Recomputation) => GraphBuilder,
  memory: MemorySettings = defaultMemory,
): { readonly g: GraphBuilder; readonly recompute: Recomputation } {
  if ("recompute" in memory) return { g: build(memory.recompute), recompute: memory.recompute };
  for (const recompute of levels) {
    const g = build(recompute);
    if (recompute === memory.most || liveBytes(g) <= memory.bytes) return { g, recompute };
  }
  throw new RangeError(`no recomputation is called ${memory.most}`);
}
