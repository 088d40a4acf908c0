import { expect, it } from "vitest";
import type { z } from "zod/mini";
import { fromReviewSchema, toReviewSchema } from "./review-messages.ts";
import {
  fromComparisonSchema,
  fromRunViewSchema,
  toComparisonSchema,
  toRunViewSchema,
} from "./run-messages.ts";
import { fromTraceEditorSchema, toTraceEditorSchema } from "./trace-messages.ts";

const takes = (schema: z.ZodMiniType, message: unknown) => schema.safeParse(message).success;
const all = {
  ...{ fromReviewSchema, toReviewSchema, fromComparisonSchema, toComparisonSchema },
  ...{ fromRunViewSchema, toRunViewSchema, fromTraceEditorSchema, toTraceEditorSchema },
};

it("takes nothing that has no known type, in either direction", () => {
  const strangers = [
    ...[undefined, null, 0, "ready", [], {}, { type: "exec", command: "x" }, { type: ["ready"] }],
  ];
  for (const [name, schema] of Object.entries(all))
    for (const message of strangers)
      expect(takes(schema, message), `${name} ${JSON.stringify(message)}`).toBe(false);
});

it("takes from a page only what a page may ask for", () => {
  expect(takes(fromRunViewSchema, { type: "control", request: "stop" })).toBe(true);
  expect(takes(fromRunViewSchema, { type: "control", request: "delete" })).toBe(false);
  expect(takes(fromRunViewSchema, { type: "open", what: "file" })).toBe(false);
  expect(takes(fromRunViewSchema, { type: "open", what: "trace", file: "x".repeat(1001) })).toBe(false);
  expect(takes(fromTraceEditorSchema, { type: "command", command: "mede2.stopRun" })).toBe(false);
  expect(takes(fromTraceEditorSchema, { type: "rows", generation: 0, from: -1, to: 3 })).toBe(false);
  expect(takes(fromTraceEditorSchema, { type: "filter", filter: { text: "x".repeat(2001) } })).toBe(false);
  expect(takes(fromComparisonSchema, { type: "answer", row: 0, run: 1 })).toBe(true);
  expect(takes(fromComparisonSchema, { type: "answer", row: 0.5, run: 1 })).toBe(false);
});

it("takes a verdict only within its bounds", () => {
  const verdict = {
    ...{ type: "verdict", index: 0, choice: "first", criteria: {}, spans: [], comment: "", seconds: 1 },
  };
  const span = { side: "first", start: 0, quote: "q" };
  expect(takes(fromReviewSchema, verdict)).toBe(true);
  for (const wrong of [
    ...[{ choice: "chosen" }, { index: -1 }, { seconds: -1 }, { comment: "x".repeat(4001) }],
    ...[{ criteria: { c: "maybe" } }, { spans: [{ ...span, quote: "" }] }, { spans: Array(51).fill(span) }],
  ])
    expect(takes(fromReviewSchema, { ...verdict, ...wrong }), JSON.stringify(wrong)).toBe(false);
});
