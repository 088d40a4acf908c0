// N pairs
import { ops, type Tensor } from "@mede2/onnx";
import { logRatios } from "./dpo.ts";
import type { PairLoss } from "./preference-loss.ts";

/**
 * Binary classifier optimisation with a reward shift (arXiv 2404.04656, eq. 9; TRL's BCOTrainer without density-ratio weights):
 * −log σ(r(chosen) − δ) − log σ(δ − r(rejected)) with r = β · log-ratio. `shift` is δ, a scalar: the running mean of all rewards, this
 * batch's included, which the caller keeps. Half of this is the mean over answers that TRL reports.
 */
export function bco(beta: number, shift: Tensor): PairLoss {
  return (g, inputs) => {
    const ratios = logRatios(g, inputs);
    const reward = (ratio: Tensor): Tensor => ops.mul(g, ratio, inputs.beta ?? beta);
    const chosen = ops.softplus(g, ops.sub(g, shift, reward(ratios.chosen)));
    const rejected = ops.softplus(g, ops.sub(g, reward(ratios.rejected), shift));
    return ops.add(g, chosen, rejected);
  };
}
