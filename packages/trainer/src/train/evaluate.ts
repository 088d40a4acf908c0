import type { RunWriter } from "@mede2/runs";
import type { AnswerExample, Example, PairExample } from "../examples/example.ts";
import type { RowScorer } from "../program/row-log-probs.ts";
import type { Reference } from "./plan-batches.ts";
import type { AnswerReference } from "./planned-answer.ts";
import type { TrainingData } from "./training-data.ts";

/** Mean negative log-likelihood per supervised token on held-out examples, in nats. */
export async function heldOutLoss(
  examples: readonly Example[],
  scorer: RowScorer,
): Promise<{ loss: number; tokens: number }> {
  const scores = await scorer.score(examples);
  const tokens = scores.reduce((sum, each) => sum + each.tokens, 0);
  return { loss: -scores.reduce((sum, each) => sum + each.logProb, 0) / tokens, tokens };
}

/** Rewards β · log π/π_ref on held-out pairs: their means, and the share of pairs whose chosen answer has the higher one (as TRL logs them). */
export async function heldOutRewards(
  pairs: readonly PairExample[],
  references: readonly Reference[],
  beta: number,
  scorer: RowScorer,
): Promise<{ chosen: number; rejected: number; margin: number; accuracy: number; pairs: number }> {
  const scores = await scorer.scoreTwos(pairs.map(({ chosen, rejected }) => [chosen, rejected]));
  let [chosen, rejected, wins] = [0, 0, 0];
  references.forEach((reference, n) => {
    const rewards = [
      beta * (scores[n]![0].logProb - reference.chosen),
      beta * (scores[n]![1].logProb - reference.rejected),
    ] as const;
    chosen += rewards[0] / pairs.length;
    rejected += rewards[1] / pairs.length;
    wins += rewards[0] > rewards[1] ? 1 : 0;
  });
  return { chosen, rejected, margin: chosen - rejected, accuracy: wins / pairs.length, pairs: pairs.length };
}

/** Mean rewards β · log π/π_ref of desirable (chosen) and undesirable (rejected) held-out answers, each where there are such. */
export async function heldOutAnswerRewards(
  answers: readonly AnswerExample[],
  references: readonly AnswerReference[],
  beta: number,
  scorer: RowScorer,
): Promise<Record<string, number>> {
  const scores = await scorer.score(answers.map(({ example }) => example));
  const mean = (desirable: boolean): number | undefined => {
    const own = answers.flatMap((answer, n) =>
      answer.desirable === desirable ? [beta * (scores[n]!.logProb - references[n]!.own)] : [],
    );
    return own.length === 0 ? undefined : own.reduce((sum, each) => sum + each, 0) / own.length;
  };
  const [chosen, rejected] = [mean(true), mean(false)];
  return {
    ...(chosen === undefined ? {} : { chosen }),
    ...(rejected === undefined ? {} : { rejected }),
    ...(chosen === undefined || rejected === undefined ? {} : { margin: chosen - rejected }),
    answers: answers.length,
  };
}

/** What held-out examples are compared with. */
export type HeldOutReferences = {
  readonly pairs: readonly Reference[];
  readonly answers: readonly AnswerReference[];
};

/** Evaluates the model as it stands on what the plan holds out, and says so in the run's events. */
export async function evaluateHeldOut(
  writer: RunWriter,
  step: number,
  data: TrainingData,
  references: HeldOutReferences,
  beta: number,
  scorer: RowScorer,
  /** Put behind the names of the tasks. */
  suffix = "",
): Promise<void> {
  if (data.evaluation.length > 0) {
    const metrics = await heldOutLoss(data.evaluation, scorer);
    writer.append({ type: "evaluation-end", step, task: `held-out-loss${suffix}`, metrics });
  }
  if (data.evaluationPairs.length > 0) {
    const metrics = await heldOutRewards(data.evaluationPairs, references.pairs, beta, scorer);
    writer.append({ type: "evaluation-end", step, task: `held-out-rewards${suffix}`, metrics });
  }
  if (data.evaluationAnswers.length > 0) {
    const { evaluationAnswers: answers } = data;
    const metrics = await heldOutAnswerRewards(answers, references.answers, beta, scorer);
    writer.append({ type: "evaluation-end", step, task: `held-out-rewards${suffix}`, metrics });
  }
}
