import { segmentTrace } from "@mede2/answers";
import { type LogProbRequest, promptStyles } from "@mede2/llm";
import { type Question, type Trace, withId } from "@mede2/schemas";
import { describe, expect, it } from "vitest";
import { styleProtocol } from "../protocols/protocol.ts";
import { type ForcedItem, forcedAnswers, forcedPoints, isForceable } from "./forced-answers.ts";

const words = (text: string, n: number) =>
  text
    .split(/(?<= )/)
    .slice(0, n)
    .join("");

function item(at: number, thinking: string): ForcedItem {
  const question: Question = {
    ...{ record: "question", v: 1, id: `s:${at}`, source: "s", revision: "1", split: "test", stem: "What?" },
    ...{ options: ["normal", "pneumonia"], gold: { labels: ["B"] }, images: [], group: {} },
    ...{ tags: { language: "en" }, licence: "CC0-1.0" },
  };
  const text = `<think>\n${thinking}\n</think>\n\n\\boxed{pneumonia}`;
  const trace = withId({
    ...{
      record: "trace" as const,
      v: 1 as const,
      questionId: question.id,
      by: { kind: "model" as const, name: "m" },
    },
    ...{
      stage: null,
      images: "real" as const,
      imageHashes: [],
      promptHash: "a".repeat(64),
      sample: null,
      text,
    },
    ...segmentTrace(text),
    answer: { status: "found" as const, labels: ["B"], text: "pneumonia", rule: "boxed", span: null },
    ...{ finish: "stop" as const, tokens: { prompt: 1, completion: 20 } },
  }) as Trace;
  return { question, trace, score: 1, cluster: question.id };
}

/** Finds pneumonia likely once the thinking has come to the opacity. */
const asked: LogProbRequest[] = [];
const model = {
  async logProbs(requests: readonly LogProbRequest[]) {
    asked.push(...requests);
    return requests.map(({ completion }) => ({
      logProb: completion.includes("opacity") === completion.includes("pneumonia") ? -1 : -2,
      tokens: completion.split(" ").length,
    }));
  },
};

describe("forcing an answer at a budget of thinking", () => {
  const items = [item(1, "I look and see an opacity on the left"), item(2, "an opacity")];
  const protocol = styleProtocol(promptStyles.reason);

  it("cuts longer thinking, weighs the options behind it, and leaves shorter thinking its answer", async () => {
    const budgets = await forcedAnswers(items, {
      model,
      protocol,
      cut: words,
      budgets: [3, 6, 100],
      chunk: 1,
    });
    expect(budgets.map(({ scores, cut }) => [scores, cut])).toEqual([
      [[0, 1], 0.5],
      [[1, 1], 0.5],
      [[1, 1], 0],
    ]);
    expect(asked.map(({ completion }) => completion)).toContain(
      "<think>\nI look and \n</think>\n\n\\boxed{pneumonia}",
    );
    expect(asked).toHaveLength(4);
    expect(budgets[0]!.tokens[1]).toBe(20);
    const points = forcedPoints(items, budgets, { resamples: 200 });
    expect(points.map(({ method, k, accuracy }) => [method, k, accuracy])).toEqual([
      ["forced", 3, 0.5],
      ["forced", 6, 1],
      ["forced", 100, 1],
    ]);
    expect(points[0]!.gain!.difference).toBe(-0.5);
    expect(points[2]!.gain).toBeNull();
  });

  it("is for questions with one right option", () => {
    const { question } = items[0]!;
    expect(isForceable(question)).toBe(true);
    expect(isForceable({ ...question, gold: { labels: ["A", "B"] } })).toBe(false);
    expect(isForceable({ ...question, options: [], gold: { text: "x", aliases: [] } })).toBe(false);
  });
});
