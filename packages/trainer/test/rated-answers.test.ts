import type { RatedAnswer } from "@mede2/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stopAfter } from "./stop-points.ts";
import { type Fixture, ofType, openFixture, ratedAnswer } from "./training-fixture.ts";

// KTO and BCO as plans. The losses are compared with TRL in @mede2/nn.

let fixture: Fixture;
let six: RatedAnswer[];
beforeAll(async () => {
  fixture = await openFixture();
  six = [
    ...[0, 1, 2].map((n) => ratedAnswer(n, true)),
    ...[3, 4].map((n) => ratedAnswer(n, false)),
    ratedAnswer(5, false, [fixture.images[0]!]),
  ];
});
afterAll(() => fixture.remove());

const schedule = { name: "constant", learningRate: 2e-3, steps: 4 } as const;
const batch = { size: 6, accumulation: 1, maxTokens: 400 };

async function planned(loss: object, more: object = {}, records: readonly RatedAnswer[] = six) {
  const data = [await fixture.data("answers.rated.jsonl", records)];
  return fixture.plan({ kind: "preference", loss: loss as never, data, schedule, batch, ...more });
}

describe.each([
  ["kto", 0.5],
  ["bco", Math.log(2)],
] as const)("%s", (name, atStart) => {
  it("starts at its value, parts desirable from undesirable answers, and says so", async () => {
    const run = await fixture.run(await planned({ name, beta: 0.1 }));
    await run.start();
    const steps = await run.steps();
    expect(steps[0]!.loss!).toBeCloseTo(atStart, 4);
    expect(steps[0]!.rewards!.margin!).toBeCloseTo(0, 4);
    expect(steps.at(-1)!.loss!).toBeLessThan(steps[0]!.loss!);
    expect(steps.at(-1)!.rewards!.margin!).toBeGreaterThan(0.05);
    expect(steps.at(-1)!.rewards!.accuracy!).toBeGreaterThan(0.8);
    expect(steps.at(-1)!.logProbs!.chosen!).toBeGreaterThan(steps[0]!.logProbs!.chosen!);
    expect(steps.at(-1)!.logProbs!.rejected!).toBeLessThan(steps[0]!.logProbs!.rejected!);
  });

  it("micro-batches add up to the step of one batch", async () => {
    const one = await fixture.run(await planned({ name, beta: 0.1 }));
    const parts = await fixture.run(
      await planned({ name, beta: 0.1 }, { batch: { ...batch, size: 2, accumulation: 3 } }),
    );
    await one.start();
    await parts.start();
    const losses = (await one.steps()).map(({ loss }) => loss!);
    for (const [n, { loss }] of (await parts.steps()).entries())
      expect(Math.abs(loss! - losses[n]!)).toBeLessThan(n === 0 ? 1e-6 : 1e-4);
  });

  // KTO carries nothing from step to step
  if (name === "bco")
    it("carries its mean of rewards through a resume, to the same bits", async () => {
      const plan = await planned({ name, beta: 0.1 }, { batch: { ...batch, size: 2, checkpointEvery: 2 } });
      const [whole, halves] = [await fixture.run(plan), await fixture.run(plan)];
      await whole.start();
      await halves.start(stopAfter(3));
      await halves.start();
      expect(halves.files(4)).toEqual(whole.files(4));
      expect((await halves.steps()).map(({ loss }) => loss)).toEqual(
        (await whole.steps()).map(({ loss }) => loss),
      );
    });

  it("weighs sides and answers: the first loss is theirs", async () => {
    const weights = { desirable: 1.5, undesirable: 0.5 };
    const equal = await fixture.run(await planned({ name, beta: 0.1, weights }));
    await equal.start();
    expect((await equal.steps())[0]!.loss!).toBeCloseTo(atStart, 4); // three of each
    const records = [ratedAnswer(0, true, [], 3), ...six.slice(1)];
    const heavier = await fixture.run(await planned({ name, beta: 0.1, weights }, {}, records));
    await heavier.start();
    expect((await heavier.steps())[0]!.loss!).toBeCloseTo((atStart * (5 * 1.5 + 3 * 0.5)) / 8, 4);
  });

  it("evaluates what it holds out, with a schedule of beta", async () => {
    const train = await fixture.data("answers.rated.jsonl", six);
    const held = await fixture.data("held.rated.jsonl", six.slice(1, 5), "validation");
    const plan = await planned({ name, beta: 0.1, betaEnd: 0.3 }, { data: [train, held] });
    const run = await fixture.run(plan);
    await run.start();
    const found = ofType(await run.events(), "evaluation-end").at(-1)!;
    expect(found.task).toBe("held-out-rewards");
    expect(found.metrics.answers).toBe(4);
    expect(found.metrics.margin!).toBeGreaterThan(0);
  });
});

describe("what cannot be learnt from is refused with its reason", () => {
  const failure = async (plan: Awaited<ReturnType<typeof planned>>) => {
    const run = await fixture.run(plan);
    return run.start().then(
      () => "ran",
      (error: { code: string; next: string }) => `${error.code}: ${error.next}`,
    );
  };

  it("rated answers by a loss of pairs, and pairs' settings", async () => {
    expect(await failure(await planned({ name: "dpo", beta: 0.1 }))).toMatch(
      /^wrong-record: give it preference pairs/,
    );
    expect(await failure(await planned({ name: "kto", beta: 0.1, gamma: 1 }))).toMatch(/^loss-setting/);
    expect(await failure(await planned({ name: "kto", weights: { quality: 1 } }))).toMatch(
      /desirable, undesirable/,
    );
  });

  it("answers to one question only: none of them could be put to another prompt", async () => {
    expect(await failure(await planned({ name: "kto" }, {}, [six[0]!]))).toMatch(/^one-question/);
  });
});
