// N pairs
import { ops } from "@mede2/onnx";
import { logRatios } from "./dpo.ts";
import type { PairLoss } from "./preference-loss.ts";

/** max(0, 1 − β · margin) (SLiC-HF, arXiv 2305.10425, with rewards as in RSO, arXiv 2309.06657; TRL `hinge`). 1 at step 0. */
export function hinge(beta: number): PairLoss {
  return (g, inputs) => {
    const ratios = logRatios(g, inputs);
    const margin = ops.mul(g, ops.sub(g, ratios.chosen, ratios.rejected), inputs.beta ?? beta);
    return ops.relu(g, ops.sub(g, 1, margin));
  };
}
