import { demonstrationSchema } from "@mede2/schemas";
import { describe, expect, test } from "vitest";
import {
  checkWardTrace,
  findingName,
  type WardCase,
  type WardTraceCheck,
  wardCases,
  wardChain,
  wardDemonstration,
  wardFact,
  wardFactor,
  wardFinding,
  wardFindings,
  wardGroup,
  wardSplits,
} from "./index.ts";

const cases = wardSplits.flatMap((split) => wardCases({ split, count: 300, seed: 4 }));
const whole = (item: WardCase): string => wardChain(item, { seed: 0, alternative: true, check: true });

describe("reference chains", () => {
  test("pass every check, in every split and wording", () => {
    for (const item of cases)
      for (const seed of [0, 1, 2]) {
        const result = checkWardTrace(item, wardChain(item, { seed, alternative: true, check: true }));
        const wrong = Object.entries(result).filter(
          ([name, value]) =>
            value === "wrong" || value === "absent" || (value === false && name !== "contradiction"),
        );
        expect(wrong).toEqual([]);
        expect(result.contradiction).toBe(false);
        expect(result.trueConsistentChain).toBe(true);
      }
  });

  test("have the one format and at most 60 words", () => {
    for (const item of cases) {
      const text = whole(item);
      expect(text).toMatch(/^<think>\n[^<>]+\n<\/think>\n\n[^<>\n]*\\boxed\{[a-z ]+\}$/);
      expect(text.endsWith(`\\boxed{${item.answer}}`)).toBe(true);
      expect(text.split(/\s+/).length).toBeLessThanOrEqual(63); // with the two tags and the box
    }
  });

  test("some lack the alternative, some the check: 15 % each", () => {
    const all = wardCases({ split: "stage1", count: 3000, seed: 6 });
    const results = all.map((item) => checkWardTrace(item, wardChain(item, { seed: 1 })));
    const share = (part: "alternative" | "check"): number =>
      results.filter((result) => result[part] === "absent").length / results.length;
    expect(Math.abs(share("alternative") - 0.15)).toBeLessThan(0.033); // five standard deviations
    expect(Math.abs(share("check") - 0.15)).toBeLessThan(0.033);
  });

  test("demonstrations follow the schema, and their spans quote the text", () => {
    for (const item of cases.slice(0, 50)) {
      const demonstration = demonstrationSchema.parse(wardDemonstration(item, 0));
      for (const span of [...demonstration.trace.steps, demonstration.trace.answer.span!])
        expect(demonstration.trace.text.slice(span.start, span.end)).toBe(span.quote);
      expect(demonstration.question.images).toEqual([]);
      expect(wardDemonstration(item, 0)).toEqual(wardDemonstration(item, 0));
    }
  });
});

/** Replaces in the sentence of the reasoning that `marks` finds. */
function corrupt(text: string, from: string, to: string): string {
  expect(text).toContain(from);
  return text.replace(from, to);
}

const checks: [
  string,
  (item: WardCase, text: string) => string,
  (result: WardTraceCheck) => unknown[],
  unknown[],
][] = [
  [
    "another finding",
    (item, text) => {
      const other = wardFindings.find(
        (entry) => entry.id !== item.finding && entry.id !== item.otherFinding,
      )!;
      return corrupt(text, findingName(item.finding, item.modifier), `${other.modifiers[0]} ${other.name}`);
    },
    (result) => [result.finding, result.findingRight, result.carried, result.contradiction],
    ["wrong", false, false, true],
  ],
  [
    "no finding sentence and none in the rule",
    (item, text) =>
      text
        .split("\n")
        .filter((line) => !line.startsWith("the picture"))
        .join("\n")
        .replace(`${wardFinding(item.finding).name} with`, "this with")
        .replace(`${wardFinding(item.finding).name} and`, "this and"),
    (result) => [result.finding, result.diagnosisFollows, result.trueConsistentChain],
    ["absent", false, false],
  ],
  [
    "the other modifier",
    (item, text) => {
      const other = wardFinding(item.finding).modifiers.find((modifier) => modifier !== item.modifier)!;
      return corrupt(text, `${item.modifier} `, `${other} `);
    },
    (result) => [result.finding, result.modifier, result.trueConsistentChain],
    ["right", "wrong", false],
  ],
  [
    "a value that is not in the stem",
    (item, text) =>
      corrupt(text, `${wardFact(item.fact).name} ${item.value}`, `${wardFact(item.fact).name} 12345`),
    (result) => [result.value, result.valuesInStem, result.meaning, result.trueConsistentChain],
    ["wrong", false, "right", false],
  ],
  [
    "a normal value as the reason",
    (item, text) => {
      const normal = item.values.find((value) => !value.decisive)!;
      return corrupt(
        text,
        `${wardFact(item.fact).name} ${item.value}`,
        `${wardFact(normal.fact).name} ${normal.value}`,
      );
    },
    (result) => [result.value, result.valuesInStem, result.meaning],
    ["wrong", true, "wrong"],
  ],
  [
    "another diagnosis",
    (item, text) => text.replaceAll(item.diagnosis, item.otherDiagnosis),
    (result) => [result.diagnosis, result.diagnosisFollows, result.carried, result.groupFollows],
    ["wrong", false, false, false],
  ],
  [
    "another group in the rule and after it",
    (item, text) => {
      const lines = text.split("\n");
      const at = lines.findIndex((line) => line.startsWith(item.diagnosis));
      return lines
        .map((line, index) =>
          index === at || index === at + 1
            ? line.replace(wardGroup(item.group).name, wardGroup(item.otherGroup).name)
            : line,
        )
        .join("\n");
    },
    (result) => [result.diagnosis, result.group, result.groupFollows, result.drugFollows],
    ["right", "wrong", false, false],
  ],
  [
    "another state of the patient",
    (item, text) => text.replaceAll(wardFactor(item.factor).name, wardFactor(item.otherFactor).name),
    (result) => [result.factor, result.drugFollows, result.trueConsistentChain],
    ["wrong", false, false],
  ],
  [
    "another name in the box",
    (item, text) =>
      corrupt(
        text,
        `\\boxed{${item.answer}}`,
        `\\boxed{${item.options.find((name) => name !== item.answer)}}`,
      ),
    (result) => [result.drug, result.answer, result.answerFollows, result.contradiction],
    ["right", "wrong", false, true],
  ],
  [
    "the claimed finding as the alternative",
    (item, text) => {
      const lines = text.split("\n");
      return lines
        .map((line) =>
          line.includes("not seen") || line.includes("excluded")
            ? line.replace(wardFinding(item.otherFinding).name, wardFinding(item.finding).name)
            : line,
        )
        .join("\n");
    },
    (result) => [result.alternative, result.trueConsistentChain],
    ["wrong", false],
  ],
  [
    "a check of another drug",
    (item, text) => {
      const lines = text.split("\n");
      const other = item.options.find((name) => name !== item.answer)!;
      return lines
        .map((line) => (line.startsWith("check") ? line.replace(item.answer, other) : line))
        .join("\n");
    },
    (result) => [result.check, result.trueConsistentChain],
    ["wrong", false],
  ],
];

describe("corrupted chains fail at the right link", () => {
  test.each(checks)("%s", (_, damage, read, expected) => {
    for (const item of cases) expect(read(checkWardTrace(item, damage(item, whole(item))))).toEqual(expected);
  });

  test("without alternative or check the rest stays right", () => {
    const result = checkWardTrace(
      cases[0]!,
      wardChain(cases[0]!, { seed: 1, alternative: false, check: false }),
    );
    expect([result.alternative, result.check, result.trueConsistentChain]).toEqual([
      "absent",
      "absent",
      true,
    ]);
  });

  test("any text is read, and quickly", () => {
    const item = cases[0]!;
    const hostile = [
      "",
      "\\boxed{",
      "<think>",
      "</think>".repeat(5000),
      "check: ".repeat(50_000),
      "the ".repeat(1e6),
    ];
    const before = performance.now();
    for (const text of [...hostile, "\u0000\ud800 \\boxed{}", "\\boxed{a}".repeat(9999)]) {
      const result = checkWardTrace(item, text);
      expect(result.trueConsistentChain).toBe(false);
    }
    expect(performance.now() - before).toBeLessThan(2000);
    expect(checkWardTrace(item, `\\boxed{${item.answer}}`).answer).toBe("right");
  });
});
