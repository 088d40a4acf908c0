export type ScheduleSettings = {
  readonly name: "constant" | "linear" | "cosine" | "wsd";
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly steps: number;
  readonly minLearningRate: number;
  /** Length of the fall at the end of `wsd`. */
  readonly decaySteps?: number;
};

/**
 * Learning rate of step `step` (from 1). The warm-up rises linearly from 0; the first step is already above it. `wsd` (warm-up, stable, decay: MiniCPM, arXiv
 * 2404.06395 §4.3) stays at the top and falls along half a cosine in the last `decaySteps`, as transformers' `warmup_stable_decay` does by default.
 */
export function learningRateAt(step: number, settings: ScheduleSettings): number {
  const { learningRate, warmupSteps, steps, minLearningRate } = settings;
  if (step <= warmupSteps) return (learningRate * step) / warmupSteps;
  if (settings.name === "constant") return learningRate;
  if (settings.name === "wsd") {
    const { decaySteps = 0 } = settings;
    const into = step - (steps - decaySteps);
    if (into <= 0) return learningRate;
    const share = 0.5 * (1 + Math.cos(Math.PI * Math.min(1, into / decaySteps)));
    return minLearningRate + (learningRate - minLearningRate) * share;
  }
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, steps - warmupSteps));
  const share = settings.name === "linear" ? 1 - progress : 0.5 * (1 + Math.cos(Math.PI * progress));
  return minLearningRate + (learningRate - minLearningRate) * share;
}
