// N pairs
import { ops } from "@mede2/onnx";
import { bcoPair } from "./bco-pair.ts";
import { dpo } from "./dpo.ts";
import type { PairLoss } from "./preference-loss.ts";

/** The preference and quality parts of mixed preference optimisation (arXiv 2411.10442, eq. 3). Its NLL part is `nllWeight` of the plan. */
export function mpo(
  beta: number,
  weights: { readonly preference: number; readonly quality: number },
): PairLoss {
  const [preference, quality] = [dpo(beta), bcoPair(beta)];
  return (g, inputs) =>
    ops.add(
      g,
      ops.mul(g, preference(g, inputs), weights.preference),
      ops.mul(g, quality(g, inputs), weights.quality),
    );
}
