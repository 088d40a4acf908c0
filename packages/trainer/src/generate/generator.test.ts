import { describe, expect, it } from "vitest";
import { goldenExamples, goldenJson, goldenModel, goldenTensors } from "../../test/golden-model.ts";
import { openCpuDevice } from "../device/cpu.ts";
import { featureCache } from "../program/image-features.ts";
import { createGenerator } from "./generator.ts";

type Golden = readonly { name: string; newTokens: number[][] }[];

describe("greedy generation with a cache against transformers.generate", () => {
  const golden = goldenJson<Golden>("generation.json");
  const tensors = goldenTensors("generation.safetensors");
  const greedy = { temperature: 0, topP: 1, maxTokens: 16 };

  it.each([
    ["text", 1, 4],
    ["image", 1, 4],
    ["left-padded", 3, 4],
    ["left-padded", 3, 2],
  ])("%s, %i rows, batch %i: the same tokens", async (name, rows, batch) => {
    const device = await openCpuDevice(2);
    const model = goldenModel("checkpoint-untied");
    const { examples, reader } = goldenExamples(tensors, `${name}.`, rows, model, () => false);
    const images = { kind: "kept", features: featureCache(device, model, reader) } as const;
    const generator = createGenerator(device, model, { batch, pad: 0, stop: new Set(), images });
    const results = await generator.generate(
      examples.map((prompt) => ({ prompt, sampling: greedy, sample: 0 })),
    );
    expect(results.map((result) => result.tokens)).toEqual(
      golden.find((each) => each.name === name)!.newTokens,
    );
    await generator.release();
  });

  it("gives a sampled row the same text whatever it is batched with", async () => {
    const device = await openCpuDevice(2);
    const model = goldenModel("checkpoint-untied");
    const { examples, reader } = goldenExamples(tensors, "left-padded.", 3, model, () => false);
    const images = { kind: "kept", features: featureCache(device, model, reader) } as const;
    const generator = createGenerator(device, model, { batch: 8, pad: 0, stop: new Set([5]), images });
    const sampling = { temperature: 1, topP: 0.9, maxTokens: 12, seed: 7 };
    const rows = examples.flatMap((prompt) => [0, 1].map((sample) => ({ prompt, sampling, sample })));
    const together = await generator.generate(rows);
    const alone = [];
    for (const row of rows) alone.push(...(await generator.generate([row])));
    expect(together.map(({ tokens }) => tokens)).toEqual(alone.map(({ tokens }) => tokens));
    expect(together[0]!.tokens).not.toEqual(together[1]!.tokens);
    await generator.release();
  });
});
