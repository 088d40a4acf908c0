import type { LogProbRequest } from "@mede2/llm";
import { promptStyles } from "@mede2/llm";
import type { Question, Trace } from "@mede2/schemas";
import { wilson } from "@mede2/stats";
import { describe, expect, it } from "vitest";
import { styleProtocol } from "../protocols/protocol.ts";
import { optionCalibration } from "./option-calibration.ts";

const item = (id: number, thinking: string | null, gold = "A") => ({
  question: {
    ...{
      record: "question",
      v: 1,
      id: `q:${id}`,
      source: "q",
      revision: "1",
      split: "test",
      stem: `case ${id}`,
    },
    ...{ options: ["normal", "pneumonia", "effusion"], gold: { labels: [gold] }, images: [], group: {} },
    ...{ tags: { language: "en" }, licence: "CC0-1.0" },
  } as Question,
  trace: {
    reasoning: thinking === null ? null : { field: "text", start: 0, end: 1, quote: thinking },
  } as Trace,
});

/** A model that gives the first option this probability, and the others equal parts of the rest. */
const sure = (first: (stem: string) => number, asked: LogProbRequest[] = []) => ({
  async logProbs(requests: readonly LogProbRequest[]) {
    asked.push(...requests);
    return requests.map(({ messages, completion }) => {
      const share = first(JSON.stringify(messages));
      const logProb = Math.log(completion.includes("normal") ? share : (1 - share) / 2);
      return { logProb: logProb - 40, tokens: 3 };
    });
  },
});
const protocol = styleProtocol(promptStyles.reason);

describe("optionCalibration", () => {
  it("normalises over the options behind the model's own thinking", async () => {
    const asked: LogProbRequest[] = [];
    const items = [item(0, "It is clear."), item(1, null, "B")];
    const found = (await optionCalibration(items, {
      model: sure(() => 0.8, asked),
      protocol,
      resamples: 50,
    }))!;
    expect(asked.map(({ completion }) => completion)).toEqual([
      "<think>\nIt is clear.\n</think>\n\n\\boxed{normal}",
      "<think>\nIt is clear.\n</think>\n\n\\boxed{pneumonia}",
      "<think>\nIt is clear.\n</think>\n\n\\boxed{effusion}",
      ...["normal", "pneumonia", "effusion"].map((option) => `\\boxed{${option}}`),
    ]);
    expect(found).toMatchObject({ n: 2, accuracy: 0.5 });
    expect([found.low, found.high]).toEqual([
      expect.closeTo(wilson(1, 2).low, 12),
      expect.closeTo(wilson(1, 2).high, 12),
    ]);
    expect(found.confidence).toBeCloseTo(0.8, 12);
    expect(found.brier).toBeCloseTo((0.04 + 0.64) / 2, 12);
    // right: 0.04 + 0.01 + 0.01; wrong: 0.64 + 0.81 + 0.01
    expect(found.brierOptions).toBeCloseTo((0.06 + 1.46) / 2, 12);
    expect(found.ece.value).toBeCloseTo(0.3, 12);
  });
  it("ranks by sureness, calls in parts, and leaves out what has no one right option", async () => {
    const items = Array.from({ length: 10 }, (_, id) => item(id, null, id < 5 ? "A" : "B"));
    const open = {
      ...items[0]!,
      question: { ...items[0]!.question, options: [], gold: { text: "x", aliases: [] } },
    };
    const model = sure((text) => (/case [0-4]/.test(text) ? 0.9 : 0.5));
    const done: number[] = [];
    const settings = { model, protocol, resamples: 50, chunk: 4, onProgress: (at: number) => done.push(at) };
    const found = (await optionCalibration([...items, open], settings))!;
    expect(found).toMatchObject({ n: 10, accuracy: 0.5 });
    expect(found.excess).toBeCloseTo(0, 12);
    expect(done).toEqual([4, 8, 10]);
    expect(await optionCalibration([open], settings)).toBeNull();
  });
});
