import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { surveyFolder } from "@mede2/runs";
import {
  canonicalJson,
  type EvaluationRecord,
  type Question,
  sha256Hex,
  spanOf,
  type Trace,
  withId,
} from "@mede2/schemas";
import { expect, it } from "vitest";
import { fileSource, memorySource } from "../files/byte-source.ts";
import { caseViewSchema } from "../protocol/case-view.ts";
import { alignSteps } from "./align-steps.ts";
import { caseOf } from "./case-of.ts";
import { openLookup } from "./lookup.ts";
import { facetsOf, query } from "./query.ts";
import { passes } from "./record-facts.ts";
import { recordFile } from "./record-file.ts";
import { rowOf } from "./row-of.ts";

const hash = sha256Hex("x");
const question = (id: string, stem = `Stem of ${id}?`): Question => ({
  ...{
    record: "question",
    v: 1,
    id: `t:${id}`,
    source: "t",
    revision: "1",
    split: "test",
    stem,
    options: ["no", "yes"],
  },
  ...{
    gold: { labels: ["B"] },
    images: [{ sha256: hash, mime: "image/png", width: 4, height: 4 }],
    group: {},
  },
  ...{ tags: { language: "en", specialty: id.startsWith("h") ? "heart" : "lung" }, licence: "CC0-1.0" },
});
const answered = (id: string, stage: "base" | "stage2", label: string): Trace => {
  const text = `<think>\nThe ${id} is large. So it is ${label}.\n</think>\n\n\\boxed{${label}}`;
  const body = { text };
  const at = (quote: string) => spanOf(body, "text", text.indexOf(quote), text.indexOf(quote) + quote.length);
  return withId({
    ...{
      record: "trace",
      v: 1,
      questionId: `t:${id}`,
      by: { kind: "model", name: "tiny" },
      stage,
      images: "real",
      imageHashes: [hash],
    },
    ...{
      promptHash: hash,
      sample: null,
      text,
      reasoning: at(`The ${id} is large. So it is ${label}.`),
      steps: [at(`The ${id} is large.`), at(`So it is ${label}.`)],
    },
    ...{
      answer: { status: "found", labels: [label], rule: "boxed", span: at(`\\boxed{${label}}`) },
      finish: "stop",
      tokens: { prompt: 3, completion: 9 },
    },
  } as const) as Trace;
};
const graded = (trace: Trace): EvaluationRecord => ({
  ...{
    record: "evaluation-record",
    v: 1,
    questionId: trace.questionId,
    task: "t",
    protocol: "p",
    model: { name: "tiny" },
    stage: trace.stage,
  },
  ...{
    images: trace.images,
    sample: 0,
    traceId: trace.id,
    answer: trace.answer,
    outcome: { correct: trace.answer.labels?.[0] === "B" },
  },
  ...{ byRule: {}, group: {}, tags: question(trace.questionId.slice(2)).tags },
});
const lines = (records: readonly object[]) => records.map((record) => `${canonicalJson(record)}\n`).join("");

const folder = mkdtempSync(join(tmpdir(), "mede2-records-"));
const ids = ["heart", "lung"];
const base = ids.map((id) => answered(id, "base", "A"));
const better = [answered("heart", "stage2", "B"), answered("lung", "stage2", "A")];
for (const [name, traces] of [
  ["base-set", base],
  ["stage2-set", better],
  ["stage2-other", better],
] as const) {
  mkdirSync(join(folder, "runs/x"), { recursive: true });
  mkdirSync(join(folder, "evaluations", name), { recursive: true });
  writeFileSync(join(folder, "evaluations", name, "answers.trace.jsonl"), lines(traces));
  writeFileSync(join(folder, "evaluations", name, "t.evaluation.jsonl"), lines(traces.map(graded)));
}
writeFileSync(join(folder, "t.questions.jsonl"), lines(ids.map((id) => question(id))));

const noImage = () => ({ reason: "none here" });
const file = join(folder, "evaluations/stage2-set/t.evaluation.jsonl");

it("joins a grade with its answer, its question and the answers of others on the same set", async () => {
  const lookup = openLookup(file, (await surveyFolder(folder)).files, (path) => path.split("/").at(-2)!);
  await lookup.prepare();
  const view = await caseOf(graded(better[0]!), 1, lookup, noImage, true);
  expect(caseViewSchema.safeParse(view).success).toBe(true);
  expect(view.question?.stem).toBe("Stem of heart?");
  expect(view.columns.map(({ heading, outcome }) => [heading, outcome?.kind])).toEqual([
    ["Stage II", "right"],
    ["Base · base-set", "wrong"],
  ]);
  expect(
    view.columns[0]!.blocks.flatMap(({ pieces }) => pieces).find(({ marks }) => marks.includes("answer"))
      ?.text,
  ).toBe("\\boxed{B}");
  expect(view.images).toEqual([
    { sha256: hash, label: "image 1", width: 4, height: 4, reason: "none here", regions: [] },
  ]);
  expect(lookup.baseline?.name).toBe("base-set");
  expect(rowOf(graded(better[0]!), lookup.stem)).toEqual({
    title: "Stem of heart?",
    badges: [
      { text: "right", tone: "good" },
      { text: "B", tone: "plain" },
    ],
  });
  await lookup.close();
});

it("finds what was won and lost, what a search says, and what may be asked", async () => {
  const lookup = openLookup(file, (await surveyFolder(folder)).files, (path) => path.split("/").at(-2)!);
  await lookup.prepare();
  const records = recordFile(fileSource(file), "evaluation-record", "t");
  await records.index.advance(1e9);
  const found = async (filter: object) => {
    const asked = query(
      records,
      filter,
      (key) => lookup.baseline?.outcome(key),
      () => 0,
    );
    expect(await asked.advance(1)).toBe(true);
    return Array.from({ length: asked.count }, (_, position) => asked.at(position));
  };
  expect(await found({})).toEqual([0, 1]);
  expect(await found({ change: "won" })).toEqual([0]);
  expect(await found({ change: "lost" })).toEqual([]);
  expect(await found({ outcome: "wrong" })).toEqual([1]);
  expect(await found({ specialty: "lung", text: "T:LUNG" })).toEqual([1]);
  expect(await facetsOf(records, "base-set")).toMatchObject({
    outcomes: true,
    specialties: ["heart", "lung"],
    answers: ["found"],
  });
  await Promise.all([records.close(), lookup.close()]);
});

it("says what is wrong with a line, and goes on", async () => {
  const bytes = new TextEncoder().encode(`{"record":"trace"}\nnot json\n${lines([base[0]!])}`);
  const records = recordFile(memorySource(bytes), "trace", "x.trace.jsonl");
  await records.index.advance(1e9);
  expect(await records.read(0)).toMatchObject({ fault: expect.stringContaining("x.trace.jsonl:1") });
  expect(await records.read(1)).toMatchObject({ fault: expect.stringContaining("x.trace.jsonl:2") });
  expect(await records.read(2)).toMatchObject({ ok: { id: base[0]!.id } });
  const asked = query(
    records,
    { text: "boxed" },
    () => undefined,
    () => 0,
  );
  await asked.advance(1);
  expect([asked.count, asked.unreadable, asked.at(0)]).toEqual([1, 2, 2]);
});

it("shows a grade whose answer and question are nowhere", async () => {
  const nothing = {
    question: async () => undefined,
    trace: async () => undefined,
    outcome: async () => undefined,
    others: async () => [],
  };
  const view = await caseOf(graded(base[0]!), 7, nothing, noImage, true);
  expect(view.questionMissing).toMatch(/t:heart/);
  expect(view.columns[0]!.answer.text).toBe("A");
});

it("aligns the steps of two answers by what they say", () => {
  const left = ["The heart is enlarged.", "The lungs are clear.", "So it is cardiomegaly."];
  const right = ["The lungs are clear.", "There is a fracture of the rib.", "So it is a fracture."];
  expect(alignSteps(left, right)).toEqual([
    [0, null],
    [1, 0],
    [null, 1],
    [2, 2],
  ]);
  expect(alignSteps([], ["a"])).toEqual([[null, 0]]);
});

it("asks for criteria below one half", () => {
  const rating = { criteria: new Map([["reflection", 0.25]]) };
  const facts = {
    questionId: "t:x",
    key: "",
    outcome: undefined,
    answer: undefined,
    specialty: undefined,
    images: undefined,
    negativeKind: undefined,
    ...rating,
  };
  expect(passes({ weak: "reflection" }, facts, "", undefined)).toBe(true);
  expect(passes({ weak: "other" }, facts, "", undefined)).toBe(false);
});
