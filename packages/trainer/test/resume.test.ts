import type { TrainingPlan } from "@mede2/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requestAfter, stopAfter } from "./stop-points.ts";
import { demonstration, type Fixture, ofType, openFixture, pair } from "./training-fixture.ts";

// A run that was stopped and resumed, however often and by whatever means, leaves the very bytes of the run that was not.

let fixture: Fixture;
let plans: Record<string, TrainingPlan>;
beforeAll(async () => {
  fixture = await openFixture();
  const { images } = fixture;
  const demonstrations = [
    ...Array.from({ length: 5 }, (_, n) => demonstration(n)),
    ...images.map((image, n) => demonstration(5 + n, [image])),
    demonstration(8, [images[0]!, images[2]!]),
  ];
  const data = [await fixture.data("train.jsonl", demonstrations)];
  const pairs = [
    await fixture.data("pairs.jsonl", [
      ...images.map((image, n) => pair(n, [image], 1 + n)),
      ...Array.from({ length: 4 }, (_, n) => pair(3 + n)),
    ]),
  ];
  const lora = { rank: 4, alpha: 8, targets: ["q_proj", "v_proj", "down_proj"], dropout: 0 };
  const preference = {
    kind: "preference",
    data: pairs,
    loss: { name: "dpo", beta: 0.1, nllWeight: 0.5 },
  } as const;
  const accumulated = { size: 2, accumulation: 2, maxTokens: 400 };
  plans = {
    "full, accumulated": fixture.plan({ data, batch: accumulated }),
    "full with the tower": fixture.plan({ data, freeze: [] }),
    LoRA: fixture.plan({ data, lora, batch: { ...accumulated, checkpointEvery: 2 } }),
    "preference, accumulated": fixture.plan({ ...preference, batch: accumulated }),
    "preference LoRA with the mix": fixture.plan({ ...preference, lora, loss: { name: "mpo", beta: 0.1 } }),
  };
});
afterAll(() => fixture.remove());

describe.each([
  "full, accumulated",
  "full with the tower",
  "LoRA",
  "preference, accumulated",
  "preference LoRA with the mix",
])("a resumed run equals the uninterrupted one bit for bit: %s", (name) => {
  it("stopped three times, by signal and by request", async () => {
    const whole = await fixture.run(plans[name]!);
    const finished = await whole.start();
    expect(finished.status).toBe("finished");
    const cut = await fixture.run(plans[name]!);
    // before its first step; after one, by a request that comes before it; after the next two
    expect((await cut.start(stopAfter(0))).steps).toBe(0);
    expect((await cut.start(requestAfter(0, cut.dir, { request: "stop" }))).steps).toBe(1);
    expect((await cut.start(stopAfter(2))).steps).toBe(3);
    expect((await cut.start()).status).toBe("finished");
    const [expected, found] = [await whole.steps(), await cut.steps()];
    const numbers = ({
      step,
      epoch,
      loss,
      gradientNorm,
      learningRate,
      rewards,
      logProbs,
    }: (typeof found)[number]) => ({
      step,
      epoch,
      loss,
      gradientNorm,
      learningRate,
      rewards,
      logProbs,
    });
    expect(found.map(numbers)).toEqual(expected.map(numbers));
    expect(cut.files(5)).toEqual(whole.files(5));
    expect(ofType(await cut.events(), "run-started").length).toBe(4);
    expect(ofType(await cut.events(), "run-finished")[0]!.summary.loss).toEqual(finished.loss);
  });
});
