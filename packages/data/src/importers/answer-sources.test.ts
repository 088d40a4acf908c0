import { describe, expect, it } from "vitest";
import { lines, sourceFolder } from "../../test/support/source-folder.ts";

/** All records are invented; only their shapes are those of the published files. */
const source = sourceFolder();
const { put, run } = source;
const places = (outcome: Awaited<ReturnType<typeof run>>) =>
  outcome.data.examples.map(({ reason, place }) => [reason, place.line, place.field]);

describe("huatuo-o1", () => {
  const row = { Question: "What is it?", Complex_CoT: "Let me see.\n\nIt is tea.", Response: "It is tea." };
  it("makes demonstrations, with the verified answer in a box where it is stated", async () => {
    await put({
      "medical_o1_sft.json": JSON.stringify(
        [row, { ...row, "Ground-True Answer": "tea" }, { ...row, Complex_CoT: "" }],
        null,
        2,
      ),
    });
    const found = await run("huatuo-o1", { out: source.path("out", "o1.demonstrations.jsonl") });
    expect(found).toMatchObject({ record: "demonstration", kept: 2 });
    expect(found.card).toBe(source.path("out", "o1.card.json"));
    const [plain, checked] = found.records;
    expect(plain).toMatchObject({
      record: "demonstration",
      question: { stem: "What is it?", gold: { text: "It is tea." } },
    });
    expect(plain.trace.text).toBe("<think>\nLet me see.\n\nIt is tea.\n</think>\n\nIt is tea.");
    expect(plain.trace).toMatchObject({ by: { kind: "import" }, tokens: { counted: false }, images: "none" });
    expect(checked.trace.answer).toMatchObject({ status: "found", text: "tea" });
  });
  it("gives the multiple-choice questions in their own part", async () => {
    await put({
      "demo_data.json": JSON.stringify([
        {
          ...row,
          question: "Which?",
          options: { A: "tea", B: "milk" },
          answer_idx: "A",
          "Open-ended Verifiable Question": "What?",
          "Ground-True Answer": "tea",
        },
      ]),
    });
    expect((await run("huatuo-o1", { part: "choices" })).records[0]).toMatchObject({
      stem: "Which?",
      gold: { labels: ["A"] },
    });
    expect((await run("huatuo-o1", { part: "verifiable" })).records[0]).toMatchObject({
      stem: "What?",
      gold: { text: "tea" },
    });
    await expect(run("huatuo-o1", { out: source.path("out", "x.questions.jsonl") })).rejects.toMatchObject({
      code: "IMPORT_OUTPUT_INVALID",
    });
  });
});

describe("medcalc", () => {
  const head =
    "Row Number,Calculator ID,Calculator Name,Category,Output Type,Note ID,Note Type,Patient Note,Question,Relevant Entities,Ground Truth Answer,Lower Limit,Upper Limit,Ground Truth Explanation\n";
  const row = (n: number, type: string, answer: string, low: string, high: string) =>
    `${n},2,Clearance,lab,${type},note-${n},Extracted,"A man, 50.",What is it?,"{'age': [50, 'years']}",${answer},${low},${high},"Steps, many."\n`;
  it("takes the limits as tolerance; dates are text", async () => {
    await put({
      "test_data.csv":
        head +
        row(1, "decimal", "-20", "-21", "-19") +
        row(2, "date", "02/22/2024", "02/22/2024", "02/22/2024") +
        row(3, "integer", "5", "5", "5") +
        row(4, "decimal", "5", "x", "5"),
    });
    const found = await run("medcalc");
    expect(found.records.map((q) => q.gold)).toEqual([
      { value: -20, unit: "", tolerance: 1 },
      { text: "02/22/2024", aliases: [] },
      { value: 5, unit: "", tolerance: 0 },
    ]);
    expect(found.records[0]).toMatchObject({
      stem: "A man, 50.\n\nWhat is it?",
      group: { case: "note-1" },
      tags: { task: "lab", type: "decimal" },
    });
    expect(places(found)).toEqual([["malformed", 5, "Lower Limit"]]);
    expect(JSON.stringify(found.records)).not.toContain("Steps, many");
  });
  it("drops what the audit found to have no answer", async () => {
    await put({
      "medcalc_v1_corrected.csv":
        "Unique ID,Calculator Name,Question,Patient Note,Ground Truth Answer,Lower Limit,Upper Limit\n1,C,Q?,N,N/A,N/A,N/A\n2,C,Q?,N,0,0.0,0.0\n",
    });
    expect(await run("medcalc", { part: "audited" })).toMatchObject({ kept: 1, dropped: { "no-answer": 1 } });
  });
  it("gives published answers of models as candidates with what their publisher says of them", async () => {
    const answer = {
      "Row Number": 7,
      "Calculator Name": "C",
      "Calculator ID": "2",
      Category: "lab",
      "Note ID": "n",
      "Patient Note": "N",
      Question: "Q?",
      "LLM Answer": "12",
      "LLM Explanation": "So 12.",
      "LLM Thinking": "Adding.",
      "Ground Truth Answer": "12",
      "Ground Truth Explanation": "",
      Result: "Correct",
    };
    await put({ "model_zero_shot.jsonl": lines(answer, { ...answer, Result: "Perhaps" }) });
    const found = await run("medcalc", { part: "traces", out: source.path("out", "t.candidates.jsonl") });
    expect(found).toMatchObject({ record: "candidates", kept: 1, dropped: { malformed: 1 } });
    const [{ question, traces, ratings }] = found.records;
    expect(question.facts.result).toBe("Correct");
    expect(traces[0]).toMatchObject({
      text: "<think>\nAdding.\n</think>\n\nSo 12.\n\n\\boxed{12}",
      by: { name: "model_zero_shot" },
    });
    expect(traces[0].answer.status).toBe("found");
    expect(ratings).toEqual([]);
  });
});

describe("openstax", () => {
  const base = { module: "m1", section: "Bones" };
  it("mcq and free response", async () => {
    await put({
      "mcq.jsonl": lines({ id: "q0", ...base, question: "Which?", options: { A: "x", B: "y" }, answer: "B" }),
      "free_response.jsonl": lines(
        { id: "f0", ...base, question: "Why?", answer: "Because." },
        { id: "f1", ...base, question: "Why?" },
      ),
    });
    expect((await run("openstax")).records[0]).toMatchObject({
      id: "openstax:q0",
      gold: { labels: ["B"] },
      group: { case: "m1" },
    });
    const free = await run("openstax", { part: "free" });
    expect(free.records[0]).toMatchObject({
      options: [],
      gold: { text: "Because." },
      tags: { type: "open" },
    });
    expect(places(free)).toEqual([["malformed", 2, "answer"]]);
  });
});
