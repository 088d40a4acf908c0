import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aPicture, aQuestion } from "../../test/support/questions.ts";
import { groupSplitter } from "./split-by-group.ts";
import { splitOverlapCounter } from "./split-overlap.ts";

const shares = { train: 0.7, dev: 0.1, test: 0.2 };
const row = fc.record({
  patient: fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined }),
  pictures: fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 3 }),
});
const questionsOf = (rows: { patient: number | undefined; pictures: number[] }[]) =>
  rows.map(({ patient, pictures }, at) =>
    aQuestion(at, {
      images: pictures.map(aPicture),
      group: patient === undefined ? {} : { patient: `p${patient}` },
    }),
  );

describe("groupSplitter", () => {
  it("never shares a picture or patient between splits, in whatever order the questions come", () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), fc.nat(1000), (rows, seed) => {
        const questions = questionsOf(rows);
        const [one, other] = [groupSplitter({ shares, seed }), groupSplitter({ shares, seed })];
        for (const question of questions) one.see(question);
        for (const question of questions.toReversed()) other.see(question);
        const overlap = splitOverlapCounter();
        for (const question of questions) {
          const split = one.splitOf(question);
          expect(other.splitOf(question)).toBe(split);
          overlap.add({ ...question, split });
        }
        expect(overlap.result()).toEqual([]);
      }),
    );
  });

  it("leaves groups where they were when others come", () => {
    const questions = questionsOf(Array.from({ length: 500 }, (_, i) => ({ patient: i, pictures: [i] })));
    const [few, all] = [groupSplitter({ shares, seed: 1 }), groupSplitter({ shares, seed: 1 })];
    for (const question of questions.slice(0, 100)) few.see(question);
    for (const question of questions) all.see(question);
    expect(questions.slice(0, 100).map((question) => all.splitOf(question))).toEqual(
      questions.slice(0, 100).map((question) => few.splitOf(question)),
    );
    const count = (name: string) => questions.filter((question) => all.splitOf(question) === name).length;
    expect(Math.abs(count("train") - 350)).toBeLessThan(40);
    expect(Math.abs(count("test") - 100)).toBeLessThan(40);
    const reseeded = groupSplitter({ shares, seed: 2 });
    for (const question of questions) reseeded.see(question);
    expect(questions.some((question) => reseeded.splitOf(question) !== all.splitOf(question))).toBe(true);
  });

  it("refuses shares that do not make 1", () => {
    expect(() => groupSplitter({ shares: { train: 0.7, test: 0.2 }, seed: 0 })).toThrow(/make 1/);
  });
});

describe("splitOverlapCounter", () => {
  it("counts what a plain count counts", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.constantFrom("a", "b", "c"),
            fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 2 }),
          ),
          { maxLength: 40 },
        ),
        (rows) => {
          const counter = splitOverlapCounter();
          const seen = new Map<string, Set<number>>();
          rows.forEach(([split, pictures], at) => {
            counter.add(aQuestion(at, { split, images: pictures.map(aPicture) }));
            seen.set(split, new Set([...(seen.get(split) ?? []), ...pictures]));
          });
          const names = [...seen.keys()];
          const expected = names.flatMap((a, i) =>
            names.slice(i + 1).flatMap((b) => {
              const shared = [...seen.get(a)!].filter((picture) => seen.get(b)!.has(picture)).length;
              return shared === 0
                ? []
                : [
                    {
                      of: "pictures",
                      splits: [a, b],
                      shared,
                      counts: [seen.get(a)!.size, seen.get(b)!.size],
                    },
                  ];
            }),
          );
          expect(counter.result()).toEqual(expected);
        },
      ),
    );
  });
});
