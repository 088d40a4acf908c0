import { describe, expect, it } from "vitest";
import { lines, parquet, sourceFolder } from "../../test/support/source-folder.ts";

/** All records are invented; only their shapes are those of the published files. */
const source = sourceFolder();
const { put, run } = source;
const places = (outcome: Awaited<ReturnType<typeof run>>) =>
  outcome.data.examples.map(({ reason, place }) => [reason, place.line, place.field]);

describe("medqa", () => {
  const row = {
    question: "A man of 40 years coughs. What next?",
    answer: "Rest",
    options: { A: "Film", B: "Rest", C: "Tea", D: "Walk" },
    meta_info: "step1",
    answer_idx: "B",
    metamap_phrases: ["cough"],
  };
  it("reads JSONL by split, keeps the part's number of options, and says what is wrong where", async () => {
    await put({
      "phrases_no_exclude_test.jsonl": lines(
        row,
        { ...row, answer_idx: "F" },
        { ...row, question: " " },
        { ...row, options: { ...row.options, E: "Sit" } },
      ),
      "phrases_no_exclude_train.jsonl": lines(row),
    });
    const found = await run("medqa");
    expect(found).toMatchObject({
      record: "question",
      kept: 2,
      dropped: { malformed: 2, "other-part": 1 },
      images: 0,
    });
    expect(places(found)).toEqual([
      ["malformed", 2, "answer_idx"],
      ["malformed", 3, "question"],
      ["other-part", 4, "options"],
    ]);
    expect(found.records[0]).toMatchObject({
      id: "medqa:op4/test/0",
      split: "test",
      stem: row.question,
      options: ["Film", "Rest", "Tea", "Walk"],
      gold: { labels: ["B"] },
      tags: { type: "step1", language: "en" },
      licence: "MIT",
      revision: "jind11-2020",
    });
    expect((await run("medqa", { part: "op5" })).kept).toBe(1);
    expect((await run("medqa", { split: "train" })).kept).toBe(1);
  });
  it("reads the -hf layout, where labels count from 0", async () => {
    const hf = {
      id: "x",
      sent1: "Which?",
      sent2: "",
      ending0: "a",
      ending1: "b",
      ending2: "c",
      ending3: "d",
      label: 3,
    };
    await put({ "validation.json": JSON.stringify([hf], null, 2) });
    expect((await run("medqa")).records[0]).toMatchObject({ split: "dev", gold: { labels: ["D"] } });
  });
});

describe("medmcqa", () => {
  const row = {
    id: "m1",
    question: "Which?",
    opa: "a",
    opb: "b",
    opc: "c",
    opd: "d",
    cop: 1,
    subject_name: "Physiology",
    topic_name: null,
    choice_type: "multi",
    exp: null,
  };
  it("counts answers from 1 in JSON, and drops questions without one", async () => {
    await put({ "dev.json": lines(row, { ...row, id: "m2", cop: 4 }, { ...row, id: "m3", cop: undefined }) });
    const found = await run("medmcqa");
    expect(found).toMatchObject({ kept: 2, dropped: { "no-answer": 1 } });
    expect(found.records.map((q) => q.gold.labels[0])).toEqual(["A", "D"]);
    expect(found.records[0]).toMatchObject({
      id: "medmcqa:m1",
      split: "validation",
      tags: { specialty: "Physiology", type: "multi" },
    });
  });
  it("counts from 0 when a 0 is there, in Parquet too, and never guesses when both are", async () => {
    await put({
      "validation.jsonl": lines(
        { ...row, cop: 0 },
        { ...row, id: "m2", cop: 3 },
        { ...row, id: "m4", cop: -1 },
      ),
    });
    expect((await run("medmcqa")).records.map((q) => q.gold.labels[0])).toEqual(["A", "D"]);
    await put({ "validation.jsonl": lines({ ...row, cop: 0 }, { ...row, id: "m2", cop: 4 }) });
    await expect(run("medmcqa")).rejects.toMatchObject({
      code: "IMPORT_FILE_UNREADABLE",
      message: expect.stringContaining("cop"),
    });
    const column = (name: string, data: unknown[]) => ({ name, data, type: "STRING" as const });
    await put({
      "validation.jsonl": "",
      "data/train-00000-of-00001.parquet": parquet(
        column("id", ["p1", "p2"]),
        column("question", ["Which?", "What?"]),
        ...["opa", "opb", "opc", "opd"].map((name) => column(name, [name, name])),
        { name: "cop", data: [1n, 2n], type: "INT64" },
      ),
    });
    expect((await run("medmcqa")).records.map((q) => q.gold.labels[0])).toEqual(["B", "C"]);
  });
});

describe("pubmedqa", () => {
  const row = {
    QUESTION: "Does tea help?",
    CONTEXTS: ["We gave tea.", "They slept."],
    LABELS: ["METHODS", "RESULTS"],
    final_decision: "maybe",
    LONG_ANSWER: "Tea may help.",
    YEAR: "2011",
  };
  it("reads records keyed by PMID, the test by its file, and leaves the long answer out", async () => {
    await put({
      "ori_pqal.json": JSON.stringify(
        { 11: row, 12: { ...row, final_decision: "no" }, 13: { ...row, final_decision: "often" } },
        null,
        1,
      ),
      "test_ground_truth.json": JSON.stringify({ 12: "no" }),
    });
    const found = await run("pubmedqa");
    expect(found).toMatchObject({ kept: 2, dropped: { "answer-not-an-option": 1 } });
    expect(found.records.map((q) => [q.id, q.split, q.gold.labels[0]])).toEqual([
      ["pubmedqa:11", "train", "C"],
      ["pubmedqa:12", "test", "B"],
    ]);
    expect(found.records[0].stem).toBe("METHODS: We gave tea.\n\nRESULTS: They slept.\n\nDoes tea help?");
    expect(JSON.stringify(found.records)).not.toContain("Tea may help");
  });
  it("reads one line of JSON too, and says that the split is not known without the test's file", async () => {
    await put({ "ori_pqal.json": JSON.stringify({ 11: row }) });
    expect((await run("pubmedqa")).records[0].split).toBe("labelled");
    await expect(run("pubmedqa", { part: "artificial" })).rejects.toMatchObject({
      code: "IMPORT_LAYOUT_UNKNOWN",
    });
  });
});

describe("medbullets", () => {
  const columns = {
    link: { 0: "https://example.org/1", 1: "x" },
    question: { 0: "First?", 1: "Second?" },
    opa: { 0: "a", 1: "a" },
    opb: { 0: "b", 1: "b" },
    opc: { 0: "c", 1: "c" },
    opd: { 0: "d", 1: "d" },
    ope: { 0: "e", 1: "" },
    answer_idx: { 0: "E", 1: "A" },
    answer: { 0: "e", 1: "a" },
    explanation: { 0: "because", 1: "" },
  };
  it("turns pandas' columns into records", async () => {
    await put({
      "medbullets_op5.json": JSON.stringify(columns),
      "medbullets_op4.json": JSON.stringify({ ...columns, answer_idx: { 0: "D", 1: "A" } }),
    });
    const five = await run("medbullets", { part: "op5" });
    expect(five).toMatchObject({ kept: 1, dropped: { malformed: 1 } });
    expect(five.records[0]).toMatchObject({ id: "medbullets:op5/0", gold: { labels: ["E"] }, split: "test" });
    expect(five.data.examples[0]!.place.field).toBe("opa.4");
    expect((await run("medbullets")).records.map((q) => q.gold.labels[0])).toEqual(["D", "A"]);
  });
  it("reads CSV with quoted commas and line breaks", async () => {
    await put({
      "medbullets_op4.csv":
        ',question,opa,opb,opc,opd,answer_idx,answer\n0,"One, two\n""three""?",a,b,c,d,B,b\n1,short,a\n2,Third?,a,b,c,d,C,c\n',
    });
    const found = await run("medbullets");
    expect(found.records.map((q) => [q.stem, q.gold.labels[0]])).toEqual([
      ['One, two\n"three"?', "B"],
      ["Third?", "C"],
    ]);
    expect(places(found)).toEqual([["malformed", 4, undefined]]);
  });
});

describe("medxpertqa text, in both shapes", () => {
  const options = ["ilium", "pubis"];
  const hugging = {
    id: "Text-1",
    question: "Which bone?\nAnswer Choices: (A) ilium (B) pubis",
    options: { A: "ilium", B: "pubis" },
    label: "B",
    medical_task: "Diagnosis",
    body_system: "Skeletal",
    question_type: "Reasoning",
  };
  const hub = {
    ...hugging,
    options: options.map((content, at) => ({ letter: "AB"[at], content })),
    label: ["B"],
  };
  it.each([
    ["Text/test.jsonl", hugging],
    ["medxpertqa_text_input.jsonl", hub],
  ])("%s", async (file, row) => {
    await put({
      [file]: lines(row, { ...row, id: "Text-2", label: "C" }),
      "Text/dev.jsonl": lines({ ...hugging, id: "Text-1" }),
    });
    const found = await run("medxpertqa", { split: "test" });
    expect(found).toMatchObject({ kept: 1, dropped: { malformed: 1, "other-split": 1 } });
    expect(found.records[0]).toMatchObject({
      id: "medxpertqa:Text-1",
      stem: "Which bone?",
      options,
      gold: { labels: ["B"] },
      tags: { task: "Diagnosis", specialty: "Skeletal", type: "Reasoning" },
    });
  });
  it("takes the published sample only when asked", async () => {
    await put({ "medxpertqa_sampled_text_input.jsonl": lines(hub), "medxpertqa_mm_input.jsonl": lines(hub) });
    await expect(run("medxpertqa")).rejects.toMatchObject({ code: "IMPORT_LAYOUT_UNKNOWN" });
    expect((await run("medxpertqa", { part: "text-sample" })).kept).toBe(1);
  });
});

describe("mmlu-medical", () => {
  const text =
    "Stabilised by (A) bonds\nAnswer Choices: (A) bonds (B) salt, 3' poly(A)tail (C) heat (D) nothing.";
  it("takes the options out of the text", async () => {
    await put({
      "mmlu_medical_input.jsonl": lines(
        { question: text, label: ["B"], subject: "anatomy" },
        { question: "No choices", label: ["A"], subject: "anatomy" },
        { question: text, label: ["A"], subject: "astronomy" },
      ),
    });
    const found = await run("mmlu-medical");
    expect(found).toMatchObject({ kept: 1, dropped: { malformed: 1, "other-subject": 1 } });
    expect(found.records[0]).toMatchObject({
      id: "mmlu-medical:test/anatomy/0",
      stem: "Stabilised by (A) bonds",
      options: ["bonds", "salt, 3' poly(A)tail", "heat", "nothing."],
      gold: { labels: ["B"] },
    });
  });
  it("reads the original CSV, which has no first line of names, and Parquet by subject", async () => {
    await put({
      "test/anatomy_test.csv": '"Which, then?",a,b,c,d,D\n',
      "val/medical_genetics_val.csv": "What?,a,b,c,d,A\n",
      "test/astronomy_test.csv": "Star?,a,b,c,d,A\n",
      "clinical_knowledge/test-00000-of-00001.parquet": parquet(
        { name: "question", data: ["Why?"], type: "STRING" },
        { name: "subject", data: ["clinical_knowledge"], type: "STRING" },
        { name: "choices", data: [["a", "b", "c", "d"]], type: "JSON" },
        { name: "answer", data: [2n], type: "INT64" },
      ),
    });
    const found = await run("mmlu-medical");
    expect(found.records.map((q) => [q.id, q.gold.labels[0]]).sort()).toEqual([
      ["mmlu-medical:test/anatomy/0", "D"],
      ["mmlu-medical:test/clinical_knowledge/0", "C"],
      ["mmlu-medical:validation/medical_genetics/0", "A"],
    ]);
  });
});
