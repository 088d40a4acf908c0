import type { RowScorer } from "../program/row-log-probs.ts";
import { type PlannedStep, withScalar } from "./plan-batches.ts";
import type { PlannedAnswer } from "./planned-answer.ts";

/** Mean of all rewards so far, and how many they were: what BCO's shift is. */
export type RunningMean = { mean: number; count: number };

/**
 * The shift of a step, computed under the weights as they are, over all answers of the step, so that micro-batches add up to the step of one batch.
 * `distance` (KTO): max(0, mean of log π − log π_ref over mismatched answers). `running-mean` (BCO): the mean of all rewards so far with those of this step, which `running` becomes.
 */
export async function withShift(
  planned: PlannedStep,
  kind: "distance" | "running-mean",
  beta: number,
  scorer: RowScorer,
  running: RunningMean,
): Promise<PlannedStep> {
  const answers = planned.answers ?? [];
  const side = kind === "distance" ? "mismatched" : "example";
  const scores = await scorer.score(answers.map(({ answer }) => answer[side]));
  const ratios = answers.map(({ reference }, n) => scores[n]!.logProb - reference[sideOf(kind)]);
  const mean = ratios.reduce((sum, each) => sum + each, 0) / ratios.length;
  if (kind === "distance") return withScalar(planned, "shift", Math.max(0, mean));
  const count = running.count + ratios.length;
  running.mean += ((beta * mean - running.mean) * ratios.length) / count;
  running.count = count;
  return withScalar(planned, "shift", running.mean);
}

const sideOf = (kind: "distance" | "running-mean"): keyof PlannedAnswer["reference"] =>
  kind === "distance" ? "mismatched" : "own";
