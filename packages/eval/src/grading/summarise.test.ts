import type { Question, Trace } from "@mede2/schemas";
import { wilson } from "@mede2/stats";
import { describe, expect, it } from "vitest";
import { recordOf } from "../../test/support/records.ts";
import { gradeTrace, summarise } from "../index.ts";

describe("summarise", () => {
  it("gives Wilson's interval for single answers", () => {
    const records = Array.from({ length: 286 }, (_, at) => recordOf(at, at < 150));
    const [summary] = summarise(records);
    expect(summary).toMatchObject({
      n: 286,
      correct: 150,
      interval: "wilson",
      band: null,
      incomplete: false,
    });
    expect(summary).toMatchObject({ low: wilson(150, 286).low, high: wilson(150, 286).high });
  });

  it("gives a clustered interval when questions share a case", () => {
    const records = Array.from({ length: 40 }, (_, at) =>
      recordOf(at, (at >> 2) % 2 === 0, { group: { case: `c${at >> 2}` } }),
    );
    const [alone, together] = [summarise(records)[0]!, summarise(records, { cluster: "case" })[0]!];
    expect(together.interval).toBe("clustered");
    expect(together.high! - together.low!).toBeGreaterThan(alone.high! - alone.low!);
  });

  it("gives an interval where every answer of every cluster is wrong, or right", () => {
    for (const right of [false, true]) {
      const records = Array.from({ length: 40 }, (_, at) =>
        recordOf(at, right, { group: { case: `c${at >> 2}` } }),
      );
      const [summary] = summarise(records, { cluster: "case" });
      const { low, high } = wilson(right ? 10 : 0, 10);
      expect(summary).toMatchObject({ accuracy: right ? 1 : 0, low, high, interval: "clustered" });
    }
  });

  it("gives the mean tokens of prompts and answers, and pictures sent, where they were counted", () => {
    const counted = { tokens: { prompt: 100, completion: 20 }, imageHashes: ["a", "b"] };
    const [summary] = summarise([
      recordOf(1, true, counted as object),
      recordOf(2, true, { tokens: { prompt: 50, completion: 10 } } as object),
      recordOf(3, true),
    ]);
    expect(summary).toMatchObject({ promptTokens: 75, completionTokens: 15, picturesSent: 2 });
    expect(summarise([recordOf(1, true)])[0]).toMatchObject({
      ...{ promptTokens: null, completionTokens: null, picturesSent: null },
    });
  });

  it("keeps conditions apart, and has no accuracy where all is excluded", () => {
    const [real, blank] = summarise([recordOf(1, true), recordOf(1, null, { images: "blank" })]);
    expect(real).toMatchObject({ images: "real", accuracy: 1 });
    expect(blank).toMatchObject({
      images: "blank",
      accuracy: null,
      low: null,
      incomplete: true,
      excluded: { error: 1 },
    });
  });
});

describe("gradeTrace", () => {
  const question = {
    id: "q:1",
    options: ["amoxicillin", "rest"],
    gold: { labels: ["B"] },
    group: {},
    tags: { language: "en" },
  } as unknown as Question;
  const grade = (text: string, more: Partial<Trace> = {}, asked = question) =>
    gradeTrace(
      asked,
      {
        id: "0".repeat(16),
        text,
        finish: "stop",
        images: "real",
        stage: null,
        sample: null,
        ...more,
      } as Trace,
      { task: "t", protocol: "p", model: { name: "m" } },
    );

  it("grades under every rule, for the band", () => {
    const graded = grade("At first the answer is A, but no.\nANSWER: B");
    expect(graded.outcome).toEqual({ correct: true });
    expect(graded.correctByRule).toMatchObject({ announced: true, inspect: true, boxed: false });
    const [{ band }] = summarise([graded]) as [ReturnType<typeof summarise>[number]];
    expect(band).toEqual({ low: 0, high: 1, lowRule: "first-capital", highRule: "last-capital" });
  });

  it("excludes a failed request, and counts a refusal as wrong", () => {
    expect(grade("", { finish: "error" }).outcome).toEqual({ excluded: "error" });
    expect(grade("", { finish: "refused" })).toMatchObject({
      outcome: { correct: false },
      answer: { status: "refused" },
    });
  });

  it("reads numbers with their unit and several labels", () => {
    const number = {
      ...question,
      options: [],
      gold: { value: 1.2, unit: "g", tolerance: 0.01 },
    } as unknown as Question;
    expect(grade("The answer is 1200 mg", {}, number).outcome).toEqual({ correct: true });
    const several = {
      ...question,
      options: ["a1", "b1", "c1"],
      gold: { labels: ["A", "C"] },
    } as unknown as Question;
    expect(grade("\\boxed{A, C}", {}, several).outcome).toEqual({ correct: true });
  });
});
