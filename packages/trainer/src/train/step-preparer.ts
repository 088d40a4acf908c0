import type { TrainingPlan } from "@mede2/schemas";
import type { PlannedObjective } from "./objective.ts";
import { epochBatches } from "./order.ts";
import {
  type BatchContext,
  type PlannedStep,
  preferenceStep,
  type Reference,
  supervisedStep,
} from "./plan-batches.ts";
import { planSchedule } from "./plan-schedule.ts";
import type { TrainingData } from "./training-data.ts";

/** Knows the batches of every step of a plan: a function of plan, data and step alone. */
export type StepPreparer = {
  readonly stepsPerEpoch: number;
  /** The batches of step `step`, counted from 0. */
  prepare(step: number): Promise<PlannedStep>;
};

export function stepPreparer(
  plan: TrainingPlan,
  data: TrainingData,
  references: readonly Reference[],
  { nllWeight, betaAt }: Pick<PlannedObjective, "nllWeight" | "betaAt">,
  context: BatchContext,
): StepPreparer {
  const lengths = lengthsOf(plan, data);
  const perStep = plan.batch.size * plan.batch.accumulation;
  const stepsPerEpoch = Math.ceil(lengths.length / perStep);
  const { steps } = planSchedule(plan, stepsPerEpoch);
  let current: { epoch: number; batches: number[][] } | undefined;
  return {
    stepsPerEpoch,
    async prepare(step) {
      const epoch = Math.floor(step / stepsPerEpoch);
      if (current?.epoch !== epoch)
        current = { epoch, batches: epochBatches(lengths, perStep, plan.seed, epoch) };
      const indices = current.batches[step % stepsPerEpoch]!;
      if (plan.kind !== "preference")
        return supervisedStep(
          indices.map((i) => data.train[i]!),
          context,
        );
      const planned = await preferenceStep(
        indices.map((i) => data.pairs[i]!),
        indices.map((i) => references[i]!),
        nllWeight,
        context,
      );
      return betaAt === undefined ? planned : withBeta(planned, betaAt(step + 1, steps));
    },
  };
}

function withBeta(planned: PlannedStep, beta: number): PlannedStep {
  const fed = { data: Float32Array.of(beta), shape: [] };
  return {
    ...planned,
    batches: planned.batches.map((batch) => ({ ...batch, feeds: { ...batch.feeds, beta: fed } })),
  };
}

function lengthsOf(plan: TrainingPlan, data: TrainingData): number[] {
  return plan.kind === "preference"
    ? data.pairs.map(({ chosen, rejected }) => Math.max(chosen.tokens.length, rejected.tokens.length))
    : data.train.map((each) => each.tokens.length);
}
