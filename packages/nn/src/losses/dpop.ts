// N pairs
import { ops } from "@mede2/onnx";
import { logRatios } from "./dpo.ts";
import type { PairLoss } from "./preference-loss.ts";

/**
 * DPO-Positive (arXiv 2402.13228, eq. 3): DPO whose margin loses `penalty` · max(0, log π_ref(chosen) − log π(chosen)), so that it does not pay to
 * make the chosen answer less likely than it was. ln 2 at step 0.
 */
export function dpop(beta: number, penalty: number): PairLoss {
  return (g, inputs) => {
    const ratios = logRatios(g, inputs);
    const lost = ops.mul(g, ops.relu(g, ops.neg(g, ratios.chosen)), penalty);
    const margin = ops.sub(g, ops.sub(g, ratios.chosen, ratios.rejected), lost);
    return ops.softplus(g, ops.neg(g, ops.mul(g, margin, inputs.beta ?? beta)));
  };
}
