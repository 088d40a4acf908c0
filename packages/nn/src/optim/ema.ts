/**
 * Moves an average of weights on, in place: average + (1 − decay) · (weights − average), as `torch.optim.swa_utils.AveragedModel` with `get_ema_avg_fn(decay)`. The first average is
 * the weights themselves, after the first step.
 */
export function moveAverage(average: Float32Array, weights: Float32Array, decay: number): void {
  const share = 1 - decay;
  for (let i = 0; i < average.length; i++) average[i]! += share * (weights[i]! - average[i]!);
}
