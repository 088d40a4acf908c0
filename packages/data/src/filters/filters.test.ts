import type { ImageRef, Question } from "@mede2/schemas";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aPicture, aQuestion } from "../../test/support/questions.ts";
import { fingerprint } from "../pictures/fingerprint.ts";
import { pictureThresholds } from "../pictures/similar-pictures.ts";
import { absoluteWords } from "./absolute-words.ts";
import { answerPositions, countPosition, positionExcess } from "./answer-position.ts";
import { exactDuplicates } from "./exact-duplicates.ts";
import type { Filter } from "./filter.ts";
import { languages } from "./language.ts";
import { lengthGaps } from "./length-gap.ts";
import { licences } from "./licence.ts";
import { nearDuplicates } from "./near-duplicates.ts";
import { pictureDuplicates } from "./picture-duplicates.ts";
import { pictureRequired } from "./picture-required.ts";
import { filterQuestions, judgeBy } from "./run-filters.ts";
import { textInPicture } from "./text-in-picture.ts";
import { textLength, wordMeasure } from "./text-length.ts";
import { wordsForPicture } from "./words-for-picture.ts";

/** The reason for each question, "kept" where there is none. */
async function reasons(filters: readonly Filter[], questions: readonly Question[]): Promise<string[]> {
  for (const question of questions) for (const filter of filters) filter.survey?.(question);
  const found: string[] = [];
  for (const question of questions) found.push((await judgeBy(filters, question))?.reason ?? "kept");
  return found;
}
const reason = async (filter: Filter, changes: Partial<Question>) =>
  (await reasons([filter], [aQuestion(1, changes)]))[0];

describe("duplicates", () => {
  const stem = "Is there a pleural effusion?";

  it("are told by words, options in any order, and pictures", async () => {
    const questions = [
      aQuestion(1, { stem, images: [aPicture(1)] }),
      aQuestion(2, {
        stem: "is there a PLEURAL effusion",
        images: [aPicture(1)],
        options: ["nodule", "consolidation", "pneumothorax", "effusion"],
        gold: { labels: ["D"] },
      }),
      aQuestion(3, { stem, images: [aPicture(2)] }),
      aQuestion(4, { stem, images: [aPicture(1)], gold: { labels: ["B"] } }),
      aQuestion(5, { stem, images: [aPicture(1)], options: ["yes", "no"] }),
    ];
    expect(await reasons([exactDuplicates()], questions)).toEqual([
      "kept",
      "duplicate",
      "kept",
      "duplicate-other-answer",
      "kept",
    ]);
  });

  it("are compared with what is kept, not with what another filter dropped", async () => {
    const questions = [
      aQuestion(1, { stem, licence: "proprietary" }),
      aQuestion(2, { stem }),
      aQuestion(3, { stem }),
    ];
    expect(await reasons([exactDuplicates(), licences(["CC0-1.0"])], questions)).toEqual([
      "licence",
      "kept",
      "duplicate",
    ]);
  });

  it("leave each set of words, options and pictures once, whatever comes", async () => {
    const one = fc.record({
      stem: fc.constantFrom("a b c", "A, b c!", "d"),
      picture: fc.integer({ min: 0, max: 2 }),
      right: fc.constantFrom("A", "B"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { maxLength: 20 }), async (rows) => {
        const questions = rows.map(({ stem: words, picture, right }, at) =>
          aQuestion(at, {
            stem: words,
            images: picture === 0 ? [] : [aPicture(picture)],
            gold: { labels: [right] },
          }),
        );
        const left: Question[] = [];
        for await (const question of filterQuestions(questions, [exactDuplicates()])) left.push(question);
        const keys = rows.map(({ stem: words, picture }) => `${words[0]!.toLowerCase()}${picture}`);
        expect(left.map(({ id }) => id)).toEqual(
          questions.filter((_, at) => keys.indexOf(keys[at]!) === at).map(({ id }) => id),
        );
      }),
    );
  });

  it("that nearly agree are dropped, unless numbers or negations differ", async () => {
    const long =
      "A 45-year-old man comes to the physician with chest pain that began two hours ago while he was climbing stairs; potassium is 2.9";
    const questions = [
      aQuestion(1, { stem: long }),
      aQuestion(2, { stem: long.replace("comes", "presents") }),
      aQuestion(3, { stem: long.replace("2.9", "5.1") }),
      aQuestion(4, { stem: long.replace("while he was", "while he was not") }),
      aQuestion(5, { stem: long, images: [aPicture(1)] }),
    ];
    const near = (sameNumbers: boolean) =>
      reasons([nearDuplicates({ similarity: 0.7, sameNumbers })], questions);
    expect(await near(true)).toEqual(["kept", "near-duplicate", "kept", "kept", "kept"]);
    expect(await near(false)).toEqual(["kept", "near-duplicate", "near-duplicate", "near-duplicate", "kept"]);
  });

  it("on pictures that look the same", async () => {
    const print = (shift: number) =>
      fingerprint({
        width: 64,
        height: 64,
        channels: 1,
        data: Uint8Array.from(
          { length: 4096 },
          (_, i) => (((i % 64) * 3 + Math.floor(i / 64) * shift) % 97) + shift,
        ),
      });
    const prints = [print(2), print(2), print(31)];
    const filter = () =>
      pictureDuplicates(
        async (ref) => prints[Number.parseInt(ref.sha256.slice(0, 8), 16)],
        pictureThresholds,
      );
    const ask = (id: number, picture: number, words = stem) =>
      aQuestion(id, { stem: words, images: [aPicture(picture)] });
    const list = [
      ask(1, 0),
      ask(2, 1),
      ask(3, 2),
      ask(4, 1, "Where?"),
      ask(5, 9),
      ask(6, 9),
      aQuestion(7),
      aQuestion(8),
    ];
    const one = filter();
    expect(await reasons([one], list)).toEqual([
      "kept",
      "picture-duplicate",
      "kept",
      "kept",
      "kept",
      "picture-duplicate",
      "kept",
      "kept",
    ]);
    expect(one.notes?.()).toEqual(["1 pictures could not be decoded and were compared by their bytes alone"]);
  });
});

describe("option form", () => {
  it("shows by length", async () => {
    const options = [
      "short one",
      "a much longer option that holds every qualification",
      "brief",
      "tiny text",
    ];
    expect(await reason(lengthGaps(), { options, gold: { labels: ["B"] } })).toBe("length-gap");
    expect(await reason(lengthGaps(), { options, gold: { labels: ["A"] } })).toBe("kept");
    expect(await reason(lengthGaps(), { options, gold: { labels: ["A", "B"] } })).toBe("kept");
    expect(await reason(lengthGaps(), { options: ["yes", "no"], gold: { labels: ["A"] } })).toBe("kept");
    expect(
      await reason(lengthGaps(), {
        options: [],
        gold: { text: "a long free answer of many words", aliases: [] },
      }),
    ).toBe("kept");
  });

  it("shows by absolute words", async () => {
    const options = ["It always bleeds", "It may bleed", "It never bleeds", "It must be cut"];
    expect(await reason(absoluteWords(), { options, gold: { labels: ["B"] } })).toBe("absolute-words");
    expect(await reason(absoluteWords(), { options, gold: { labels: ["A"] } })).toBe("kept");
    expect(
      await reason(absoluteWords(), {
        options: ["rare", "seen in all", "common", "mild"],
        gold: { labels: ["A"] },
      }),
    ).toBe("kept");
    expect(
      await reason(absoluteWords(), { options: ["a", "All of the above"], gold: { labels: ["A"] } }),
    ).toBe("kept");
  });

  it("shows by position, which thinning evens out", async () => {
    const questions = Array.from({ length: 4000 }, (_, i) =>
      aQuestion(i, { gold: { labels: [i % 2 === 0 ? "C" : "ABD"[(i >> 1) % 3]!] } }),
    );
    const counts = new Map<number, number[]>();
    for (const question of questions) countPosition(counts, question);
    expect(positionExcess(counts)).toBe(1000);
    const found = await reasons([answerPositions({ tolerance: 0.1, seed: 1 })], questions);
    const left = questions
      .filter((_, at) => found[at] === "kept")
      .map(({ gold }) => (gold as { labels: string[] }).labels[0]);
    const c = left.filter((label) => label === "C").length;
    expect(Math.abs(c - 1100)).toBeLessThan(80); // 1,000 is even, and 10 % more may stay
    expect(left.length - c).toBe(2000);
    expect(
      await reason(answerPositions({ tolerance: 0, seed: 1 }), {
        options: ["Yes", "No"],
        gold: { labels: ["A"] },
      }),
    ).toBe("kept");
  });
});

describe("pictures", () => {
  it("must be there", async () => {
    expect(await reason(pictureRequired(), {})).toBe("no-picture");
    expect(
      await reason(
        pictureRequired(() => false),
        { images: [aPicture(1)] },
      ),
    ).toBe("picture-missing");
    expect(
      await reason(
        pictureRequired(() => true),
        { images: [aPicture(1)] },
      ),
    ).toBe("kept");
  });

  it("may not hold the text of an option", async () => {
    const settings = { options: "any", characters: 4 } as const;
    const of = (text: string | undefined) => textInPicture(() => text, settings);
    const images = [aPicture(1)];
    expect(await reason(of("AP SUPINE  Pneumo-\nthorax?"), { images })).toBe("kept");
    expect(await reason(of("R  Pleural EFFUSION."), { images })).toBe("answer-in-picture");
    expect(await reason(of("effusions"), { images })).toBe("kept");
    expect(
      await reason(
        textInPicture(() => "nodule", { ...settings, options: "right" }),
        { images },
      ),
    ).toBe("kept");
    expect(
      await reason(of("LOWER LOBE"), { images, options: [], gold: { text: "lower lobe", aliases: [] } }),
    ).toBe("answer-in-picture");
    expect(await reason(of("L"), { images, options: ["L", "R"] })).toBe("kept");
    const recorded = { images: [{ ...aPicture(1), ocr: "effusion" } as ImageRef] };
    expect(await reason(of(undefined), recorded)).toBe("answer-in-picture");
    expect(
      await reason(of(undefined), { images, tags: { language: "en", ocr: "nodule" } as Question["tags"] }),
    ).toBe("answer-in-picture");
    const unread = of(undefined);
    expect(await reason(unread, { images })).toBe("kept");
    expect(unread.notes?.()[0]).toMatch(/1 pictures had no text/);
  });

  it("may not be told in words", async () => {
    const told = { findings: "a large left pleural effusion", images: [aPicture(1)] };
    expect(
      await reason(wordsForPicture({ share: 0.6 }), {
        ...told,
        stem: "The film shows a large left pleural effusion. What next?",
      }),
    ).toBe("picture-in-words");
    expect(await reason(wordsForPicture({ share: 0.6 }), { ...told, stem: "<image> What next?" })).toBe(
      "kept",
    );
  });
});

describe("length, language, licence", () => {
  it("drop what is too short, too long, of another language or licence", async () => {
    const length = textLength(wordMeasure, { least: 3, most: 12 });
    expect(await reason(length, { stem: "What?", options: ["a"] })).toBe("too-short");
    expect(await reason(length, { stem: "word ".repeat(13) })).toBe("too-long");
    expect(await reason(length, {})).toBe("too-long"); // the options count
    expect(await reason(languages(["en"]), { tags: { language: "en-GB" } })).toBe("kept");
    expect(await reason(languages(["en"]), { tags: { language: "zh" } })).toBe("other-language");
    expect(await reason(languages(["en"]), { stem: "这张胸片显示什么？" })).toBe("other-script");
    expect(await reason(languages(["zh"]), { stem: "这张CT显示什么？", tags: { language: "zh" } })).toBe(
      "kept",
    );
    expect(await reason(licences(["CC0 1.0"]), {})).toBe("kept");
    expect(await reason(licences(["cc-by-*", "MIT"]), { licence: "CC BY 4.0" })).toBe("kept");
    expect(await reason(licences(["cc-by-*", "MIT"]), { licence: "CC BY-NC 4.0" })).toBe("licence");
    expect(await reason(licences(["CC-BY-4.0"]), { licence: "CC BY-NC 4.0" })).toBe("licence");
  });
});
