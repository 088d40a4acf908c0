// N pairs
import type { StepResult } from "../program/stepper.ts";
import type { PlannedStep } from "./plan-batches.ts";

/** What a preference step logs, as TRL defines it: rewards are β · log-ratio, accuracy the share of pairs whose chosen reward is higher, averaged over pairs. */
export function rewardsOf(result: StepResult, planned: PlannedStep, beta: number) {
  let [pairs, chosen, rejected, wins, chosenLogProb, rejectedLogProb] = [0, 0, 0, 0, 0, 0];
  planned.batches.forEach((batch, index) => {
    const logProbs = result.rowLogProbs[index]!;
    const reference = batch.feeds.reference!.data as Float32Array;
    const weights = batch.feeds.pairWeights!.data as Float32Array;
    const strength = Number(batch.feeds.beta?.data[0] ?? beta);
    weights.forEach((weight, n) => {
      if (weight === 0) return;
      const [c, r] = [logProbs[n]!, logProbs[weights.length + n]!];
      const [chosenReward, rejectedReward] = [
        strength * (c - reference[n]!),
        strength * (r - reference[weights.length + n]!),
      ];
      pairs += 1;
      chosen += chosenReward;
      rejected += rejectedReward;
      wins += chosenReward > rejectedReward ? 1 : 0;
      chosenLogProb += c;
      rejectedLogProb += r;
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
  };
}
