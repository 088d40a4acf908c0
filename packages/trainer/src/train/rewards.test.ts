import { expect, it } from "vitest";
import type { StepResult } from "../program/stepper.ts";
import type { PlannedStep } from "./plan-batches.ts";
import { answerRewardsOf, rewardsOf } from "./rewards.ts";

const result = (rowLogProbs: number[]) => ({ rowLogProbs: [rowLogProbs] }) as unknown as StepResult;
const planned = (feeds: Record<string, readonly number[]>) =>
  ({
    batches: [
      {
        feeds: Object.fromEntries(
          Object.entries(feeds).map(([name, values]) => [
            name,
            { data: Float32Array.from(values), shape: [] },
          ]),
        ),
      },
    ],
  }) as unknown as PlannedStep;
const distance = (logRatio: number) => Math.exp(logRatio) - 1 - logRatio;

it("of pairs: means of rewards, and of the distance of all answers from the reference", () => {
  // two pairs and an empty slot; log-ratios 0 and 0.5 of the chosen, −1 and 0 of the rejected
  const logged = rewardsOf(
    result([-1, -2, -9, -3, -4, -9]),
    planned({ reference: [-1, -2.5, 0, -2, -4, 0], pairWeights: [1, 0.5, 0] }),
    0.1,
  );
  expect(logged.rewards.chosen).toBeCloseTo(0.025, 6);
  expect(logged.rewards.rejected).toBeCloseTo(-0.05, 6);
  expect(logged.rewards.margin).toBeCloseTo(0.075, 6);
  expect(logged.rewards.accuracy).toBe(1);
  expect(logged.logProbs).toEqual({ chosen: -1.5, rejected: -3.5 });
  expect(logged.kl).toBeCloseTo((distance(0.5) + distance(-1)) / 4, 6);
});

it("are at no distance before the first step", () => {
  const logProbs = [-1, -2, -3, -4];
  expect(rewardsOf(result(logProbs), planned({ reference: logProbs, pairWeights: [1, 1] }), 0.1).kl).toBe(0);
});

it("of answers judged one by one: the distance, too", () => {
  const logged = answerRewardsOf(
    result([-1, -3, -9]),
    planned({ reference: [-2, -2, 0], signs: [1, -1, 1], answerWeights: [1, 1, 0], shift: [0] }),
    0.1,
    "distance",
  );
  expect(logged.kl).toBeCloseTo((distance(1) + distance(-1)) / 2, 6);
  expect(logged.rewards.accuracy).toBe(1);
});
