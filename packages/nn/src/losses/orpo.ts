// N pairs
import { type GraphBuilder, ops, type Tensor } from "@mede2/onnx";
import type { PairLoss } from "./preference-loss.ts";

/**
 * The odds-ratio part of ORPO (arXiv 2403.07691, eqs. 4 and 7), without a reference: −β · log σ(log-odds of chosen − log-odds of rejected), with
 * probabilities per token (the geometric mean over the answer). Its likelihood part is `nllWeight` of the plan, 1 in the paper; TRL counts the
 * prompt's tokens in it, here the answer's tokens alone count.
 */
export function orpo(beta: number): PairLoss {
  return (g, inputs) => {
    const chosen = logOdds(g, ops.div(g, inputs.chosen, inputs.chosenTokens));
    const rejected = logOdds(g, ops.div(g, inputs.rejected, inputs.rejectedTokens));
    const loss = ops.softplus(g, ops.sub(g, rejected, chosen));
    return ops.mul(g, loss, inputs.beta ?? beta);
  };
}

/** log p − log(1 − p) from log p, with 1 − eˣ = −tanh(x/2) · (eˣ + 1), which keeps its digits where p is near 1. */
function logOdds(g: GraphBuilder, logP: Tensor): Tensor {
  const rest = ops.mul(g, ops.neg(g, ops.tanh(g, ops.mul(g, logP, 0.5))), ops.add(g, ops.exp(g, logP), 1));
  return ops.sub(g, logP, ops.log(g, rest));
}
