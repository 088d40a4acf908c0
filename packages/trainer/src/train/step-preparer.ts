import type { TrainingPlan } from "@mede2/schemas";
import { answerStep } from "./answer-batches.ts";
import type { PlannedObjective } from "./objective.ts";
import { epochBatches } from "./order.ts";
import {
  type BatchContext,
  type PlannedStep,
  preferenceStep,
  type Reference,
  supervisedStep,
  withScalar,
} from "./plan-batches.ts";
import { planSchedule } from "./plan-schedule.ts";
import type { AnswerReference } from "./planned-answer.ts";
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
  { nllWeight, betaAt, answers }: Pick<PlannedObjective, "nllWeight" | "betaAt" | "answers">,
  context: BatchContext,
  answerReferences: readonly AnswerReference[] = [],
): StepPreparer {
  const lengths = lengthsOf(data);
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
      const planned =
        answers === undefined
          ? await preferenceStep(
              indices.map((i) => data.pairs[i]!),
              indices.map((i) => references[i]!),
              nllWeight,
              context,
            )
          : await answerStep(
              indices.map((i) => ({ answer: data.answers[i]!, reference: answerReferences[i]! })),
              answers.sides,
              nllWeight,
              context,
            );
      return betaAt === undefined ? planned : withScalar(planned, "beta", betaAt(step + 1, steps));
    },
  };
}

/** Lengths of what is learnt: of one of the three, the others are empty. */
function lengthsOf({ train, pairs, answers }: TrainingData): number[] {
  return [
    ...train.map((each) => each.tokens.length),
    ...pairs.map(({ chosen, rejected }) => Math.max(chosen.tokens.length, rejected.tokens.length)),
    ...answers.map(({ example }) => example.tokens.length),
  ];
}
