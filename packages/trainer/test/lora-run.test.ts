import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promptStyles, questionPrompt } from "@mede2/llm";
import { readPeftFolder } from "@mede2/nn";
import { toFloat32 } from "@mede2/safetensors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCpuDevice } from "../src/device/cpu.ts";
import { loadModel } from "../src/model/load-model.ts";
import { openLocalModel } from "../src/model/local-model.ts";
import { featureCache } from "../src/program/image-features.ts";
import { createRowScorer } from "../src/program/row-log-probs.ts";
import { loraModules } from "../src/train/trained-keys.ts";
import { goldenExamples, goldenModel, goldens, goldenTensors, relativeDifference } from "./golden-model.ts";
import { demonstration, type Fixture, ofType, openFixture, pair } from "./training-fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.remove());

const lora = { rank: 4, alpha: 8, targets: ["q_proj", "k_proj", "v_proj", "up_proj"], dropout: 0 };
const data = async () => [
  await fixture.data("train.jsonl", [demonstration(0), demonstration(1, [fixture.images[0]!])]),
  await fixture.data("held.jsonl", [demonstration(0), demonstration(1, [fixture.images[0]!])], "validation"),
];

describe("a LoRA run", () => {
  it("starts at the loss of the base, moves factors only, and leaves a PEFT folder that opens as the same model", async () => {
    const batch = { size: 2, accumulation: 1, maxTokens: 400 };
    const schedule = { name: "constant", learningRate: 5e-3, steps: 8 } as const;
    const before = await readFile(join(fixture.model, "model.safetensors"));
    const run = await fixture.run(fixture.plan({ data: await data(), lora, batch, schedule }));
    const { checkpoint } = await run.start();
    expect(await readFile(join(fixture.model, "model.safetensors"))).toEqual(before);
    const full = await fixture.run(fixture.plan({ data: await data(), batch, schedule }));
    await full.start();
    const [first, fullFirst] = [(await run.steps())[0]!, (await full.steps())[0]!];
    expect(first.loss).toBe(fullFirst.loss);
    expect((await run.steps()).at(-1)!.loss!).toBeLessThan(0.8 * first.loss!);

    const peft = await readPeftFolder(checkpoint);
    expect(peft).toMatchObject({ lora: { rank: 4, alpha: 8 }, baseModel: fixture.model });
    expect(peft.modules.size).toBe(8); // four in each of two layers, none in the tower
    for (const { b } of peft.modules.values()) expect(toFloat32(b).some((value) => value !== 0)).toBe(true);

    // the held-out loss of the run's last event, by the merged model
    const merged = await loadModel(fixture.model, checkpoint);
    const device = await openCpuDevice(2);
    const trained = ofType(await run.events(), "evaluation-end").at(-1)!.metrics;
    const local = await openLocalModel({
      model: fixture.model,
      adapter: checkpoint,
      imageStore: join(fixture.workspace, ".mede2/images"),
      threads: 2,
      device,
    });
    const replies = await local.logProbs(
      [demonstration(0), demonstration(1, [fixture.images[0]!])].map(({ question, trace }) => ({
        messages: questionPrompt(question, promptStyles.reason),
        completion: trace.text,
      })),
    );
    await local.close();
    const tokens = replies.reduce((sum, reply) => sum + reply.tokens, 0);
    expect(tokens).toBe(trained.tokens);
    expect(-replies.reduce((sum, reply) => sum + reply.logProb, 0) / tokens).toBeCloseTo(trained.loss!, 4);
    for (const [key, weight] of (await loadModel(fixture.model)).state.parameters) {
      const moved = relativeDifference(merged.state.parameters.get(key)!, weight) > 0;
      expect(moved, key).toBe(peft.modules.has(key.replace(/\.weight$/, "")));
    }
  });

  it("a preference stage goes on with the adapter of the stage before, and starts at ln 2", async () => {
    const first = await fixture.run(fixture.plan({ data: await data(), lora }));
    const { checkpoint: adapter } = await first.start();
    const pairs = [await fixture.data("pairs.jsonl", [pair(0, [fixture.images[1]!]), pair(1)])];
    const plan = fixture.plan({
      kind: "preference",
      data: pairs,
      loss: { name: "dpo", beta: 0.1 },
      lora,
      adapter,
    });
    const second = await fixture.run(plan);
    const { checkpoint } = await second.start();
    expect((await second.steps())[0]!.loss).toBeCloseTo(Math.LN2, 4);
    const [before, after] = [await readPeftFolder(adapter), await readPeftFolder(checkpoint)];
    for (const [module, { a }] of after.modules) {
      const distance = relativeDifference(toFloat32(a), toFloat32(before.modules.get(module)!.a));
      expect(distance).toBeGreaterThan(0);
      expect(distance).toBeLessThan(0.2);
    }
    const other = await fixture.run({ ...plan, lora: { ...lora, rank: 2 } });
    await expect(other.start()).rejects.toMatchObject({ code: "adapter-differs" });
  });
});

describe("PEFT's adapter", () => {
  it("gives the same log-probabilities merged as in the graph", async () => {
    const cases = goldenTensors("cases.safetensors");
    const device = await openCpuDevice(2);
    const peft = await readPeftFolder(`${goldens}adapter`);
    const { state: merged } = await loadModel(`${goldens}checkpoint`, `${goldens}adapter`);
    const model = goldenModel("checkpoint");
    const parameters = model.parameters as Map<string, Float32Array>;
    for (const { module, a, b } of loraModules(model, peft.lora)) {
      parameters.set(a, toFloat32(peft.modules.get(module)!.a));
      parameters.set(b, toFloat32(peft.modules.get(module)!.b));
    }
    const { examples, reader } = goldenExamples(cases, "padded.", 3, model, (_, s) => s > 0);
    const scores: Awaited<ReturnType<ReturnType<typeof createRowScorer>["score"]>>[] = [];
    for (const [state, more] of [
      [model, { lora: peft.lora }],
      [merged, {}],
    ] as const) {
      const images = { kind: "kept", features: featureCache(device, state, reader) } as const;
      const { config, shapes } = state;
      const scorer = createRowScorer(device, state, { config, shapes, batch: 2, pad: 0, images, ...more });
      scores.push(await scorer.score(examples));
      await scorer.release();
    }
    scores[0]!.forEach(({ logProb, tokens }, row) => {
      expect(tokens).toBe(scores[1]![row]!.tokens);
      expect(logProb / tokens).toBeCloseTo(scores[1]![row]!.logProb / tokens, 5);
    });
  });
});

describe("what is frozen does not move", () => {
  it.each([
    ["the tower", ["visual."]],
    ["the tower, the embeddings and a layer", ["visual.", "model.embed_tokens.", "model.layers.0."]],
  ])("%s", async (_, freeze) => {
    const run = await fixture.run(fixture.plan({ data: await data(), freeze }));
    const { checkpoint } = await run.start();
    const [before, after] = [await loadModel(fixture.model), await loadModel(checkpoint)];
    for (const [key, weight] of after.state.parameters) {
      const moved = relativeDifference(weight, before.state.parameters.get(key)!) > 0;
      expect(moved, key).toBe(!freeze.some((prefix) => key.startsWith(prefix)));
    }
  });
});
