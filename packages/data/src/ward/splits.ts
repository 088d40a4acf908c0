import type { WardCombinationSet } from "./held-out.ts";

export type WardSplit =
  | "pretrain"
  | "stage1"
  | "stage2"
  | "dev"
  | "dev-combination"
  | "test-case"
  | "test-combination";

interface SplitLaw {
  readonly set: WardCombinationSet;
  /** The stems of a split: those whose hash modulo 16 is one of these. Two splits never share a stem, under any seeds. */
  readonly buckets: readonly number[];
}

const laws: { readonly [S in WardSplit]: SplitLaw } = {
  pretrain: { set: "train", buckets: [0, 1, 2, 3, 4, 5] },
  stage1: { set: "train", buckets: [6, 7, 8] },
  stage2: { set: "train", buckets: [9, 10] },
  dev: { set: "train", buckets: [11] },
  "dev-combination": { set: "dev", buckets: [12] },
  "test-case": { set: "train", buckets: [13, 14] },
  "test-combination": { set: "test", buckets: [15] },
};

export const wardSplits = Object.keys(laws) as readonly WardSplit[];

export function isWardSplit(name: string): name is WardSplit {
  return Object.hasOwn(laws, name);
}

export function splitLaw(split: WardSplit): SplitLaw {
  return laws[split];
}
