import { describe, expect, it } from "vitest";
import { examples, pair, plan, question, trace } from "../test/example-records.ts";
import { parseRecord, parseRecordText, RecordError, type RecordName, recordSchemas } from "./index.ts";

function messageOf(name: RecordName, value: unknown): string {
  try {
    parseRecord(recordSchemas[name], value, { file: "x.jsonl", line: 3 });
  } catch (error) {
    if (error instanceof RecordError) return error.message;
    throw error;
  }
  throw new Error("the record was accepted");
}

const step = examples["run-event"][2] as object;

describe("messages", () => {
  it.each<[string, RecordName, unknown, string]>([
    [
      "a missing field",
      "question",
      { ...question, stem: undefined },
      "x.jsonl:3: stem: expected a text, got nothing",
    ],
    [
      "a newer version",
      "question",
      { ...question, v: 2 },
      "x.jsonl:3: v: expected 1, as a newer version of MedE² wrote this: upgrade to read it, got 2",
    ],
    ["no version", "question", { ...question, v: undefined }, "x.jsonl:3: v: expected 1, got nothing"],
    [
      "a wrong type",
      "question",
      { ...question, images: "a.png" },
      'x.jsonl:3: images: expected a list, got "a.png"',
    ],
    [
      "a nested field",
      "question",
      { ...question, images: [{ ...question.images[0], width: 0 }] },
      "x.jsonl:3: images.0.width: expected a number of at least 1, got 0",
    ],
    [
      "a fraction of a pixel",
      "question",
      { ...question, images: [{ ...question.images[0], width: 1.5 }] },
      "x.jsonl:3: images.0.width: expected a whole number, got 1.5",
    ],
    [
      "a bad hash",
      "question",
      { ...question, images: [{ ...question.images[0], sha256: "AB" }] },
      'x.jsonl:3: images.0.sha256: expected a sha256 of 64 lower-case hex digits, got "AB"',
    ],
    [
      "a label that is no option",
      "question",
      { ...question, gold: { labels: ["D"] } },
      'x.jsonl:3: gold.labels.0: expected one of A, B, C, got "D"',
    ],
    [
      "gold of no kind",
      "question",
      { ...question, gold: { letter: "A" } },
      'x.jsonl:3: gold: expected {labels}, {text, aliases} or {value, unit, tolerance}, got {"letter":"A"}',
    ],
    [
      "gold of a kind, wrong inside",
      "question",
      { ...question, gold: { labels: "A" } },
      'x.jsonl:3: gold.labels: expected a list, got "A"',
    ],
    [
      "gold half filled",
      "question",
      { ...question, gold: { value: 1, tolerance: 0 } },
      "x.jsonl:3: gold: expected {labels}, {text, aliases} or {value, unit, tolerance}, got ",
    ],
    [
      "an id of another source",
      "question",
      { ...question, id: "medqa:1" },
      'x.jsonl:3: id: expected an id that begins with "ward:", got "medqa:1"',
    ],
    [
      "another record",
      "question",
      { ...question, record: "trace" },
      'x.jsonl:3: record: expected "question", got "trace"',
    ],
    ["no object", "question", [], "x.jsonl:3: expected an object, got []"],
    [
      "one of several words",
      "trace",
      { ...trace, finish: "eos" },
      'x.jsonl:3: finish: expected one of "stop", "length", "refused", "error", got "eos"',
    ],
    [
      "a positive log-probability",
      "trace",
      { ...trace, logProb: 1 },
      "x.jsonl:3: logProb: expected a number of at most 0, got 1",
    ],
    [
      "found without an answer",
      "trace",
      { ...trace, answer: { status: "found", rule: "boxed", span: null } },
      "x.jsonl:3: answer.labels: an answer that was found needs labels or a text",
    ],
    [
      "a pair of two questions",
      "preference-pair",
      { ...pair, chosen: { ...trace, questionId: "ward:2" } },
      'x.jsonl:3: chosen.questionId: expected "ward:17", the pair\'s question, got "ward:2"',
    ],
    [
      "an unknown kind of plan",
      "plan",
      { ...plan, kind: "dpo" },
      'x.jsonl:3: kind: expected one of "pretrain", "sft", "preference", "curate", "demonstrate", "sample", "score", "pair", "evaluate", got "dpo"',
    ],
    [
      "a learning rate of nought",
      "plan",
      { ...plan, schedule: { ...plan.schedule, learningRate: 0 } },
      "x.jsonl:3: schedule.learningRate: expected a number of more than 0, got 0",
    ],
    [
      "no end",
      "plan",
      { ...plan, schedule: { name: "constant", learningRate: 1 } },
      "x.jsonl:3: schedule.steps: a schedule needs either epochs or steps, not both",
    ],
    [
      "a preference loss in sft",
      "plan",
      { ...plan, kind: "sft" },
      'x.jsonl:3: loss.name: expected "cross-entropy" in a plan of kind sft, got "dpo"',
    ],
    [
      "an unknown event",
      "run-event",
      { ...step, type: "step-begin" },
      'x.jsonl:3: type: expected one of "run-started"',
    ],
    [
      "a step without loss",
      "run-event",
      { ...step, loss: undefined },
      "x.jsonl:3: loss: expected a number, or loss listed in nonFinite, got nothing",
    ],
    [
      "a local time",
      "heartbeat",
      { ...examples.heartbeat[0], ts: "2026-01-31 12:00" },
      'x.jsonl:3: ts: expected an ISO 8601 time in UTC with milliseconds, such as "2026-01-31T12:00:00.000Z", got "2026-01-31 12:00"',
    ],
  ])("%s", (_, name, value, message) => {
    expect(messageOf(name, value).startsWith(message), messageOf(name, value)).toBe(true);
  });

  it("counts further problems and shortens long values", () => {
    const message = messageOf("question", { ...question, stem: ["x".repeat(500)], split: 1, licence: "" });
    expect(message).toMatch(/^x\.jsonl:3: split: expected a text, got 1 \(and 2 more problems\)$/);
    expect(messageOf("question", { ...question, stem: ["x".repeat(500)] }).length).toBeLessThan(130);
  });

  it("accepts a step whose loss was not finite", () => {
    expect(() =>
      parseRecord(
        recordSchemas["run-event"],
        { ...step, loss: undefined, nonFinite: ["loss"] },
        { file: "x" },
      ),
    ).not.toThrow();
  });

  it("says what is wrong with the JSON and carries code, file, line and field", () => {
    try {
      parseRecordText(recordSchemas.question, '{"loss": NaN}', { file: "x.jsonl", line: 2 });
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        name: "RecordError",
        code: "not-json",
        file: "x.jsonl",
        line: 2,
        field: "",
      });
      expect((error as Error).message).toMatch(/^x\.jsonl:2: expected one JSON object, but /);
    }
  });
});
