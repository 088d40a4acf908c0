// N pairs
import { ops } from "@mede2/onnx";
import { logRatios } from "./dpo.ts";
import type { PairLoss } from "./preference-loss.ts";

/**
 * Identity preference optimisation (arXiv 2310.12036, eq. 17, its τ is `beta`): (margin − 1 / (2β))², where the margin is that of log-ratios per
 * token, as TRL has it after asking the authors; the paper writes sums. 1 / (4β²) at step 0.
 */
export function ipo(beta: number): PairLoss {
  return (g, inputs) => {
    const ratios = logRatios(g, inputs, true);
    const target = ops.div(g, 0.5, inputs.beta ?? g.scalar(beta));
    const miss = ops.sub(g, ops.sub(g, ratios.chosen, ratios.rejected), target);
    return ops.mul(g, miss, miss);
  };
}
