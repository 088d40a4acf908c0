// N pairs
import { ops } from "@mede2/onnx";
import { logRatios } from "./dpo.ts";
import type { PairLoss } from "./preference-loss.ts";

/**
 * Binary classifier optimisation on pairs (arXiv 2404.04656) with reward shift δ = 0, as TRL 1.9 has it (ms-swift and LLaMA-Factory keep a running mean: `bco`):
 * −log σ(β · log-ratio of chosen) − log σ(−β · log-ratio of rejected). 2 ln 2 at step 0.
 */
export function bcoPair(beta: number): PairLoss {
  return (g, inputs) => {
    const ratios = logRatios(g, inputs);
    const strength = inputs.beta ?? beta;
    const chosen = ops.softplus(g, ops.neg(g, ops.mul(g, ratios.chosen, strength)));
    const rejected = ops.softplus(g, ops.mul(g, ratios.rejected, strength));
    return ops.add(g, chosen, rejected);
  };
}
