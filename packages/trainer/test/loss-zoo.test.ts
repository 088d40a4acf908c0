import { type Loss, lossNames } from "@mede2/schemas";
import { afterAll, beforeAll, expect, it } from "vitest";
import { plannedObjective } from "../src/train/objective.ts";
import { type Fixture, openFixture, pair } from "./training-fixture.ts";

// Each loss is compared with TRL in @mede2/nn. Here: that a plan with it trains, starting where it must.

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.remove());

const losses: readonly Loss[] = [
  { name: "dpo", beta: 0.1, labelSmoothing: 0.1, nllWeight: 0.2 },
  { name: "dpo", beta: 0.1, labelSmoothing: 0.1, robust: true },
  { name: "dpo", beta: 2, normalised: true },
  { name: "dpo", beta: 0.1, betaEnd: 0.5, betaSchedule: "cosine" },
  { name: "ipo", beta: 0.1 },
  { name: "hinge", beta: 0.1 },
  { name: "apo-zero", beta: 0.1 },
  { name: "dpop", beta: 0.1, penalty: 5 },
  { name: "simpo", beta: 2, gamma: 0.5 },
  { name: "orpo", beta: 0.1 },
  { name: "bco-pair", beta: 0.1 },
  { name: "mpo", beta: 0.1 },
];

it.each(losses.map((loss) => [JSON.stringify(loss), loss] as const))("%s", async (_, loss) => {
  const data = [await fixture.data("pairs.jsonl", [pair(0), pair(1), pair(2), pair(3)])];
  const schedule = { name: "constant", learningRate: 1e-3, steps: 6 } as const;
  const batch = { size: 4, accumulation: 1, maxTokens: 400 };
  const run = await fixture.run(fixture.plan({ kind: "preference", loss, data, schedule, batch }));
  await run.start(); // throws where the first step is not what the loss must give while policy and reference are equal
  const steps = await run.steps();
  expect(steps.length).toBe(6);
  const [first, last] = [steps[0]!, steps.at(-1)!];
  expect(first.rewards!.margin).toBeCloseTo(0, 4);
  expect(last.rewards!.margin).toBeGreaterThan(0);
  if (loss.betaEnd === undefined) expect(last.loss!).toBeLessThan(first.loss!);
});

it("a beta schedule changes the loss from step to step, and nothing else at the first", async () => {
  const data = [await fixture.data("pairs.jsonl", [pair(0), pair(1)])];
  const schedule = { name: "constant", learningRate: 1e-3, steps: 3 } as const;
  const lossesOf = async (loss: Loss) => {
    const run = await fixture.run(fixture.plan({ kind: "preference", loss, data, schedule }));
    await run.start();
    return (await run.steps()).map((step) => step.loss!);
  };
  const fixed = await lossesOf({ name: "dpo", beta: 0.1 });
  const moving = await lossesOf({ name: "dpo", beta: 0.1, betaEnd: 1 });
  expect(moving[0]).toBeCloseTo(fixed[0]!, 6);
  expect(moving[2]).toBeLessThan(fixed[2]!);
});

it("every loss that a plan may name is one that this engine has", () => {
  for (const name of lossNames) expect(plannedObjective({ name }).nllWeight, name).toBeGreaterThanOrEqual(0);
  expect(() => plannedObjective({ name: "ppo" as "dpo" })).toThrow('has no loss "ppo"');
});
