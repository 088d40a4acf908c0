// N pairs
import type { StepResult } from "../program/stepper.ts";
import type { PlannedStep } from "./plan-batches.ts";

/**
 * Of one answer, in nats: the estimate "k3" of KL(π_ref ‖ π), exp(l) − 1 − l with l = log π − log π_ref, as for an answer that the reference wrote (Schulman 2020, "Approximating KL divergence").
 * Never below 0, and 0 while both are the same. Stage II's candidates are the reference's own; of negatives that were made otherwise it is a mere measure of distance.
 */
const distance = (logRatio: number): number => Math.expm1(logRatio) - logRatio;

/**
 * What a step on answers judged one by one logs: mean rewards β · log-ratio and log-probabilities of desirable (chosen) and undesirable (rejected) answers, each only where the step
 * has such; accuracy is the share of answers on their own side of the shift.
 */
export function answerRewardsOf(
  result: StepResult,
  planned: PlannedStep,
  beta: number,
  shiftOf: "distance" | "running-mean",
) {
  const sides = {
    chosen: { count: 0, reward: 0, logProb: 0 },
    rejected: { count: 0, reward: 0, logProb: 0 },
  };
  let [right, distances] = [0, 0];
  planned.batches.forEach(({ feeds }, index) => {
    const numbers = (name: string) => feeds[name]!.data as Float32Array;
    const [reference, signs, weights] = [numbers("reference"), numbers("signs"), numbers("answerWeights")];
    const strength = Number(feeds.beta?.data[0] ?? beta);
    const shift = numbers("shift")[0]! * (shiftOf === "distance" ? strength : 1);
    weights.forEach((weight, b) => {
      if (weight === 0) return;
      const logProb = result.rowLogProbs[index]![b]!;
      const reward = strength * (logProb - reference[b]!);
      const side = sides[signs[b]! > 0 ? "chosen" : "rejected"];
      side.count += 1;
      side.reward += reward;
      side.logProb += logProb;
      distances += distance(logProb - reference[b]!);
      right += signs[b]! * (reward - shift) > 0 ? 1 : 0;
    });
  });
  const { chosen, rejected } = sides;
  const means = (of: "reward" | "logProb") => ({
    ...(chosen.count === 0 ? {} : { chosen: chosen[of] / chosen.count }),
    ...(rejected.count === 0 ? {} : { rejected: rejected[of] / rejected.count }),
  });
  const both = chosen.count > 0 && rejected.count > 0;
  return {
    rewards: {
      ...means("reward"),
      ...(both ? { margin: chosen.reward / chosen.count - rejected.reward / rejected.count } : {}),
      accuracy: right / (chosen.count + rejected.count),
    },
    logProbs: means("logProb"),
    kl: distances / (chosen.count + rejected.count),
  };
}

/**
 * What a preference step logs, as TRL defines it: rewards are β · log-ratio, accuracy the share of pairs whose chosen reward is higher, averaged over pairs; and the mean distance to the
 * reference of all answers.
 */
export function rewardsOf(result: StepResult, planned: PlannedStep, beta: number) {
  let [pairs, chosen, rejected, wins, chosenLogProb, rejectedLogProb, distances] = [0, 0, 0, 0, 0, 0, 0];
  planned.batches.forEach((batch, index) => {
    const logProbs = result.rowLogProbs[index]!;
    const reference = batch.feeds.reference!.data as Float32Array;
    const weights = batch.feeds.pairWeights!.data as Float32Array;
    const strength = Number(batch.feeds.beta?.data[0] ?? beta);
    weights.forEach((weight, n) => {
      if (weight === 0) return;
      const [c, r] = [logProbs[n]!, logProbs[weights.length + n]!];
      const [chosenRatio, rejectedRatio] = [c - reference[n]!, r - reference[weights.length + n]!];
      const [chosenReward, rejectedReward] = [strength * chosenRatio, strength * rejectedRatio];
      pairs += 1;
      chosen += chosenReward;
      rejected += rejectedReward;
      wins += chosenReward > rejectedReward ? 1 : 0;
      chosenLogProb += c;
      rejectedLogProb += r;
      distances += distance(chosenRatio) + distance(rejectedRatio);
    });
  });
  return {
    rewards: {
      chosen: chosen / pairs,
      rejected: rejected / pairs,
      margin: (chosen - rejected) / pairs,
      accuracy: wins / pairs,
    },
    logProbs: { chosen: chosenLogProb / pairs, rejected: rejectedLogProb / pairs },
    kl: distances / (2 * pairs),
  };
}
