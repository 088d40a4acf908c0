export type ScheduleSettings = {
  readonly name: "constant" | "linear" | "cosine";
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly steps: number;
  readonly minLearningRate: number;
};

/** Learning rate of step `step` (from 1). The warm-up rises linearly from 0; the first step is already above it. */
export function learningRateAt(step: number, settings: ScheduleSettings): number {
  const { learningRate, warmupSteps, steps, minLearningRate } = settings;
  if (step <= warmupSteps) return (learningRate * step) / warmupSteps;
  if (settings.name === "constant") return learningRate;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, steps - warmupSteps));
  const share = settings.name === "linear" ? 1 - progress : 0.5 * (1 + Math.cos(Math.PI * progress));
  return minLearningRate + (learningRate - minLearningRate) * share;
}
