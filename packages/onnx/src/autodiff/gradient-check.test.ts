import { describe, expect, it } from "vitest";
import { checkGradient } from "../../test/check-gradient.ts";
import { gradientCases } from "../../test/gradient-cases.ts";
import { seeded } from "../../test/random.ts";
import { GraphBuilder } from "../builder.ts";
import { type OpName, opNames } from "../op-names.ts";
import { mul } from "../ops/elementwise.ts";
import { sumAll } from "../ops/reduction.ts";
import { gradients } from "./gradients.ts";
import { gradientRules } from "./rules/index.ts";

const SEEDS = 40;
const TOLERANCE = 1e-7;

describe("every op against central finite differences in float64", () => {
  for (const name of opNames) {
    const testCase = gradientCases[name];
    if (typeof testCase === "function")
      it(name, () => {
        for (let seed = 0; seed < SEEDS; seed++) {
          const random = seeded(1000 * opNames.indexOf(name) + seed);
          const { error, forward } = checkGradient(testCase(random), random);
          expect(forward, `the case of ${name} does not use it`).toContain(name);
          expect(error, `${name}, seed ${seed}`).toBeLessThan(TOLERANCE);
        }
      });
    else
      it(`${name} has no gradient, and says so`, () => {
        const rule = gradientRules[name];
        expect("none" in rule && rule.none.length > 0).toBe(true);
        const g = new GraphBuilder("none");
        const x = g.input("x", "float64", [3]);
        const loss = sumAll(g, testCase.none(g, x));
        expect(() => gradients(g, loss, [x])).toThrow(expect.objectContaining({ code: "no-path" }));
      });
  }

  it("notices a gradient that is wrong by a thousandth", () => {
    const rules = gradientRules as Record<OpName, (typeof gradientRules)[OpName]>;
    for (const name of opNames) {
      const [rule, testCase] = [rules[name], gradientCases[name]];
      if (typeof rule !== "function" || typeof testCase !== "function") continue;
      rules[name] = (context, dy) =>
        rule(context, dy).map((part) => part && (() => mul(context.g, part(), 1.001)));
      try {
        const errors = Array.from(
          { length: 10 },
          (_, seed) => checkGradient(testCase(seeded(seed)), seeded(seed)).error,
        );
        expect(Math.max(...errors), name).toBeGreaterThan(100 * TOLERANCE);
      } finally {
        rules[name] = rule;
      }
    }
  });

  it("has a checked case exactly where there is a rule", () => {
    for (const name of opNames) expect(typeof gradientCases[name], name).toBe(typeof gradientRules[name]);
    expect(Object.keys(gradientCases).sort()).toEqual([...opNames].sort());
    expect(Object.keys(gradientRules).sort()).toEqual([...opNames].sort());
  });
});
