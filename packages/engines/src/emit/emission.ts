import type { TrainingPlan } from "@mede2/schemas";
import type { ModelSide } from "../data/row-encoding.ts";
import { type EngineSettings, processesOf, type SplitBatch } from "../settings.ts";

/** Everything an emitter needs: the plan, what was made of it, and the places on the machine that computes (absolute). */
export type Emission = {
  readonly plan: TrainingPlan;
  readonly settings: EngineSettings;
  readonly side: ModelSide;
  readonly batch: SplitBatch;
  readonly processes: { readonly nodes: number; readonly perNode: number };
  readonly steps: number;
  /** Rows that are evaluated on; 0 for none. */
  readonly validationRows: number;
  readonly paths: {
    /** The emitted folder. */
    readonly root: string;
    /** Folder or Hub id of the model. */
    readonly model: string;
    readonly adapter: string | undefined;
    readonly train: string;
    readonly validation: string | undefined;
    readonly output: string;
  };
};

/** A file of an emitted run by its path there. */
export type TextFile = { readonly path: string; readonly text: string };

/** A shell command that keeps TERM from its own process: the engine's parent lives on while the trainer below it saves its checkpoint. */
export const deafToTerm = (command: readonly string[]): string[] => [
  "bash",
  "-c",
  `trap '' TERM; exec "$@"`,
  "mede2",
  ...command,
];

/** On a CPU no GPU is seen, and each process computes with its share of the plan's threads. */
export function deviceVariables(plan: TrainingPlan): Record<string, string> {
  if (plan.device !== "cpu") return {};
  const threads = Math.max(1, Math.floor(plan.threads / processesOf(plan).perNode));
  return { CUDA_VISIBLE_DEVICES: "", OMP_NUM_THREADS: String(threads) };
}
