import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { film, sourceFolder } from "../../test/support/source-folder.ts";
import { genericImporter } from "./generic.ts";
import { ImportError } from "./import-error.ts";
import type { Importer } from "./importer.ts";
import { checkMapping } from "./mapping.ts";
import { importerNamed, importers } from "./registry.ts";

const source = sourceFolder();
/** A few in every run of the tests; many when `MEDE2_FUZZ_RUNS` says so. */
const RUNS = Number(process.env.MEDE2_FUZZ_RUNS ?? 6);
const letters = { A: "a", B: "b" };
const rest = { image: "a.png", image_name: "a.png", image_path: "a.png", img_name: "a.png" };

/** For each source a file and a record that it takes, which is then spoilt. */
const samples: Readonly<Record<string, readonly [file: string, part: string, record: object]>> = {
  medqa: [
    "test.jsonl",
    "op4",
    { question: "q", options: { ...letters, C: "c", D: "d" }, answer_idx: "A", meta_info: "s" },
  ],
  medmcqa: [
    "dev.json",
    "all",
    { id: "1", question: "q", opa: "a", opb: "b", opc: "c", opd: "d", cop: 1, subject_name: "s" },
  ],
  pubmedqa: [
    "ori_pqal.json",
    "labelled",
    { QUESTION: "q", CONTEXTS: ["c"], LABELS: ["l"], YEAR: "1", final_decision: "yes" },
  ],
  medbullets: [
    "medbullets_op4.csv",
    "op4",
    { question: "q", opa: "a", opb: "b", opc: "c", opd: "d", answer_idx: "A" },
  ],
  medxpertqa: [
    "mm.jsonl",
    "mm",
    { id: "1", question: "q", options: letters, label: "A", images: ["a.png"], body_system: "s" },
  ],
  "mmlu-medical": [
    "mmlu_medical.jsonl",
    "all",
    { question: "q\nAnswer Choices: (A) a (B) b", label: ["A"], subject: "anatomy" },
  ],
  mmmu: [
    "Pharmacy/dev-0.jsonl",
    "health",
    { id: "1", question: "q", options: "['a', 'b']", answer: "A", img_type: "['CT']", image_1: "a.png" },
  ],
  "mmmu-pro": [
    "q.jsonl",
    "standard-10",
    { id: "1", question: "q", options: ["a", "b"], answer: "A", image_1: "a.png" },
  ],
  "vqa-rad": [
    "testset.json",
    "image-disjoint",
    {
      qid: 1,
      question: "q",
      answer: "yes",
      answer_type: "CLOSED",
      question_type: "PRES, POS",
      phrase_type: "para",
      ...rest,
      image: null,
    },
  ],
  slake: [
    "test.json",
    "all",
    { qid: 1, question: "q", answer: "yes", q_lang: "en", modality: "CT", ...rest },
  ],
  "path-vqa": ["test-0.jsonl", "all", { question: "q", answer: "yes", image: "a.png" }],
  "pmc-vqa": [
    "test_clean.jsonl",
    "test-clean",
    {
      Figure_path: "a.png",
      Question: "q",
      "Choice A": "A: a",
      "Choice B": "b",
      "Choice C": "c",
      "Choice D": "d",
      Answer_label: "B",
    },
  ],
  omnimedvqa: [
    "x.json",
    "open",
    { question_id: "1", question: "q", gt_answer: "a", option_A: "a", option_B: "b", ...rest },
  ],
  "chest-xray": [
    "labels.jsonl",
    "cause",
    { image: "a.png", label: "NORMAL", subtype: "normal", split: "test" },
  ],
  openstax: ["figures.jsonl", "figures", { id: "1", title: "t", caption: "c", alt: "a", image: "a.png" }],
  "huatuo-o1": [
    "x.json",
    "reasoning",
    { Question: "q", Complex_CoT: "c", Response: "r", "Ground-True Answer": "a" },
  ],
  medcalc: [
    "m.jsonl",
    "traces",
    {
      "Row Number": 1,
      "Patient Note": "n",
      Question: "q",
      "LLM Answer": "1",
      "LLM Thinking": "t",
      "Ground Truth Answer": "1",
      Result: "Correct",
      Category: "c",
    },
  ],
  mmedpo: [
    "dpo.json",
    "pairs",
    {
      id: 1,
      image: "a.png",
      conversations: [{ value: "q" }, { value: "a" }],
      rejected_conversations: [{ value: "q" }, { value: "b" }],
      weighted_score: 1,
    },
  ],
  generic: ["x.jsonl", "all", { id: "1", q: "q", o: ["a", "b"], a: "A", p: "a.png", f: 1 }],
};

const generic = genericImporter(
  checkMapping(
    {
      source: "mine",
      licence: "CC0-1.0",
      revision: "1",
      split: { value: "train" },
      id: "id",
      stem: "q",
      options: "o",
      answer: { column: "a", as: "letter" },
      images: ["p"],
      frame: "f",
    },
    "map",
  ),
);
const named = (name: string): Importer => (name === "generic" ? generic : importerNamed(name));

it("every source is among the samples, but the ward, which is drawn", () => {
  expect(Object.keys(samples).sort()).toEqual(
    ["generic", ...importers.map(({ name }) => name).filter((name) => name !== "ward")].sort(),
  );
});

/** As the file's ending says; PubMedQA's records have names. */
function written(file: string, name: string, records: readonly unknown[]): string {
  if (name === "pubmedqa")
    return JSON.stringify(Object.fromEntries(records.map((record, at) => [at, record])));
  if (!file.endsWith(".csv")) return records.map((record) => `${JSON.stringify(record)}\n`).join("");
  const columns = Object.keys(records[0] as object);
  const cell = (value: unknown) => `"${String(value ?? "").replaceAll('"', '""')}"`;
  return [
    columns,
    ...records.map((record) => columns.map((column) => (record as Record<string, unknown> | null)?.[column])),
  ]
    .map((cells) => cells.map(cell).join(","))
    .join("\n");
}

/** Values that a field should not have. */
const spoilt = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.string(),
  fc.constantFrom(
    null,
    "",
    " ",
    "A",
    "Z",
    0,
    -1,
    1e9,
    "../../x",
    "/etc/passwd",
    "nul\0",
    "['",
    "__proto__",
    "\ud800",
    [],
    {},
    ["A", "B"],
    { A: 1 },
    { B: "b" },
    "x".repeat(5000),
  ),
);

describe("spoilt records are dropped with file and field, or kept whole; nothing else happens", () => {
  it.each(Object.entries(samples))(
    "%s",
    async (name, [file, part, record]) => {
      await source.put({ "a.png": await film(1), [file]: written(file, name, [record]) });
      expect((await source.run(named(name), { part })).kept, "the sample itself").toBe(1);
      const keys = Object.keys(record);
      const changes = fc.array(fc.tuple(fc.constantFrom(...keys), spoilt), { minLength: 1, maxLength: 3 });
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.oneof({ weight: 6, arbitrary: changes }, { weight: 1, arbitrary: spoilt }), {
            minLength: 1,
            maxLength: 4,
          }),
          async (rows) => {
            const records = rows.map((row) =>
              Array.isArray(row) && row.every((change) => Array.isArray(change) && change.length === 2)
                ? { ...record, ...Object.fromEntries(row as [string, unknown][]) }
                : row,
            );
            await source.put({ [file]: written(file, name, [record, ...records]) });
            const result = await source.run(named(name), { part }).catch((error: unknown) => {
              expect(error, String((error as Error).stack)).toBeInstanceOf(ImportError);
              return undefined;
            });
            for (const { place } of result?.data.examples ?? [])
              expect(place.file).toContain(source.path("source"));
            const read = result?.data.steps[0];
            if (read !== undefined && result !== undefined)
              expect(Object.values(result.dropped).reduce((sum, n) => sum + n, 0) + result.kept).toBe(
                read.in,
              );
          },
        ),
        { numRuns: RUNS },
      );
    },
    30_000,
  );
});

it("stopped at any record and started again, an import gives the same file", async () => {
  const rows = Array.from({ length: 30 }, (_, at) => ({
    qid: at,
    question: `q ${at}`,
    answer: at % 2 ? "yes" : "lung",
    image_name: `${at % 5}.png`,
  }));
  for (let at = 0; at < 5; at++) await source.put({ [`images/${at}.png`]: await film(at) });
  await source.put({ "trainset.json": JSON.stringify(rows) });
  const whole = await source.run("vqa-rad", { out: source.path("whole", "set.jsonl") });
  for (const stop of [1, 9, 30]) {
    const out = source.path(`stopped-${stop}`, "set.jsonl");
    const progress = (done: number) => {
      if (done === stop) throw new Error("stopped");
    };
    await expect(source.run("vqa-rad", { out, progress })).rejects.toThrow("stopped");
    const again = await source.run("vqa-rad", { out });
    expect(again.sha256).toBe(whole.sha256);
    expect(again.data).toEqual(whole.data);
  }
});
