import { describe, expect, it } from "vitest";
import { goldenExamples, goldenJson, goldenModel, goldenTensors } from "../../test/golden-model.ts";
import { openCpuDevice } from "../device/cpu.ts";
import { featureCache } from "./image-features.ts";
import { createRowScorer } from "./row-log-probs.ts";

type Sides = { chosen: number[]; rejected: number[] };

describe("log-probabilities of answers against TRL", () => {
  const golden = goldenJson<{ logProbs: Sides; referenceLogProbs: Sides }>("preference.json");
  const tensors = goldenTensors("preference.safetensors");
  const completion = tensors.get("completion_mask")!;

  it.each([
    ["policy", "adamw-after-10.safetensors", golden.logProbs, "kept", 4],
    ["policy, one by one", "adamw-after-10.safetensors", golden.logProbs, "kept", 1],
    ["reference", "checkpoint", golden.referenceLogProbs, "tower", 3],
  ] as const)("%s", async (_, weights, expected, kind, batch) => {
    const device = await openCpuDevice(2);
    const model = goldenModel("checkpoint", weights);
    const length = completion.length / 4;
    const supervised = (b: number, s: number) => completion[b * length + s] === 1;
    const { examples, reader } = goldenExamples(tensors, "", 4, model, supervised);
    const images =
      kind === "kept"
        ? ({ kind, features: featureCache(device, model, reader) } as const)
        : ({ kind, read: reader } as const);
    const { config, shapes } = model;
    const scorer = createRowScorer(device, model, { config, shapes, batch, pad: 0, images });
    const scores = await scorer.score(examples);
    [...expected.chosen, ...expected.rejected].forEach((value, row) => {
      expect(scores[row]!.logProb).toBeCloseTo(value, 3);
      expect(scores[row]!.tokens).toBe(examples[row]!.supervised.reduce((sum, on) => sum + on, 0));
    });
    expect(await scorer.score([])).toEqual([]);
    await scorer.release();
  });
});

describe("features of a frozen tower", () => {
  it("are the same bits whatever is seen together, kept or computed again", async () => {
    const device = await openCpuDevice(2);
    const model = goldenModel("checkpoint");
    const tensors = goldenTensors("preference.safetensors");
    const { examples, reader } = goldenExamples(tensors, "", 4, model, () => false);
    const images = examples.flatMap((example) => example.images);
    let reads = 0;
    const counted: typeof reader = (image) => {
      reads += 1;
      return reader(image);
    };
    const cache = featureCache(device, model, counted);
    const together = await cache.of(images);
    await cache.of([...images, ...images]);
    expect(reads).toBe(images.length);
    const forgetful = featureCache(device, model, counted, 0);
    for (const [n, image] of images.entries()) expect((await forgetful.of([image]))[0]).toEqual(together[n]);
    await forgetful.of(images);
    expect(reads).toBe(3 * images.length);
    await cache.release();
    await forgetful.release();
  });
});
