import type { ScheduleSettings } from "@mede2/nn";
import type { TrainingPlan } from "@mede2/schemas";

/** The schedule of a plan in steps: epochs are counted out, a warm-up share is rounded up. */
export function planSchedule({ schedule }: TrainingPlan, stepsPerEpoch: number): ScheduleSettings {
  const steps = schedule.steps ?? Math.ceil((schedule.epochs ?? 1) * stepsPerEpoch);
  return {
    name: schedule.name,
    learningRate: schedule.learningRate,
    minLearningRate: schedule.minLearningRate ?? 0,
    steps,
    ...(schedule.name === "wsd"
      ? { decaySteps: schedule.decaySteps ?? Math.ceil((schedule.decayRatio ?? 0) * steps) }
      : {}),
    warmupSteps: schedule.warmupSteps ?? Math.ceil((schedule.warmupRatio ?? 0) * steps),
  };
}
