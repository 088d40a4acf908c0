import {
  type AnswerLoss,
  apoZero,
  bco,
  bcoPair,
  dpo,
  dpop,
  hinge,
  ipo,
  kto,
  mpo,
  orpo,
  type PairLoss,
  simpo,
} from "@mede2/nn";
import type { Loss } from "@mede2/schemas";
import type { Objective } from "../program/step-graph.ts";
import { TrainerError } from "../trainer-error.ts";
import type { SideWeights } from "./answer-batches.ts";

/** What a plan's loss asks for. */
export type PlannedObjective = {
  readonly objective: Objective;
  /** Weight of the mean negative log-likelihood per token of the chosen answers. */
  readonly nllWeight: number;
  readonly beta: number;
  /** Beta of step `step` (from 1) of `steps`, where it changes. */
  readonly betaAt?: (step: number, steps: number) => number;
  /** The preference part of the loss while policy and reference are equal: the invariant of the first step. */
  readonly atStart?: number;
  /** Of a loss on answers judged one by one: what its shift is, and how much either side weighs. */
  readonly answers?: { readonly shift: "distance" | "running-mean"; readonly sides: SideWeights };
};

const ln2 = Math.log(2);

/** What each preference loss makes of a plan's settings: the loss, its value while policy and reference are equal, its own weight of the likelihood. */
const losses: Readonly<
  Record<
    string,
    (
      beta: number,
      loss: Loss,
    ) => { readonly pair: PairLoss; readonly atStart?: number; readonly nllWeight?: number }
  >
> = {
  dpo: (beta, { labelSmoothing, robust, normalised }) => ({
    pair: dpo(beta, {
      ...(labelSmoothing === undefined ? {} : { labelSmoothing }),
      ...(robust === undefined ? {} : { robust }),
      ...(normalised === undefined ? {} : { normalised }),
    }),
    atStart: ln2,
  }),
  ipo: (beta) => ({ pair: ipo(beta), atStart: 1 / (4 * beta * beta) }),
  hinge: (beta) => ({ pair: hinge(beta), atStart: 1 }),
  "apo-zero": (beta) => ({ pair: apoZero(beta), atStart: 1 }),
  dpop: (beta, { penalty = 5 }) => ({ pair: dpop(beta, penalty), atStart: ln2 }),
  // these two know no reference: their first value depends on the model
  simpo: (beta, { gamma = 0.5 }) => ({ pair: simpo(beta, gamma) }),
  orpo: (beta) => ({ pair: orpo(beta), nllWeight: 1 }),
  "bco-pair": (beta) => ({ pair: bcoPair(beta), atStart: 2 * ln2 }),
  mpo: (beta, { weights }) => {
    const mix = { preference: weights?.preference ?? 0.8, quality: weights?.quality ?? 0.2 };
    return {
      pair: mpo(beta, mix),
      atStart: mix.preference * ln2 + mix.quality * 2 * ln2,
      nllWeight: weights?.generation ?? 1,
    };
  },
};

/** The losses on answers judged one by one. */
const answerLosses: Readonly<
  Record<
    string,
    (beta: number) => {
      readonly loss: AnswerLoss;
      readonly atStart: number;
      readonly shift: "distance" | "running-mean";
    }
  >
> = {
  kto: (beta) => ({ loss: kto(beta), atStart: 0.5, shift: "distance" }),
  bco: (beta) => ({ loss: bco(beta), atStart: ln2, shift: "running-mean" }),
};

/** Throws `loss-unsupported` for a loss that this engine does not have, instead of taking another one. */
export function plannedObjective(loss: Loss): PlannedObjective {
  const beta = loss.beta ?? 0.1;
  if (loss.name === "cross-entropy") return { objective: { kind: "cross-entropy" }, nllWeight: 1, beta };
  const betaAt = scheduledBeta(beta, loss);
  const changes = betaAt === undefined ? {} : { betaChanges: true };
  const single = answerLosses[loss.name]?.(beta);
  if (single !== undefined) {
    const { desirable = 1, undesirable = 1 } = loss.weights ?? {};
    return {
      objective: { kind: "answers", loss: single.loss, ...changes },
      nllWeight: loss.nllWeight ?? 0,
      beta,
      ...(betaAt === undefined ? {} : { betaAt }),
      atStart: single.atStart,
      answers: { shift: single.shift, sides: { desirable, undesirable } },
    };
  }
  const made = losses[loss.name]?.(beta, loss);
  if (made === undefined)
    throw new TrainerError(
      "loss-unsupported",
      `the embedded engine has no loss "${loss.name}"`,
      `use cross-entropy, ${[...Object.keys(losses), ...Object.keys(answerLosses)].join(", ")}, or another engine`,
    );
  return {
    objective: { kind: "preference", loss: made.pair, ...changes },
    nllWeight: loss.nllWeight ?? made.nllWeight ?? 0,
    beta,
    ...(betaAt === undefined ? {} : { betaAt }),
    ...(made.atStart === undefined ? {} : { atStart: made.atStart }),
  };
}

/** From `beta` at the first step to `betaEnd` at the last. */
function scheduledBeta(
  beta: number,
  { betaEnd, betaSchedule = "linear" }: Loss,
): PlannedObjective["betaAt"] | undefined {
  if (betaEnd === undefined) return undefined;
  return (step, steps) => {
    const progress = Math.min(1, Math.max(0, (step - 1) / Math.max(1, steps - 1)));
    const share = betaSchedule === "linear" ? progress : 0.5 * (1 - Math.cos(Math.PI * progress));
    return beta + (betaEnd - beta) * share;
  };
}
