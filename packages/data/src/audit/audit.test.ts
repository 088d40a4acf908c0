import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodePng, openImageStore } from "@mede2/images";
import { type ImageRef, type Question, questionSchema, readAllJsonl, writeJsonlAtomic } from "@mede2/schemas";
import { createRandom } from "@mede2/stats";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aPicture, aQuestion } from "../../test/support/questions.ts";
import { type AuditOptions, auditFile } from "./audit-file.ts";
import { auditMarkdown } from "./audit-markdown.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "audit-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const write = async (name: string, questions: readonly Question[]): Promise<string> => {
  const path = join(dir, `${name}.questions.jsonl`);
  await writeJsonlAtomic(path, questions, { schema: questionSchema });
  return path;
};
const audit = (file: string, against: string[], options: Partial<AuditOptions> = {}) =>
  auditFile({ file, against, ...options });

/** A text of this many words that shares nothing with one of another seed. */
const prose = (seed: number, words: number): string => {
  const random = createRandom(seed);
  return Array.from({ length: words }, () => `w${random.below(100_000)}`).join(" ");
};
/** A picture of smooth spots, and the same at half the size. */
async function pictures(seed: number): Promise<[ImageRef, ImageRef]> {
  const random = createRandom(seed);
  const spots = Array.from(
    { length: 6 },
    () => [random.below(96), random.below(96), 40 + random.below(200)] as const,
  );
  const data = Uint8Array.from({ length: 96 * 96 }, (_, at) =>
    Math.min(
      255,
      Math.round(
        spots.reduce(
          (sum, [x, y, value]) =>
            sum + value * Math.exp(-((x - (at % 96)) ** 2 + (y - Math.floor(at / 96)) ** 2) / 250),
          0,
        ),
      ),
    ),
  );
  const png = await encodePng({ width: 96, height: 96, channels: 1, data });
  const half = Uint8Array.from(
    { length: 48 * 48 },
    (_, at) => data[(at % 48) * 2 + Math.floor(at / 48) * 192]!,
  );
  const small = await encodePng({ width: 48, height: 48, channels: 1, data: half });
  const store = openImageStore(join(dir, "store"));
  return [await store.put(png), await store.put(small)];
}

describe("auditFile", () => {
  it("tells copies, near copies, passages, formulas and pictures apart", async () => {
    const [film, filmAgain] = await pictures(1);
    const [other] = await pictures(2);
    const long = prose(1, 60);
    const formula = prose(2, 13);
    const benchmark = await write("benchmark", [
      aQuestion("long", { stem: long }),
      aQuestion("formula", { stem: `${prose(3, 150)} ${formula}` }),
      aQuestion("film", { stem: "Is there an effusion?", options: ["yes", "no"], images: [film] }),
      aQuestion("alone", {
        stem: prose(4, 40),
        options: ["Aspirin tablets", "Heparin infusion", "Warfarin"],
      }),
    ]);
    const set = await write("set", [
      aQuestion(1, {
        stem: long.toUpperCase(),
        options: ["nodule", "effusion", "pneumothorax", "consolidation"],
      }),
      aQuestion(2, { stem: `${long} and what else` }),
      aQuestion(3, { stem: `${prose(5, 60)} ${long.split(" ").slice(0, 30).join(" ")} ${prose(6, 60)}` }),
      aQuestion(4, { stem: `${prose(7, 50)} ${formula} ${prose(8, 50)}` }),
      aQuestion(5, { stem: "Where is it?", images: [film] }),
      aQuestion(6, { stem: "How large is it?", images: [filmAgain] }),
      aQuestion(7, { stem: "Is there an effusion?", options: ["yes", "no"], images: [other] }),
      aQuestion(8, { stem: "Is there an effusion?", options: ["no", "yes"], images: [filmAgain] }),
      aQuestion(9, { stem: prose(9, 40), options: ["Heparin infusion", "Warfarin", "Aspirin tablets"] }),
      aQuestion(10, { stem: prose(10, 40), options: ["Heparin", "Warfarin", "Aspirin tablets"] }),
    ]);
    const report = await audit(set, [benchmark], {
      store: join(dir, "store"),
      hits: join(dir, "hits.jsonl"),
      clean: join(dir, "clean.questions.jsonl"),
    });
    expect(report).toMatchObject({
      exact: 2, // 1 and 8
      near: 1, // 2
      passages: 3, // 1, 2 and 3
      ngram: 4, // and 4
      images: 3, // 5, 6 and 8
      imagesByLook: 2,
      flagged: 6,
      optionSet: 7, // 9, and those with the options of every test
      sameWords: 1, // 7: another picture
      pictures: { distinct: 3, undecoded: 0 },
      within: { exact: 0, near: 1 },
    });
    const [against] = report.against;
    expect(against).toMatchObject({
      items: 4,
      touched: { exact: 2, near: 1, passage: 1, image: 1, any: 2, ngram: 2, "option-set": 3 },
      pictures: { shared: 1, of: 1 },
      shortStems: 1,
    });
    expect(report.findings[0]).toBe(
      "All 1 pictures of benchmark.questions.jsonl are in set.questions.jsonl too.",
    );
    const left = await readAllJsonl(join(dir, "clean.questions.jsonl"), questionSchema);
    expect(left.map(({ id }) => id)).toEqual(["test:4", "test:7", "test:9", "test:10"]);
    expect(report.written.clean?.removed).toEqual({ exact: 2, near: 1, passage: 1, image: 2 });
    const hits = (await readFile(join(dir, "hits.jsonl"), "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(hits.map((hit) => hit.questionId)).toEqual([
      "test:1",
      "test:2",
      "test:3",
      "test:4",
      "test:5",
      "test:6",
      "test:7",
      "test:8",
      "test:9",
    ]);
    expect(hits[5].hits.at(-1).picture).toMatchObject({
      sha256: film.sha256,
      similarity: expect.closeTo(1, 1),
    });
    expect(auditMarkdown(report)).toContain("| **any of these** | 6 |");
  });

  it("does not take a formula of many stems for a passage", async () => {
    const formula = prose(20, 14);
    const set = await write(
      "set",
      Array.from({ length: 30 }, (_, i) => aQuestion(i, { stem: `${prose(100 + i, 20)} ${formula}` })),
    );
    const benchmark = await write("benchmark", [aQuestion("x", { stem: `${formula} ${prose(21, 4)}` })]);
    expect(await audit(set, [benchmark])).toMatchObject({ ngram: 0, passages: 0, flagged: 0 });
    const few = await write(
      "few",
      Array.from({ length: 3 }, (_, i) => aQuestion(i, { stem: `${prose(100 + i, 20)} ${formula}` })),
    );
    expect(await audit(few, [benchmark])).toMatchObject({ ngram: 3, passages: 3, flagged: 3 });
  });

  it("compares pictures by bytes where it has no store, and says what it could not decode", async () => {
    const [film, again] = await pictures(3);
    const [set, benchmark] = [
      await write("set", [aQuestion(1, { images: [again] }), aQuestion(2, { stem: "?", images: [film] })]),
      await write("benchmark", [aQuestion("x", { stem: "other", images: [film] })]),
    ];
    expect(await audit(set, [benchmark])).toMatchObject({ images: 1, imagesByLook: 0 });
    await rm(join(dir, "store"), { recursive: true });
    const report = await audit(set, [benchmark], { store: join(dir, "store") });
    expect(report).toMatchObject({ images: 1, pictures: { distinct: 2, undecoded: 2 } });
    expect(report.findings.at(-1)).toMatch(/2 pictures could not be decoded/);
  });

  it("says what the splits of one file share, and reads demonstrations by their question", async () => {
    const [film] = await pictures(4);
    const set = await write("set", [
      aQuestion(1, { images: [film] }),
      aQuestion(2, { images: [film], split: "test", group: { patient: "p" } }),
      aQuestion(3, { group: { patient: "p" } }),
    ]);
    const report = await audit(set, []);
    expect(report.findings).toContain("All 1 pictures of test are in train too.");
    expect(report.splits.map(({ of, shared }) => [of, shared])).toEqual([
      ["pictures", 1],
      ["patients", 1],
    ]);
    const carried = join(dir, "d.demonstrations.jsonl");
    await writeJsonlAtomic(carried, [
      { record: "demonstration", question: aQuestion(9, { stem: prose(40, 30) }) },
    ]);
    const benchmark = await write("benchmark", [aQuestion("x", { stem: prose(40, 30) })]);
    expect(await audit(carried, [benchmark])).toMatchObject({ exact: 1 });
    await writeJsonlAtomic(carried, [{ record: "demonstration", question: { ...aQuestion(9), stem: "" } }]);
    await expect(audit(carried, [])).rejects.toThrow(/d\.demonstrations\.jsonl:1: question\.stem/);
  });

  it("finds options that give answers away", async () => {
    const options = (i: number) => [
      "brief",
      `an option that is much longer than any of the others ${i}`,
      "short",
      "tiny",
    ];
    const set = await write(
      "set",
      Array.from({ length: 200 }, (_, i) =>
        aQuestion(i, {
          stem: prose(i, 9),
          options: options(i),
          gold: { labels: [i % 10 === 0 ? "A" : "B"] },
        }),
      ),
    );
    const { optionForm, findings } = await audit(set, []);
    expect(optionForm).toMatchObject({
      length: 180,
      position: 130,
      judged: 200,
      positions: { 4: [20, 180, 0, 0] },
    });
    expect(optionForm.rules[0]).toMatchObject({
      rule: "the longest option",
      right: 180,
      n: 200,
      chance: 0.25,
    });
    expect(findings).toContain(
      "Always choosing the longest option is right in 90.0 % of 200 questions; by chance it would be 25.0 %.",
    );
  });

  it("does not take a fixed choice of labels for a shortcut", async () => {
    const films = Array.from({ length: 100 }, (_, i) =>
      aQuestion(i, {
        options: i % 2 ? ["normal", "bacterial pneumonia"] : ["bacterial pneumonia", "normal"],
        gold: { labels: [i % 2 ? "B" : "A"] },
      }),
    );
    const { optionForm, findings } = await audit(await write("films", films), []);
    expect(optionForm.rules[0]).toMatchObject({ rule: "the longest option", n: 10 });
    expect(findings.filter((text) => text.includes("of 100 questions"))).toEqual([]);
  });

  it("takes one stem about thousands of pictures for as many questions", async () => {
    const asked = (from: number) =>
      Array.from({ length: 1000 }, (_, i) =>
        aQuestion(from + i, {
          stem: "Which imaging modality was used to take this picture?",
          images: [aPicture(from + i)],
        }),
      );
    const [set, benchmark] = [await write("set", asked(0)), await write("benchmark", asked(990))];
    expect(await audit(set, [benchmark], { within: false })).toMatchObject({
      exact: 10,
      images: 10,
      passages: 10,
      sameWords: 1000,
    });
  });
});
