import type { Decoding, Optimiser, PlanData, TrainingPlan } from "@mede2/schemas";

/** What all embedded plans of our recipes share. */
export const adamW: Optimiser = {
  name: "adamw",
  betas: [0.9, 0.98],
  epsilon: 1e-8,
  weightDecay: 0.01,
  clipNorm: 1,
};

export const greedy: Decoding = { temperature: 0, topP: 1, maxTokens: 120 };

export type EmbeddedPlanSettings = Pick<
  TrainingPlan,
  "kind" | "recipe" | "model" | "loss" | "schedule" | "batch" | "seed" | "threads" | "templateHash"
> & {
  readonly data: readonly (PlanData & { readonly promptStyle?: string })[];
  readonly pixels: TrainingPlan["pixels"];
  readonly freeze?: readonly string[];
  readonly settings?: TrainingPlan["settings"];
  readonly reference?: string;
};

/** A complete plan for the embedded engine on the CPU. */
export function embeddedPlan(settings: EmbeddedPlanSettings): TrainingPlan {
  const { freeze = ["visual."], data, ...rest } = settings;
  return {
    record: "plan",
    v: 1,
    ...rest,
    data: [...data],
    optimiser: adamW,
    freeze: [...freeze],
    device: "cpu",
    engine: "embedded",
    decoding: greedy,
  };
}
