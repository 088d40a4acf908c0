import type { Question } from "@mede2/schemas";
import { describe, expect, it } from "vitest";
import { reorderOptions } from "./reorder-options.ts";

const question = (id: number, options: string[], more: Partial<Question> = {}): Question =>
  ({ id: `q:${id}`, stem: "What is it?", options, gold: { labels: ["B"] }, ...more }) as Question;
const drugs = ["amoxicillin", "furosemide", "rest", "surgery", "vitamin C"];

describe("reorderOptions", () => {
  it("moves the right label with its option, by seed and question", () => {
    const right = new Map<string, number>();
    for (let id = 0; id < 200; id++) {
      const { question: other, kept } = reorderOptions(question(id, drugs), 1);
      expect(kept).toBeUndefined();
      expect([...other.options].sort()).toEqual([...drugs].sort());
      expect(other.options).not.toEqual(drugs);
      const [label] = (other.gold as { labels: string[] }).labels;
      expect(other.options["ABCDE".indexOf(label!)]).toBe("furosemide");
      right.set(label!, (right.get(label!) ?? 0) + 1);
    }
    for (const label of "ABCDE") expect(right.get(label)!).toBeGreaterThan(20);
    const again = reorderOptions(question(3, drugs), 1).question.options;
    expect(reorderOptions(question(3, drugs), 1).question.options).toEqual(again);
    const orders = [1, 2, 3, 4].map((seed) =>
      reorderOptions(question(3, drugs), seed).question.options.join(),
    );
    expect(new Set(orders).size).toBeGreaterThan(1);
  });
  it("swaps two", () => {
    const { question: other } = reorderOptions(question(7, ["yes", "no"]), 1);
    expect([other.options, other.gold]).toEqual([["no", "yes"], { labels: ["A"] }]);
  });
  it("moves several right labels", () => {
    const { question: other } = reorderOptions(question(1, drugs, { gold: { labels: ["A", "C"] } }), 1);
    const { labels } = other.gold as { labels: string[] };
    expect(labels.map((label) => other.options["ABCDE".indexOf(label)]).sort()).toEqual([
      "amoxicillin",
      "rest",
    ]);
    expect([...labels].sort()).toEqual(labels);
  });
  it.each([
    [["a", "b", "All of the above"], "names-places"],
    [["a", "b", "Both A and B"], "names-places"],
    [["1 and 2", "A & C", "none"], "names-places"],
    [["None of these", "b"], "names-places"],
    [["a"], "open"],
  ] as const)("keeps %j: %s", (options, why) => {
    const asked = question(1, [...options]);
    expect(reorderOptions(asked, 1)).toEqual({ question: asked, kept: why });
  });
  it("moves what names single letters, and rather keeps a pair of them", () => {
    const kept = (...options: string[]) => reorderOptions(question(1, options), 1).kept;
    expect(kept("vitamin A or retinol", "hepatitis B", "none")).toBeUndefined();
    expect(kept("type A/B", "hepatitis B")).toBe("names-places");
  });
  it("keeps what stands in the stem too, and open questions", () => {
    for (const stem of ["Pain?\nAnswer Choices: (A) a (B) b", "Pain?\nA. a\nB. b"])
      expect(reorderOptions(question(1, ["a", "b"], { stem }), 1).kept).toBe("printed-in-stem");
    expect(reorderOptions(question(1, [], { gold: { text: "x", aliases: [] } }), 1).kept).toBe("open");
  });
});
