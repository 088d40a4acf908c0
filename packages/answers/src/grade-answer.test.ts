import { describe, expect, it } from "vitest";
import { extractAnswer } from "./extract-answer.ts";
import { isCorrect } from "./grade-answer.ts";
import { findQuantity, quantityMatches } from "./quantity.ts";

describe("findQuantity", () => {
  it.each([
    ["12.5 mg/dL", 12.5, "mg/dL"],
    ["about 1,234.5 mL/min/1.73m2.", 1234.5, "mL/min/1.73m2"],
    ["−3e-4", -3e-4, ""],
    ["1.2 × 10^3 /µL", 1200, ""],
    ["3/4", 0.75, ""],
    ["25%", 25, "%"],
    ["5 patients", 5, ""],
    [".5 g", 0.5, "g"],
    ["2 x 10^{-3} mol/L", 0.002, "mol/L"],
    ["37.8°C", 37.8, "°C"],
  ])("%s", (text, value, unit) => {
    const found = findQuantity(text)!;
    expect(found.value).toBeCloseTo(value, 12);
    expect(found.unit).toBe(unit);
  });
  it.each(["no number. -", "12/31/2017", "2017-12-31"])("finds none in %s", (text) =>
    expect(findQuantity(text)).toBeNull(),
  );
});

describe("quantityMatches", () => {
  it.each([
    [1200, "mg", 1.2, "g", 0, true],
    [1, "mg/dL", 10, "mg/L", 0, true],
    [1, "mg/dL", 1, "mmol/L", 0.5, false],
    [60, "min", 1, "hour", 0, true],
    [5.2, "", 5, "mg", 0.25, true],
    [5.3, "", 5, "mg", 0.25, false],
    [100, "mcg", 0.1, "mg", 0, true],
    [2, "days", 48, "hours", 0, true],
    [3, "mL/min/1.73m2", 3, "mL/min/1.73 m²", 0, true],
    [80, "mL/min", 80, "mL/min/1.73m2", 0, false],
  ])("%s %s is %s %s within %s: %s", (value, unit, goldValue, goldUnit, tolerance, expected) =>
    expect(quantityMatches({ value, unit }, { value: goldValue, unit: goldUnit, tolerance })).toBe(expected),
  );
});

describe("isCorrect", () => {
  const choice = (text: string) => extractAnswer(text, { options: ["x-ray", "CT"] });
  it("compares labels", () => {
    expect(isCorrect(choice("\\boxed{ct}"), { labels: ["B"] })).toBe(true);
    expect(isCorrect(choice("\\boxed{A}"), { labels: ["B"] })).toBe(false);
    expect(isCorrect(choice("\\boxed{A or B}"), { labels: ["A"] })).toBe(false);
  });
  it("compares texts with aliases", () => {
    const open = extractAnswer("\\boxed{The Left Lung.}", { options: [] });
    expect(isCorrect(open, { text: "left lung", aliases: [] })).toBe(true);
    expect(isCorrect(open, { text: "lung, left", aliases: ["left lung"] })).toBe(true);
    expect(isCorrect(open, { text: "lung", aliases: [] })).toBe(false);
  });
  it("compares numbers", () => {
    const number = extractAnswer("The answer is 0.5 g.", { options: [], kind: "number" });
    expect(isCorrect(number, { value: 510, unit: "mg", tolerance: 10 })).toBe(true);
    expect(isCorrect(number, { value: 511, unit: "mg", tolerance: 10 })).toBe(false);
  });
});
