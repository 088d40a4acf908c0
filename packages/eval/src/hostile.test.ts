import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { functionModel, promptStyles } from "@mede2/llm";
import { evaluationRecordSchema, type Question, questionSchema, readAllJsonl } from "@mede2/schemas";
import { describe, expect, it } from "vitest";
import { reply, someQuestions } from "../test/support/questions.ts";
import { compare, evaluate, imageAudit, selectQuestions, summaryTable, tasks } from "./index.ts";

const sampling = { temperature: 0, topP: 1, maxTokens: 16 };
const sure = functionModel("sure", () => reply("\\boxed{A}"));

describe("a hostile data set", () => {
  it("harms nothing: script tags, path escapes, control characters, a field of 10 MB, a broken picture", async () => {
    const { folder, store, questions } = await someQuestions(6);
    const evil = "<script>alert(1)</script>\u001b]0;owned\u0007\u202e../../etc/passwd";
    const set: Question[] = questions.map((question, at) => ({
      ...question,
      ...(at === 0
        ? {
            id: `test:${evil}`,
            stem: `<image>${evil}`,
            group: { case: "../../../tmp/x" },
            tags: { ...question.tags, type: evil },
          }
        : {}),
      ...(at === 1 ? { stem: `<image>${"A ".repeat(5_000_000)}` } : {}),
      ...(at === 2 ? { options: ["x".repeat(500_000), evil, "__proto__", "constructor"] } : {}),
    }));
    const picture = store.path(set[3]!.images[0]!);
    const bytes = await readFile(picture);
    await writeFile(picture, "no picture");
    const before = await readdir(folder);
    const started = performance.now();
    const out = join(folder, "out");
    const result = await evaluate({
      ...{
        questions: set,
        model: sure,
        store,
        out,
        task: `../${evil}`,
        sampling,
        style: promptStyles.reason,
        by: ["type", "__proto__"],
      },
      conditions: ["real", "blank", "swapped", "options-only"],
    });
    expect(performance.now() - started).toBeLessThan(60_000);
    // the broken picture costs its own answers, and that of the question that it would have stood for
    expect(
      result.summaries.map(({ images, excluded, incomplete }) => [images, excluded, incomplete]),
    ).toEqual([
      ["real", { error: 1 }, true],
      ["blank", { error: 1 }, true],
      ["swapped", { error: 1 }, true],
      ["options-only", {}, false],
    ]);
    // nothing outside the folder of the evaluation, and no name with a separator
    expect((await readdir(folder)).sort()).toEqual([...before, "out"].sort());
    expect((await readdir(out)).every((name) => /^[\w.-]+$/.test(name))).toBe(true);
    const records = await readAllJsonl(result.records, evaluationRecordSchema);
    expect(records).toHaveLength(24);
    expect(compare(records, records, { resamples: 100 })).toMatchObject({ difference: 0, unpaired: 1 });
    expect(imageAudit(records, { resamples: 100 }).reliance.swapped!.n).toBeGreaterThan(3);
    for (const format of ["terminal", "markdown"] as const)
      expect(summaryTable(result.summaries, format)).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    // mended, only what had failed is asked
    await writeFile(picture, bytes);
    const again = await evaluate({
      ...{
        questions: set,
        model: sure,
        store,
        out,
        task: `../${evil}`,
        sampling,
        style: promptStyles.reason,
      },
      conditions: ["real"],
    });
    expect(again).toMatchObject({ reused: 5, errors: 0, done: 6 });
  });

  it("is refused where the key is wrong, with the line", async () => {
    const { folder, questions } = await someQuestions(2);
    const file = join(folder, "bad.questions.jsonl");
    const lines = [questions[0], { ...questions[1], gold: { labels: ["G"] } }].map((one) =>
      JSON.stringify(one),
    );
    await writeFile(file, `${lines.join("\n")}\n`);
    await expect(readAllJsonl(file, questionSchema)).rejects.toMatchObject({
      name: "RecordError",
      line: 2,
      message: expect.stringContaining("one of A, B, C, D"),
    });
  });

  it("is refused where a multimodal task would be answered without its images", async () => {
    const { questions } = await someQuestions(2);
    const blind = questions.map((question) => ({
      ...question,
      id: question.id.replace("test", "slake"),
      source: "slake",
      images: [],
    }));
    expect(() => selectQuestions(tasks.slake!, blind)).toThrow(/has no image, and slake is multimodal/);
    expect(() => selectQuestions(tasks.medqa!, blind)).toThrow(
      /none of the 2 questions belongs to medqa \(other-source 2\)/,
    );
  });
});
