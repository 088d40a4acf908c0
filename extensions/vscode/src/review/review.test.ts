import { appendFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  appendJsonl,
  type PreferencePair,
  type Rating,
  readAllJsonl,
  sha256Hex,
  type Trace,
  verdictSchema,
  withId,
} from "@mede2/schemas";
import { expect, it } from "vitest";
import { caseViewSchema } from "../protocol/case-view.ts";
import { fromReviewSchema, type VerdictMessage } from "../protocol/review-messages.ts";
import { caseOf } from "../records/case-of.ts";
import { agrees, drawOrder, shownPair, verdictOf, verdictsFile } from "./blind-pair.ts";
import { openReviewSession } from "./review-session.ts";

const hash = sha256Hex("x");
const trace = (text: string, label: string): Trace =>
  withId({
    ...{
      record: "trace",
      v: 1,
      questionId: "t:1",
      by: { kind: "model", name: `writer-of-${label}` },
      stage: "stage1",
      images: "real",
      imageHashes: [],
    },
    ...{
      promptHash: hash,
      sample: null,
      text,
      reasoning: null,
      steps: [{ field: "text", start: 0, end: text.length, quote: text }],
    },
    ...{
      answer: { status: "found", labels: [label], rule: "boxed", span: null },
      finish: "stop",
      tokens: { prompt: 1, completion: 1 },
    },
  } as const) as Trace;
const rating = (of: Trace, value: number): Rating => ({
  ...{
    record: "rating",
    v: 1,
    traceId: of.id,
    scorer: { name: "secret-scorer", version: "1", rubric: "r", mode: "programmatic", judges: [] },
    gates: {},
  },
  criteria: {
    reflection: {
      status: "scored",
      value,
      spans: [{ field: "text", start: 0, end: 3, quote: of.text.slice(0, 3) }],
    },
  },
  total: value,
});
const [good, bad] = [trace("Good answer, it is B.", "B"), trace("Wrong answer, it is A.", "A")];
const pair: PreferencePair = withId({
  ...{
    record: "preference-pair",
    v: 1,
    chosen: good,
    rejected: bad,
    ratings: { chosen: rating(good, 0.9), rejected: rating(bad, 0.1) },
  },
  question: {
    ...{
      record: "question",
      v: 1,
      id: "t:1",
      source: "t",
      revision: "1",
      split: "s",
      stem: "Which?",
      options: ["x", "y"],
    },
    ...{ gold: { labels: ["B"] }, images: [], group: {}, tags: { language: "en" }, licence: "CC0-1.0" },
  },
  ...{
    negativeKind: "flipped-sign",
    margin: 0.8,
    weight: 1,
    provenance: { plan: "p", scorer: "s", seed: 1, parents: [] },
    licence: "CC0-1.0",
    split: "s",
  },
} as const) as PreferencePair;
const nothing = {
  question: async () => undefined,
  trace: async () => undefined,
  outcome: async () => undefined,
  others: async () => [],
};
const open = await caseOf(pair, 1, nothing, () => ({ reason: "none" }), false);
const message = (more: Partial<VerdictMessage> = {}): VerdictMessage => ({
  ...{ type: "verdict", index: 0, choice: "first", criteria: {}, spans: [], comment: "", seconds: 3.21 },
  ...more,
});
const settings = { pair, blind: true, reviewer: "anna", ts: "2026-01-01T00:00:00.000Z" };

it("hides everything that tells the answers apart, in both orders", () => {
  for (const order of ["chosen-first", "rejected-first"] as const) {
    const view = shownPair(open, order, true);
    const text = JSON.stringify(view);
    for (const secret of [
      "secret-scorer",
      "writer-of",
      "flipped-sign",
      "Chosen",
      "Rejected",
      good.id,
      bad.id,
      pair.id,
      "reflection",
      "0.9",
      '"gold":true',
    ])
      expect(text).not.toContain(secret);
    expect(view.columns[0]!.blocks[0]!.pieces).toEqual([
      { text: (order === "chosen-first" ? good : bad).text, marks: [] },
    ]);
    expect(caseViewSchema.safeParse(view).success).toBe(true);
  }
  expect(JSON.stringify(shownPair(open, "rejected-first", false))).toContain("secret-scorer");
});

it("writes a verdict that the schema takes, with spans on the side that they stand on", () => {
  const spans = [
    { side: "first" as const, start: 0, quote: "Wrong answer" },
    { side: "second" as const, start: 5, quote: "answer, it is B" },
    { side: "second" as const, start: 0, quote: "nobody wrote this" },
  ];
  const verdict = verdictOf({
    ...settings,
    order: "rejected-first",
    message: message({ choice: "second", spans, comment: " why ", criteria: { reflection: "second" } }),
  });
  expect(verdictSchema.parse(verdict)).toMatchObject({
    pairId: pair.id,
    choice: "second",
    order: "rejected-first",
    blind: true,
    comment: "why",
    seconds: 3.2,
  });
  expect(verdict.spans).toEqual([
    { field: "rejected.text", start: 0, end: 12, quote: "Wrong answer" },
    { field: "chosen.text", start: 5, end: 20, quote: "answer, it is B" },
  ]);
  expect(agrees(verdict)).toBe(true);
  expect(agrees({ ...verdict, choice: "first" })).toBe(false);
  expect(agrees({ ...verdict, choice: "tie" })).toBeUndefined();
});

it("goes on where a reviewer left off, and lets others be", async () => {
  const pairs = join(mkdtempSync(join(tmpdir(), "mede2-review-")), "stage2.pairs.jsonl");
  const file = verdictsFile(pairs);
  expect(file).toMatch(/stage2\.verdicts\.jsonl$/);
  expect(() => verdictsFile("x.trace.jsonl")).toThrow(RangeError);
  const first = await openReviewSession(file, "anna", () => 0.9);
  expect(first.order(pair.id)).toBe("rejected-first");
  const verdict = verdictOf({ ...settings, order: first.order(pair.id), message: message() });
  await appendJsonl(file, [verdict, { ...verdict, reviewer: "ben", choice: "second" }], {
    schema: verdictSchema,
  });
  appendFileSync(file, "half a li\n");
  const again = await openReviewSession(file, "anna", () => 0.1);
  expect([
    again.judged,
    again.agreed,
    again.unreadable,
    again.order(pair.id),
    again.verdict(pair.id)?.choice,
  ]).toEqual([1, 0, 1, "rejected-first", "first"]);
  await expect(readAllJsonl(file, verdictSchema)).rejects.toThrow();
});

it("draws both orders", () => {
  expect([drawOrder(() => 0.49), drawOrder(() => 0.5)]).toEqual(["chosen-first", "rejected-first"]);
});

it("takes no message that is too big or malformed", () => {
  for (const wrong of [
    { ...message(), index: -1 },
    { ...message(), choice: "chosen" },
    { ...message(), spans: [{ side: "first", start: 0, quote: "x".repeat(5000) }] },
    { ...message(), comment: "x".repeat(5000) },
    { type: "eval", code: "1" },
    null,
  ])
    expect(fromReviewSchema.safeParse(wrong).success).toBe(false);
  expect(fromReviewSchema.safeParse(message()).success).toBe(true);
});
