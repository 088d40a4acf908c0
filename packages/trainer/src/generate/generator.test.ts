import { describe, expect, it } from "vitest";
import { goldenExamples, goldenJson, goldenModel, goldenTensors } from "../../test/golden-model.ts";
import { openCpuDevice } from "../device/cpu.ts";
import { featureCache } from "../program/image-features.ts";
import { createGenerator, rowsTogether } from "./generator.ts";

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

  /** Greedy rows of the left-padded case, and what they say in 16 tokens. */
  async function leftPadded(stop: ReadonlySet<number>, batch = 4) {
    const device = await openCpuDevice(2);
    const model = goldenModel("checkpoint-untied");
    const { examples, reader } = goldenExamples(tensors, "left-padded.", 3, model, () => false);
    const images = { kind: "kept", features: featureCache(device, model, reader) } as const;
    const generator = createGenerator(device, model, { batch, pad: 0, stop, images });
    return {
      generator,
      examples,
      images,
      texts: golden.find((each) => each.name === "left-padded")!.newTokens,
    };
  }

  it("ends rows at stop tokens, each at its own, while the batch is laid closer together", async () => {
    const { texts } = await leftPadded(new Set());
    const stop = new Set([texts[0]![4]!, texts[1]![9]!]);
    const { generator, examples } = await leftPadded(stop);
    const order: number[] = [];
    const results = await generator.generate(
      examples.map((prompt) => ({ prompt, sampling: greedy, sample: 0 })),
      (index) => order.push(index),
    );
    const expected = texts.map((text) => {
      const end = text.findIndex((token) => stop.has(token));
      return end < 0 ? { tokens: text, finish: "length" } : { tokens: text.slice(0, end), finish: "stop" };
    });
    expect(results.map(({ tokens, finish }) => ({ tokens, finish }))).toEqual(expected);
    expect([...order].sort()).toEqual([0, 1, 2]);
    expect(expected.some(({ finish }) => finish === "stop")).toBe(true);
    await generator.release();
  });

  it("keeps to maxTokens of each row and to a row's own end, and sums the log-probabilities of greedy tokens", async () => {
    const { generator, examples, texts } = await leftPadded(new Set());
    const rows = examples.map((prompt, n) => ({
      prompt,
      sampling: { ...greedy, maxTokens: [1, 5, 16][n]! },
      sample: 0,
      ...(n === 2 ? { ends: (tokens: readonly number[]) => tokens.length === 7 } : {}),
    }));
    const results = await generator.generate(rows);
    expect(results.map(({ tokens }) => tokens)).toEqual(
      [1, 5, 7].map((count, n) => texts[n]!.slice(0, count)),
    );
    expect(results.map(({ finish }) => finish)).toEqual(["length", "length", "stop"]);
    expect(results.every(({ logProb }) => logProb < 0)).toBe(true);
    await generator.release();
  });

  it("draws K samples of one prompt from one prefill: different from each other, the same again, other with another seed", async () => {
    const { generator, examples } = await leftPadded(new Set(), 4);
    const draw = async (seed: number) => {
      const sampling = { temperature: 1.5, topP: 0.95, maxTokens: 10, seed };
      const rows = [0, 1, 2, 3, 4, 5].map((sample) => ({ prompt: examples[0]!, sampling, sample }));
      return (await generator.generate(rows)).map(({ tokens }) => tokens.join());
    };
    const [first, again, other] = [await draw(1), await draw(1), await draw(2)];
    expect(new Set(first).size).toBe(6);
    expect(again).toEqual(first);
    expect(other.filter((text) => first.includes(text))).toEqual([]);
    await generator.release();
  });

  it("says the same where a provider has memory of its own and the cache is joined, not shared", async () => {
    const { examples, images, texts } = await leftPadded(new Set());
    const model = goldenModel("checkpoint-untied");
    const apart = { ...(await openCpuDevice(1)), name: "cuda" } as const;
    const generator = createGenerator(apart, model, { batch: 4, pad: 0, stop: new Set(), images });
    const rows = examples.map((prompt) => ({ prompt, sampling: greedy, sample: 0 }));
    expect((await generator.generate(rows)).map(({ tokens }) => tokens)).toEqual(texts);
    await generator.release();
  });

  it("draws from logits what the graph takes as the best", async () => {
    const { generator, examples, texts } = await leftPadded(new Set());
    // a nucleus of nothing but the best; a temperature, so that the logits are asked for
    const sampling = { temperature: 1, topP: 1e-9, maxTokens: 16 };
    const drawn = await generator.generate(examples.map((prompt) => ({ prompt, sampling, sample: 0 })));
    const best = await generator.generate(
      examples.map((prompt) => ({ prompt, sampling: greedy, sample: 0 })),
    );
    expect(drawn.map(({ tokens }) => tokens)).toEqual(texts);
    for (const [n, { logProb }] of drawn.entries()) expect(best[n]!.logProb).toBeCloseTo(logProb, 4);
    await generator.release();
  });

  it("in eight bits is near: the same length, most tokens, log-probabilities of the same size", async () => {
    const device = await openCpuDevice(1);
    const model = goldenModel("checkpoint-untied");
    const { examples, reader } = goldenExamples(tensors, "left-padded.", 3, model, () => false);
    const images = { kind: "kept", features: featureCache(device, model, reader) } as const;
    const settings = { batch: 4, pad: 0, stop: new Set<number>(), images };
    const said = [];
    for (const weights of ["float32", "int8"] as const) {
      const generator = createGenerator(device, model, { ...settings, weights });
      const sampling = { ...greedy, maxTokens: 2 };
      said.push(await generator.generate(examples.map((prompt) => ({ prompt, sampling, sample: 0 }))));
      await generator.release();
    }
    const [exact, rounded] = said as [(typeof said)[0], (typeof said)[0]];
    exact.forEach(({ tokens, logProb }, n) => {
      expect(rounded[n]!.tokens[0]).toBe(tokens[0]); // of the prompt, in float32
      expect(Math.abs(rounded[n]!.logProb - logProb)).toBeLessThan(0.05 * Math.abs(logProb));
      expect(rounded[n]!.logProb).not.toBe(logProb);
    });
  });

  it("ends between two tokens when it is aborted", async () => {
    const { generator, examples } = await leftPadded(new Set());
    const stop = new AbortController();
    const rows = examples.map((prompt) => ({
      prompt,
      sampling: greedy,
      sample: 0,
      ends: (tokens: readonly number[]) => {
        if (tokens.length === 3) stop.abort(new Error("enough"));
        return false;
      },
    }));
    const finished: number[] = [];
    await expect(generator.generate(rows, (index) => finished.push(index), stop.signal)).rejects.toThrow(
      "enough",
    );
    expect(finished).toEqual([]);
    await generator.release();
  });
});

describe("rows that go into one batch", () => {
  const { config } = goldenModel("checkpoint-untied");
  const [example] = goldenExamples(
    goldenTensors("generation.safetensors"),
    "text.",
    1,
    goldenModel("checkpoint-untied"),
    () => false,
  ).examples;
  const row = (maxTokens: number) => ({
    prompt: example!,
    sampling: { temperature: 0, topP: 1, maxTokens },
    sample: 0,
  });

  it("are all of them while their keys and values have room, fewer when they are long, and never none", () => {
    const position = 2 * config.text.layers * config.text.kvHeads * config.text.headDim * 4;
    const room = Math.floor(2 ** 29 / position);
    expect(rowsTogether(config, Array(8).fill(row(16)))).toBe(8);
    const third = Math.floor(room / 3) - example!.tokens.length;
    expect(rowsTogether(config, Array(8).fill(row(third)))).toBe(3);
    expect(rowsTogether(config, [row(16), row(16), ...Array(4).fill(row(third))])).toBe(3);
    expect(rowsTogether(config, [row(2 * room), row(2 * room)])).toBe(1);
  });
});
