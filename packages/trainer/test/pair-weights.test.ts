import type { PreferencePair, TrainingPlan } from "@mede2/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Fixture, openFixture, pair } from "./training-fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.remove());

const schedule = { name: "constant", learningRate: 1e-3, steps: 2 } as const;

/** Loss and norm of the gradient of two steps on these pairs, `size` of them at a time. */
async function stepsOf(pairs: readonly PreferencePair[], size: number, loss: TrainingPlan["loss"]) {
  const data = [await fixture.data("pairs.jsonl", pairs)];
  const batch = { size, accumulation: pairs.length / size, maxTokens: 400 };
  const run = await fixture.run(fixture.plan({ kind: "preference", loss, data, schedule, batch }));
  await run.start();
  return (await run.steps()).map(({ loss: value, gradientNorm }) => ({
    loss: value!,
    gradientNorm: gradientNorm!,
  }));
}

const off = (a: number, b: number) => Math.abs(a / b - 1);

describe.each<TrainingPlan["loss"]>([
  { name: "dpo", beta: 0.1, nllWeight: 0.5 },
  { name: "mpo", beta: 0.1 },
  { name: "orpo", beta: 0.1 },
])("$name on pairs of unequal weights", (loss) => {
  it("adds up over micro-batches to the large batch, to 1e-6", async () => {
    const pairs = [pair(0, [fixture.images[0]!], 3), pair(1, [], 1), pair(2, [], 0.5), pair(3, [], 2)];
    const [whole, halves, parts] = [
      await stepsOf(pairs, 4, loss),
      await stepsOf(pairs, 2, loss),
      await stepsOf(pairs, 1, loss),
    ];
    for (const other of [halves, parts]) {
      expect(off(other[0]!.loss, whole[0]!.loss)).toBeLessThan(1e-6);
      expect(off(other[0]!.gradientNorm, whole[0]!.gradientNorm)).toBeLessThan(1e-6);
      expect(off(other[1]!.loss, whole[1]!.loss)).toBeLessThan(1e-4);
    }
  });
});

it("a pair of weight 2 counts as the same pair twice", async () => {
  const loss = { name: "dpo", beta: 0.1 } as const;
  const [heavy, twice, equal] = [
    await stepsOf([pair(0, [], 2), pair(1)], 2, loss),
    await stepsOf([pair(0), pair(0), pair(1)], 3, loss),
    await stepsOf([pair(0), pair(1)], 2, loss),
  ];
  expect(off(heavy[0]!.gradientNorm, twice[0]!.gradientNorm)).toBeLessThan(1e-5);
  expect(off(heavy[1]!.loss, twice[1]!.loss)).toBeLessThan(1e-5);
  expect(off(heavy[0]!.gradientNorm, equal[0]!.gradientNorm)).toBeGreaterThan(0.01);
});
