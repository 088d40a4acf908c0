import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ChatModel, functionModel, imagesOf, promptStyles } from "@mede2/llm";
import { evaluationRecordSchema, readAllJsonl, traceSchema } from "@mede2/schemas";
import { describe, expect, it } from "vitest";
import { caseOf, reply, seeingModel, someQuestions } from "../test/support/questions.ts";
import { type EvaluateSettings, evaluate, reliance, summaryTable } from "./index.ts";

const sampling = { temperature: 0, topP: 1, maxTokens: 64 };
const basis = { style: promptStyles.reason, sampling, task: "test", conditions: ["real"] } as const;

async function set(count: number, more: Partial<EvaluateSettings> = {}) {
  const { folder, store, questions } = await someQuestions(count);
  const { model, asked } = seeingModel(questions);
  const settings: EvaluateSettings = {
    ...basis,
    questions,
    model,
    store,
    out: join(folder, "evaluation"),
    ...more,
  };
  return { folder, store, questions, asked, settings };
}

describe("evaluate", () => {
  it("asks every question under every condition and says what the image is worth", async () => {
    const { settings, questions } = await set(24, {
      conditions: ["real", "blank", "swapped", "none", "noise", "options-only"],
    });
    const { summaries, records, traces } = await evaluate(settings);
    expect(summaries.map(({ images, correct, n }) => [images, correct, n])).toEqual([
      ["real", 24, 24],
      ["blank", 6, 24],
      ["swapped", summaries[2]!.correct, 24],
      ["none", 6, 24],
      ["noise", 6, 24],
      ["options-only", 6, 24],
    ]);
    const graded = await readAllJsonl(records, evaluationRecordSchema);
    expect(graded.slice(0, 24).map(({ questionId }) => questionId)).toEqual(questions.map(({ id }) => id));
    expect(reliance(graded)).toMatchObject({ b: 1, n: 24, clusters: 12 });
    const written = await readAllJsonl(traces, traceSchema);
    const hashes = new Map(
      written.map((trace) => [`${trace.questionId} ${trace.images}`, trace.imageHashes]),
    );
    for (const { id, images } of questions) {
      expect(hashes.get(`${id} real`)).toEqual([images[0]!.sha256]);
      expect(hashes.get(`${id} none`)).toEqual([]);
      for (const condition of ["blank", "swapped", "noise"]) {
        expect(hashes.get(`${id} ${condition}`)).toHaveLength(1);
        expect(hashes.get(`${id} ${condition}`)).not.toEqual([images[0]!.sha256]);
      }
    }
    expect(summaryTable(summaries)).toContain("seeing  reason  real");
  });

  it("swaps within the modality, and never with the same key", async () => {
    const { settings, questions } = await set(16, {
      conditions: ["swapped"],
      swap: { key: (question) => String(Number(question.id.split(":")[1]) % 4) },
    });
    const { traces } = await evaluate(settings);
    const owner = new Map(questions.map((question) => [question.images[0]!.sha256, question]));
    for (const { questionId, imageHashes } of await readAllJsonl(traces, traceSchema)) {
      const own = questions.find(({ id }) => id === questionId)!;
      const other = owner.get(imageHashes[0]!)!;
      expect(other.tags.modality).toBe(own.tags.modality);
      expect(Number(other.id.split(":")[1]) % 4).not.toBe(Number(own.id.split(":")[1]) % 4);
    }
  });

  it("goes on after a stop, asks nothing twice, and ends with the same records", async () => {
    const { settings, asked, questions, folder } = await set(20, {
      conditions: ["real", "swapped"],
      chunk: 8,
    });
    const whole = await evaluate({ ...settings, out: join(folder, "whole") });
    expect(asked).toHaveLength(40);
    asked.length = 0;
    const stop = new AbortController();
    const stopped = evaluate({
      ...settings,
      signal: stop.signal,
      onProgress: ({ done }) => done >= 11 && stop.abort(new Error("enough")),
    });
    await expect(stopped).rejects.toThrow("enough");
    const before = asked.length;
    expect(before).toBeLessThan(40);
    const again = await evaluate(settings);
    expect(again.reused).toBe(
      (await readFile(again.traces, "utf8")).trim().split("\n").length - (40 - again.reused),
    );
    expect(again.reused).toBeGreaterThanOrEqual(11);
    expect(asked.length - before).toBe(40 - again.reused);
    expect(await readFile(again.records, "utf8")).toBe(await readFile(whole.records, "utf8"));
    asked.length = 0;
    expect((await evaluate(settings)).reused).toBe(40);
    expect(asked).toHaveLength(0);
    expect(questions).toHaveLength(20);
  });

  it("drops a half-written last line of a process that was killed", async () => {
    const { settings, asked } = await set(6);
    const first = await evaluate(settings);
    const records = await readFile(first.records, "utf8");
    const text = await readFile(first.traces, "utf8");
    await writeFile(first.traces, text.slice(0, -100));
    asked.length = 0;
    expect(await evaluate(settings)).toMatchObject({ reused: 5, done: 6 });
    expect(asked).toHaveLength(1);
    expect(await readFile(first.records, "utf8")).toBe(records);
  });

  it("asks again when the prompt has changed, and when the request had failed", async () => {
    const { settings, questions, asked } = await set(4);
    let fail = true;
    const flaky = functionModel("seeing", (request) =>
      fail && caseOf(request) === 2
        ? reply("", { finish: "error", error: { code: "http", message: "503" } })
        : reply("\\boxed{rest}"),
    );
    const first = await evaluate({ ...settings, model: flaky });
    expect(first).toMatchObject({ errors: 1 });
    expect(first.summaries[0]).toMatchObject({ n: 3, excluded: { error: 1 }, incomplete: true, correct: 0 });
    fail = false;
    const second = await evaluate({ ...settings, model: flaky });
    expect(second).toMatchObject({ reused: 3, errors: 0 });
    expect(second.summaries[0]).toMatchObject({ n: 4, correct: 1, incomplete: false });
    const changed = questions.map((question, at) =>
      at === 1 ? { ...question, stem: `${question.stem}!` } : question,
    );
    const third = await evaluate({ ...settings, questions: changed });
    expect(third.reused).toBe(3);
    expect(asked).toHaveLength(1);
  });

  it("records several samples of a question with seeds of their own", async () => {
    const { settings } = await set(5, { samples: 3, sampling: { ...sampling, temperature: 0.8 } });
    const result = await evaluate({
      ...settings,
      model: functionModel("dice", (request) =>
        reply(`\\boxed{${request.sampling.seed! % 2 === 0 ? "rest" : "surgery"}}`),
      ),
    });
    const traces = await readAllJsonl(result.traces, traceSchema);
    expect(new Set(traces.map(({ sample }) => sample!.seed)).size).toBe(15);
    expect(traces.map(({ sample }) => sample!.index).slice(0, 3)).toEqual([0, 1, 2]);
    expect(result.summaries[0]).toMatchObject({ n: 5, interval: "clustered" });
  });

  it("hands the model big chunks, and equal prompts of sampled answers never in one call", async () => {
    const { settings } = await set(6, { conditions: ["options-only"], chunk: 4 });
    const sizes: number[] = [];
    const counting: ChatModel = {
      name: "count",
      generate: async (requests) => {
        sizes.push(requests.length);
        return requests.map(() => reply("\\boxed{rest}"));
      },
    };
    await evaluate({ ...settings, model: counting });
    expect(sizes).toEqual([4, 2]);
    sizes.length = 0;
    await evaluate({
      ...settings,
      model: counting,
      out: `${settings.out}-2`,
      sampling: { ...sampling, temperature: 1 },
    });
    expect(sizes).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it("refuses to ask about an image that would not be sent", async () => {
    const { settings, questions } = await set(2);
    const blind = questions.map((question) => ({ ...question, images: [] }));
    await expect(evaluate({ ...settings, questions: blind })).rejects.toMatchObject({
      code: "image-missing",
    });
    const elsewhere = questions.map((question) => ({
      ...question,
      images: [{ ...question.images[0]!, sha256: "0".repeat(64) }],
    }));
    await expect(evaluate({ ...settings, questions: elsewhere })).rejects.toMatchObject({
      code: "image-missing",
    });
    await expect(evaluate({ ...settings, questions: blind, conditions: ["none"] })).resolves.toMatchObject({
      done: 2,
    });
  });

  it("refuses what would mix evaluations", async () => {
    const { settings, questions } = await set(2);
    await evaluate(settings);
    await expect(evaluate({ ...settings, style: promptStyles.direct })).rejects.toMatchObject({
      code: "other-evaluation",
      message: expect.stringContaining("style"),
    });
    await expect(evaluate({ ...settings, questions: [...questions, questions[0]!] })).rejects.toMatchObject({
      code: "duplicate-question",
    });
    await expect(
      evaluate({ ...settings, questions: questions.slice(0, 1), conditions: ["swapped"] }),
    ).rejects.toMatchObject({
      code: "no-swap-partner",
    });
    const few: ChatModel = { name: "seeing", generate: async () => [reply("x")] };
    await expect(evaluate({ ...settings, model: few, conditions: ["none"] })).rejects.toMatchObject({
      code: "reply-count",
    });
  });

  it("never guesses, and counts why there is no answer", async () => {
    const { settings } = await set(6);
    const said = [
      reply("\\boxed{amoxicillin}"),
      reply("I'm sorry, I cannot help with that."),
      reply("<think>\nlet me", { finish: "length" }),
      reply("\\boxed{rest} \\boxed{surgery}"),
      reply("Hmm."),
      reply("furosemide", { reasoning: "It is not amoxicillin." }),
    ];
    const { summaries, traces } = await evaluate({
      ...settings,
      model: functionModel("mixed", (request) => said[caseOf(request)]!),
    });
    expect(summaries[0]!.answers).toEqual({
      found: 2,
      refused: 1,
      truncated: 1,
      ambiguous: 1,
      unparsed: 1,
      error: 0,
    });
    expect(summaries[0]).toMatchObject({ correct: 2, n: 6, interval: "wilson" });
    const last = (await readAllJsonl(traces, traceSchema)).at(-1)!;
    expect(last.text).toBe("<think>\nIt is not amoxicillin.\n</think>\n\nfurosemide");
    expect(last.reasoning?.quote).toBe("It is not amoxicillin.");
  });

  it("sends what it says it sends", async () => {
    const { settings, asked, questions } = await set(3);
    await evaluate(settings);
    expect(asked.map(({ messages }) => imagesOf(messages)[0]!.sha256)).toEqual(
      questions.map(({ images }) => images[0]!.sha256),
    );
    await appendFile(join(settings.out, "answers.trace.jsonl"), "{broken}\n");
    await expect(evaluate(settings)).rejects.toMatchObject({ name: "RecordError", line: 4 });
  });
});
