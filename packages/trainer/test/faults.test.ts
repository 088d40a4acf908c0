import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodePng, openImageStore } from "@mede2/images";
import { readSafetensors, toFloat32, writeSafetensors } from "@mede2/safetensors";
import type { TrainingPlan } from "@mede2/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demonstration, type Fixture, ofType, openFixture, pair, passage } from "./training-fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.remove());

const unknown = "0123456789abcdef".repeat(4);

/** The golden checkpoint with one tensor changed. */
async function changedModel(name: string, change: (data: Float32Array) => void): Promise<string> {
  const folder = join(fixture.workspace, name);
  await cp(fixture.model, folder, { recursive: true });
  const path = join(folder, "model.safetensors");
  const file = readSafetensors(path);
  const tensors = [...file.entries.keys()].map((key) => {
    const { shape, ...tensor } = file.tensor(key);
    const data = Float32Array.from(toFloat32(tensor));
    if (key === "model.norm.weight") change(data);
    return { name: key, dtype: "F32" as const, shape, data };
  });
  await writeSafetensors(`${path}.new`, tensors);
  await writeFile(path, await readFile(`${path}.new`));
  return folder;
}

/** What the run says when a plan cannot be run: the thrown error and the event tell the same. */
async function failure(overrides: Partial<TrainingPlan>) {
  const run = await fixture.run(fixture.plan(overrides));
  const error = await run.start().then(
    () => undefined,
    (thrown: { code: string; message: string; next?: string }) => thrown,
  );
  const events = await run.events();
  expect(events.at(-1)).toMatchObject({ type: "run-failed", code: error?.code, message: error?.message });
  return { error: error!, events };
}

const train = (records: readonly object[]) => fixture.data("train.jsonl", records);

describe("data", () => {
  const place = () => `${join(fixture.workspace, "train.jsonl")}:2: `;

  it.each<[string, () => object | Promise<object>, string, string]>([
    ["too long", () => demonstration(1, [], "word ".repeat(300)), "too-long", "batch.maxTokens is 400"],
    [
      "an unknown image",
      () => demonstration(1, [{ sha256: unknown, mime: "image/png", width: 24, height: 16 }]),
      "image-missing",
      "the image 0123456789ab… is not in the image store",
    ],
    [
      "an image of another shape than any model takes",
      () => demonstration(1, [{ ...fixture.images[0]!, width: 4000, height: 4 }]),
      "image-aspect",
      "",
    ],
    [
      "a special token as text",
      () => demonstration(1, [], "<|im_end|> more"),
      "special-token-in-text",
      "message 1 contains <|im_end|>",
    ],
    [
      "a pair",
      () => pair(1),
      "wrong-record",
      'a plan of kind sft cannot learn from a record "preference-pair"',
    ],
    ["no record", () => ({ some: 1 }), "wrong-record", "cannot learn from a record null"],
    ["a broken record", () => ({ ...demonstration(1), trace: 1 }), "invalid", "trace"],
  ])("%s: the line and what is wrong", async (_, record, code, message) => {
    const { error } = await failure({ data: [await train([demonstration(0), await record()])] });
    if (code !== "image-aspect") expect(error.code).toBe(code);
    expect(error.message.startsWith(place()), error.message).toBe(true);
    expect(error.message).toContain(message);
  });

  it("an image whose file is of another size than its reference", async () => {
    const store = openImageStore(join(fixture.workspace, ".mede2/images"));
    const ref = await store.put(
      await encodePng({ width: 24, height: 24, channels: 1, data: new Uint8Array(576) }),
    );
    const { error } = await failure({ data: [await train([demonstration(0, [{ ...ref, width: 40 }])])] });
    expect(error.code).toBe("image-size");
    expect(error.message).toContain("has 24 × 24 pixels, its reference says 40 × 24");
  });

  it("a demonstration among pairs, equal answers, no weight, nothing to learn from", async () => {
    const preference = { kind: "preference", loss: { name: "dpo", beta: 0.1 } } as const;
    const of = async (record: object, split?: string) =>
      (await failure({ ...preference, data: [await fixture.data("train.jsonl", [record], split)] })).error;
    expect(await of(demonstration(0))).toMatchObject({
      code: "wrong-record",
      next: "give it preference pairs",
    });
    const equal = pair(0);
    expect(await of({ ...equal, rejected: { ...equal.rejected, text: equal.chosen.text } })).toMatchObject({
      code: "pair-equal",
    });
    expect(await of(pair(0, [], 0))).toMatchObject({ code: "pair-weight" });
    expect(await of(pair(0), "validation")).toMatchObject({ code: "no-data" });
  });

  it("a file that changed or is not there", async () => {
    const data = await train([demonstration(0)]);
    await train([demonstration(1)]);
    expect((await failure({ data: [data] })).error.code).toBe("data-changed");
    expect((await failure({ data: [{ ...data, path: "none.jsonl" }] })).error.code).toBe("data-missing");
  });
});

describe("settings that cannot be honoured", () => {
  it.each<[string, Partial<TrainingPlan>, string]>([
    ["another template", { templateHash: unknown }, "template-hash"],
    ["other pixels", { pixels: { min: 1, max: 2 } }, "pixels"],
    ["an unknown prefix", { freeze: ["vision."] }, "freeze"],
    ["everything frozen", { freeze: ["visual.", "model."] }, "nothing-trained"],
    ["another engine", { engine: "ms-swift" }, "engine"],
    ["a launcher", { launcher: { name: "slurm" } }, "launcher"],
    [
      "a loss of single answers on other records",
      { kind: "preference", loss: { name: "kto" } },
      "wrong-record",
    ],
    [
      "a setting its loss does not have",
      { kind: "preference", loss: { name: "dpo", gamma: 1 } },
      "loss-setting",
    ],
    ["a likelihood weight in SFT", { loss: { name: "cross-entropy", nllWeight: 2 } }, "loss-setting"],
    ["cross-entropy on pairs", { kind: "preference" }, "loss"],
    ["a reference in SFT", { reference: "x" }, "reference"],
    ["LoRA dropout", { lora: { rank: 2, alpha: 4, targets: ["q_proj"], dropout: 0.1 } }, "lora-dropout"],
    [
      "a LoRA target that is not there",
      { lora: { rank: 2, alpha: 4, targets: ["qkv"], dropout: 0 } },
      "lora-targets",
    ],
    [
      "LoRA on what is frozen",
      { freeze: ["model.layers.0."], lora: { rank: 2, alpha: 4, targets: ["q_proj"], dropout: 0 } },
      "freeze",
    ],
    ["a prompt style", { settings: { promptStyle: "toString" } }, "prompt-style"],
  ])("%s", async (_, overrides, code) => {
    const { error } = await failure({ data: [await train([demonstration(0)])], ...overrides });
    expect(error.code).toBe(code);
    expect(error.message.length).toBeGreaterThan(10);
  });

  it("a changed plan in an old run folder", async () => {
    const plan = fixture.plan({ data: [await train([demonstration(0)])] });
    const run = await fixture.run(plan);
    await run.start();
    const path = join(run.dir, "run.json");
    await writeFile(path, (await readFile(path, "utf8")).replace('"seed": 3', '"seed": 4'));
    await expect(run.start()).rejects.toMatchObject({ code: "plan-changed" });
  });
});

describe("numbers that cannot be trusted stop the run", () => {
  it("a loss that is no number", async () => {
    const model = await changedModel("nan", (data) => data.fill(Number.NaN));
    const { error, events } = await failure({ model, data: [await train([demonstration(0)])] });
    expect(error.code).toBe("loss-not-finite");
    expect(ofType(events, "step-end")[0]).toMatchObject({
      step: 1,
      nonFinite: expect.arrayContaining(["loss"]),
    });
    expect(ofType(events, "checkpoint-saved")).toEqual([]);
  });

  it("a reference that is another model: the first preference step is not at ln 2", async () => {
    const reference = await changedModel("other", (data) => {
      for (const i of data.keys()) data[i]! *= 1.3;
    });
    const data = [await train([pair(0), pair(1)])];
    const { error, events } = await failure({
      kind: "preference",
      loss: { name: "dpo", beta: 0.1 },
      data,
      reference,
    });
    expect(error.code).toBe("invariant-broken");
    expect(ofType(events, "invariant-broken")[0]).toMatchObject({
      name: "preference-loss-at-start",
      expected: Math.LN2,
    });
  });

  it("the same model named as reference is no fault", async () => {
    const data = [await train([pair(0), pair(1)])];
    const loss = { name: "dpo", beta: 0.1 } as const;
    const run = await fixture.run(fixture.plan({ kind: "preference", loss, data, reference: fixture.model }));
    expect((await run.start()).status).toBe("finished");
  });
});

describe("small data", () => {
  it("one example, one pair, one passage in batches of two", async () => {
    const preference = { kind: "preference", loss: { name: "dpo", beta: 0.1 } } as const;
    for (const [record, more] of [
      [demonstration(0, [fixture.images[0]!]), {}],
      [pair(0, [fixture.images[0]!]), preference],
      [passage(0, [fixture.images[1]!]), { kind: "pretrain" as const, freeze: [] as string[] }],
    ] as const) {
      const run = await fixture.run(fixture.plan({ ...more, data: [await train([record])] }));
      const result = await run.start();
      expect(result).toMatchObject({ status: "finished", steps: 5 });
      expect(result.loss.last!).toBeLessThan(result.loss.first!);
    }
  });
});
