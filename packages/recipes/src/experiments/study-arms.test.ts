import { defaultRubric } from "@mede2/preference";
import { describe, expect, test } from "vitest";
import { allArms, rubricWithout } from "./study-arms.ts";

describe("the arms", () => {
  test("have a name of their own each, which is a run's name too", () => {
    const names = allArms.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9-]+$/);
  });

  test("a criterion that is switched off leaves neither weight nor floor nor gate", () => {
    const rubric = rubricWithout("no-hallucination");
    expect(Object.keys(defaultRubric.criteria)).toContain("no-hallucination");
    expect(Object.keys(rubric.criteria)).not.toContain("no-hallucination");
    expect(Object.keys(defaultRubric.gates)).toEqual(
      expect.arrayContaining(["numbers-in-stem", "history-in-stem"]),
    );
    expect(Object.keys(rubric.gates)).not.toEqual(expect.arrayContaining(["numbers-in-stem"]));
    expect(Object.keys(rubric.gates)).not.toEqual(expect.arrayContaining(["history-in-stem"]));
    expect(Object.keys(rubric.gates)).toHaveLength(Object.keys(defaultRubric.gates).length - 2);
  });
});
