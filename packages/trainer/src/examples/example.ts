import type { Grid } from "@mede2/nn";
import type { ImageRef } from "@mede2/schemas";

/** A tokenised conversation. */
export type Example = {
  readonly id: string;
  readonly tokens: Int32Array;
  /** 1 at the tokens that are learnt. */
  readonly supervised: Uint8Array;
  readonly images: readonly ExampleImage[];
};

export type ExampleImage = { readonly ref: ImageRef; readonly grid: Grid };

/** Two answers to one prompt. */
export type PairExample = {
  readonly id: string;
  readonly chosen: Example;
  readonly rejected: Example;
  readonly weight: number;
};

/** One answer, judged by itself. */
export type AnswerExample = {
  readonly id: string;
  readonly example: Example;
  /** The same prompt with the answer to another question: how far the policy is from the reference is told by such. */
  readonly mismatched: Example;
  readonly desirable: boolean;
  readonly weight: number;
};

export function supervisedCount(example: Example): number {
  return example.supervised.reduce((sum, each) => sum + each, 0);
}
