import type { ImageStore } from "@mede2/images";
import type { Processor } from "@mede2/nn";
import type { Question } from "@mede2/schemas";
import type { DemoAmounts } from "../demo/amounts.ts";
import type { BuiltPairsFile } from "../demo/pairs-step.ts";
import type { RunPlanSettings } from "../run-plan.ts";

/** What a finished demo gives to the controls that branch off from it. */
export type ArmContext = {
  readonly workspace: string;
  readonly amounts: DemoAmounts;
  readonly seed: number;
  readonly threads: number;
  readonly code: RunPlanSettings["code"];
  readonly processor: Processor;
  readonly store: ImageStore;
  readonly base: string;
  /** Checkpoint of Stage I, the pairs of Stage II, and the rated answers that they were made of. */
  readonly stage1: string;
  readonly pairs: BuiltPairsFile;
  readonly rated: string;
  readonly cases: readonly Question[];
  readonly signal?: AbortSignal;
};

export type ExperimentSettings = {
  /** Folder of the experiment: one workspace for each base and seed. */
  readonly out: string;
  readonly bases: readonly { readonly name: string; readonly folder: string }[];
  readonly seeds: readonly number[];
  readonly threads: number;
  readonly amounts?: DemoAmounts;
  /** Seeds for which these arms are trained too; default all. */
  readonly controlSeeds?: readonly number[];
  /** Names of the arms; default the controls. */
  readonly arms?: readonly string[];
  readonly code: RunPlanSettings["code"];
  readonly signal?: AbortSignal;
  readonly onProgress?: (unit: string, arm: string, done: number, total: number) => void;
};
