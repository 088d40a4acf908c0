import type { PlanData, TrainingPlan } from "@mede2/schemas";

export type SampleWorld = {
  readonly data: Readonly<Record<"stage1" | "stage1HeldOut" | "stage2" | "stage2HeldOut", PlanData>>;
  stage1Plan(engine: TrainingPlan["engine"], more?: Partial<TrainingPlan>): TrainingPlan;
  stage2Plan(engine: TrainingPlan["engine"], more?: Partial<TrainingPlan>): TrainingPlan;
};

export function writeSampleWorld(
  workspace: string,
  tiny: string,
  settings?: {
    readonly demonstrations?: number;
    readonly pairs?: number;
    readonly heldOut?: number;
    readonly weights?: boolean;
    readonly names?: "published" | "v5";
    readonly seed?: number;
    readonly family?: "qwen2_5_vl" | "internvl";
    readonly pairWeight?: (index: number) => number;
  },
): Promise<SampleWorld>;
