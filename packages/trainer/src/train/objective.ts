import { bcoPair, dpo, mpo } from "@mede2/nn";
import type { Loss } from "@mede2/schemas";
import type { Objective } from "../program/step-graph.ts";
import { TrainerError } from "../trainer-error.ts";

/** What a plan's loss asks for. */
export type PlannedObjective = {
  readonly objective: Objective;
  /** Weight of the mean negative log-likelihood per token of the chosen answers. */
  readonly nllWeight: number;
  readonly beta: number;
  /** The preference part of the loss while policy and reference are equal: the invariant of the first step. */
  readonly atStart?: number;
};

const ln2 = Math.log(2);

/** Throws `loss-unsupported` for a loss that this engine does not have, instead of taking another one. */
export function plannedObjective(loss: Loss): PlannedObjective {
  const beta = loss.beta ?? 0.1;
  const nllWeight = loss.nllWeight ?? 0;
  switch (loss.name) {
    case "cross-entropy":
      return { objective: { kind: "cross-entropy" }, nllWeight: 1, beta };
    case "dpo":
      return {
        objective: { kind: "preference", loss: dpo(beta, loss.labelSmoothing) },
        nllWeight,
        beta,
        atStart: ln2,
      };
    case "bco-pair":
      return { objective: { kind: "preference", loss: bcoPair(beta) }, nllWeight, beta, atStart: 2 * ln2 };
    case "mpo": {
      const weights = { preference: loss.weights?.preference ?? 0.8, quality: loss.weights?.quality ?? 0.2 };
      return {
        objective: { kind: "preference", loss: mpo(beta, weights) },
        nllWeight: loss.nllWeight ?? loss.weights?.generation ?? 1,
        beta,
        atStart: weights.preference * ln2 + weights.quality * 2 * ln2,
      };
    }
    default:
      throw new TrainerError(
        "loss-unsupported",
        `the embedded engine has no loss "${loss.name}"`,
        "use cross-entropy, dpo, bco-pair or mpo, or another engine",
      );
  }
}
