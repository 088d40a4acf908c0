import { questionSchema } from "@mede2/schemas";
import { describe, expect, test } from "vitest";
import {
  combinationSet,
  formatWardBounds,
  wardBounds,
  wardCase,
  wardCaseOf,
  wardCases,
  wardDiagnosis,
  wardFinding,
  wardPrompt,
  wardQuestion,
  wardSplits,
  wardStem,
} from "./index.ts";

const training = (["pretrain", "stage1", "stage2"] as const).flatMap((split) =>
  wardCases({ split, count: 1500, seed: 3 }),
);

describe("cases", () => {
  test("are the same for the same split, seed and index, and are found again by their id", () => {
    const cases = wardCases({ split: "stage2", count: 40, seed: 9 });
    expect(wardCases({ split: "stage2", count: 40, seed: 9 })).toEqual(cases);
    expect(wardCases({ split: "stage2", count: 20, seed: 9, from: 20 })).toEqual(cases.slice(20));
    expect(wardCases({ split: "stage2", count: 40, seed: 10 })).not.toEqual(cases);
    for (const item of cases) expect(wardCaseOf(item.id)).toEqual(item);
    expect(wardCaseOf("stage9-1-1")).toBeUndefined();
    expect(wardCaseOf("ward")).toBeUndefined();
  });

  test("hold no contradiction: the answer is an option, one value is decisive, no normal value denies a diagnosis", () => {
    for (const item of [...training, ...wardCases({ split: "test-combination", count: 500, seed: 1 })]) {
      expect(new Set(item.options).size).toBe(4);
      expect(item.options).toContain(item.answer);
      expect(item.values.filter((value) => value.decisive)).toHaveLength(1);
      expect(new Set(item.values.map((value) => value.fact)).size).toBe(4);
      for (const finding of [item.finding, item.otherFinding])
        for (const { fact, decisive } of item.values)
          if (!decisive) expect(wardDiagnosis(finding, item.fact)!.neverNormal).not.toContain(fact);
    }
  });

  test("refuse an index that is no whole number", () => {
    expect(() => wardCase("dev", 1, 0.5)).toThrow(/whole number/);
    expect(() => wardCase("dev", -1, 0)).toThrow(/whole number/);
  });

  test("the words of the picture never hold the finding's name", () => {
    for (const item of training) expect(item.look).not.toContain(wardFinding(item.finding).name);
  });
});

describe("held out", () => {
  test("no training case shows a held-out combination: real, weighed or earlier", () => {
    for (const item of training) {
      expect(combinationSet(item)).toBe("train");
      expect(combinationSet({ finding: item.otherFinding, fact: item.fact })).toBe("train");
      if (item.earlier === null) continue;
      const rule = wardDiagnosis(item.earlier.finding, item.fact);
      if (rule !== undefined) expect(combinationSet(rule)).toBe("train");
    }
  });

  test("the set held out by combination has only combinations that training never shows", () => {
    const seen = new Set(
      training.flatMap((item) => [
        `${item.finding}+${item.fact}`,
        `${item.diagnosis}+${item.factor}`,
        `${item.diagnosis}+${item.otherFactor}`,
      ]),
    );
    const held = wardCases({ split: "test-combination", count: 1000, seed: 0 });
    for (const item of held) {
      expect(seen.has(`${item.finding}+${item.fact}`)).toBe(false);
      expect(seen.has(`${item.diagnosis}+${item.factor}`)).toBe(false);
    }
    expect(new Set(held.map((item) => `${item.finding}+${item.fact}`)).size).toBe(14);
    expect(new Set(held.map((item) => item.group)).size).toBe(8);
    const development = wardCases({ split: "dev-combination", count: 200, seed: 0 });
    for (const item of development) {
      expect(combinationSet(item)).toBe("dev");
      expect(seen.has(`${item.finding}+${item.fact}`)).toBe(false);
    }
  });

  test("no two splits share a stem, whatever the seeds, and no picture", () => {
    const owner = new Map<string, string>();
    for (const split of wardSplits)
      for (const seed of [0, 1])
        for (const item of wardCases({ split, count: 500, seed })) {
          const stem = wardStem({ ...item, factorPhrase: "" }, "image");
          expect(owner.get(stem) ?? split).toBe(split);
          owner.set(stem, split);
          const picture = `${item.finding} ${item.modifier} ${item.imageSeed}`;
          expect(owner.get(picture) ?? split).toBe(split);
          owner.set(picture, split);
        }
  });

  test("the sets held out have 1,000 different questions and more", () => {
    for (const split of ["test-case", "test-combination"] as const) {
      const stems = wardCases({ split, count: 1200, seed: 0 }).map((item) => wardStem(item, "image"));
      expect(new Set(stems).size).toBe(1200);
    }
  });
});

describe("no source suffices", () => {
  test("options, stem and picture each give at most one half, exactly counted", () => {
    for (const split of wardSplits) {
      const { options, stem, picture } = wardBounds(split);
      expect(options).toBeCloseTo(0.25, 12);
      expect(stem).toBeCloseTo(0.5, 12);
      expect(picture).toBeLessThanOrEqual(0.5 + 1e-12);
      expect(picture).toBeGreaterThan(0.25);
    }
    expect(formatWardBounds().split("\n")).toHaveLength(wardSplits.length + 1);
  });

  test("the counting holds for what is written: a toss changes nothing that the other source shows", () => {
    for (const split of wardSplits)
      for (let index = 0; index < 60; index++) {
        const [a, b, c] = (
          [
            [0, 0],
            [1, 0],
            [0, 1],
          ] as const
        ).map(([diagnosis, factor]) => wardCase(split, 5, index, { diagnosis, factor })) as [
          ReturnType<typeof wardCase>,
          ReturnType<typeof wardCase>,
          ReturnType<typeof wardCase>,
        ];
        // The other finding: same stem, same options, another answer.
        expect(wardStem(b, "image")).toBe(wardStem(a, "image"));
        expect(b.options).toEqual(a.options);
        expect(b.answer).not.toBe(a.answer);
        // The other factor: same picture, same options, another answer.
        expect([c.finding, c.modifier, c.imageSeed]).toEqual([a.finding, a.modifier, a.imageSeed]);
        expect(c.options).toEqual(a.options);
        expect(c.answer).not.toBe(a.answer);
      }
  });

  test("the tosses are fair, and no place among the options is favoured", () => {
    const cases = wardCases({ split: "test-case", count: 4000, seed: 2 });
    const places = [0, 0, 0, 0];
    let first = 0;
    for (const [index, item] of cases.entries()) {
      places[item.options.indexOf(item.answer)]!++;
      const side = wardCase("test-case", 2, index, { diagnosis: 0, factor: 0 });
      if (item.finding === side.finding) first++;
    }
    // Five standard deviations of a binomial count.
    for (const place of places) expect(Math.abs(place - 1000)).toBeLessThan(5 * Math.sqrt(4000 * 0.1875));
    expect(Math.abs(first - 2000)).toBeLessThan(5 * Math.sqrt(1000));
  });
});

describe("questions", () => {
  test("follow the schema; the image form has its place, the text form has words there", () => {
    for (const item of training.slice(0, 200)) {
      const image = questionSchema.parse(wardQuestion(item, { form: "image" }));
      const text = questionSchema.parse(wardQuestion(item, { form: "text" }));
      expect(image.stem).toContain("<image>");
      expect(text.stem).toBe(image.stem.replace("<image>", item.look));
      expect(wardPrompt(image, { style: "reason" }).parts.map((part) => part.type)).toEqual([
        "text",
        "image",
        "text",
      ]);
      expect(wardPrompt(text, { style: "direct" }).parts).toHaveLength(1);
    }
  });

  test("are short: at most 110 words, numbers and marks without the picture", () => {
    const lengths = training.map(
      (item) =>
        wardPrompt(wardQuestion(item, { form: "text" }), { style: "reason" }).text.match(
          /[a-z]+|\d+|[^\sa-z\d]|\n/g,
        )!.length,
    );
    expect(Math.max(...lengths)).toBeLessThanOrEqual(110);
  });
});
