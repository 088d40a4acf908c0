import { describe, expect, it } from "vitest";
import { good, question, traceOf } from "../../test/support/traces.ts";
import { builtInRubrics, defaultRubric, parseRubric, scoreTrace, textRubric } from "../index.ts";

const yaml = `
name: mine
version: "2"
gates:
  parses: { check: parses }
criteria:
  dose-named:
    weight: 2
    parts:
      - { check: pattern, pattern: "\\\\b\\\\d+ ?mg\\\\b" }
  bedside-manner:
    judge:
      question: Is it kind?
      anchors: [unkind, neutral, kind]
`;

describe("parseRubric", () => {
  it("reads YAML and JSON: a criterion of one's own needs no code, and one for judges alone is unscored without them", () => {
    const rubric = parseRubric(yaml);
    expect(parseRubric(JSON.stringify(rubric))).toEqual(rubric);
    const rating = scoreTrace(
      { question, trace: traceOf(good.replace("doxycycline", "doxycycline 100 mg")) },
      rubric,
    );
    expect(rating.criteria["dose-named"]).toMatchObject({ status: "scored", value: 1 });
    expect(rating.criteria["bedside-manner"]).toEqual({ status: "unscored", reason: "judge-only" });
    expect(rating.total).toBe(1);
  });

  it("says what is wrong and where", () => {
    for (const [text, words] of [
      ["name: [", "mine.yaml"],
      ["name: a\nname: b", "unique"],
      ["name: a\nversion: '1'\ngates: {}\ncriteria: {c: {parts: []}}", "expected parts, a judge, or both"],
      ["name: a\nversion: '1'\ngates: {g: {check: nope}}\ncriteria: {}", "nope"],
      ["name: a\nversion: '1'\ngates: {}\ncriteria: {}\nextra: 1", "extra"],
    ] as const)
      expect(() => parseRubric(text, "mine.yaml"), text).toThrow(
        expect.objectContaining({ name: "PreferenceError", message: expect.stringContaining(words) }),
      );
  });

  it("the built-in ones round-trip and are found by the names in ratings", () => {
    for (const rubric of [defaultRubric, textRubric]) {
      expect(parseRubric(JSON.stringify(rubric))).toEqual(rubric);
      expect(builtInRubrics[scoreTrace({ question, trace: traceOf(good) }, rubric).scorer.rubric]).toBe(
        rubric,
      );
    }
  });
});
