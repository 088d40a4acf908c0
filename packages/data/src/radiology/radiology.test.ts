import { readFile } from "node:fs/promises";
import { isCorrect } from "@mede2/answers";
import { demonstrationSchema, passageSchema, recordId, resolveSpan } from "@mede2/schemas";
import { describe, expect, it } from "vitest";
import { randomStream } from "../ward/images/random.ts";
import { filmCase } from "./film-case.ts";
import { filmChain } from "./film-chain.ts";
import { filmDemonstrations, filmPassages } from "./film-demonstrations.ts";
import { filmFindings, filmRules } from "./film-findings.ts";

const age =
  /\b(age|aged|years?|months?|old|young|child|children|paediatric|pediatric|infants?|adults?|newborn)\b/i;
const many = [...filmDemonstrations({ count: 1500 })];

describe("film demonstrations", () => {
  it("are records that hold together, right, and pass every check", () => {
    for (const demonstration of many) {
      const { question, trace, checks, id } = demonstrationSchema.parse(demonstration);
      expect(checks.filter((check) => !check.passed)).toEqual([]);
      expect(checks.map((check) => check.name)).toContain("finding-right");
      expect(isCorrect(trace.answer, question.gold)).toBe(true);
      expect(id).toBe(recordId(demonstration));
      expect(trace.steps).toHaveLength(5);
      expect(trace.steps.every((step) => resolveSpan(trace, step).found)).toBe(true);
    }
  });

  it("are balanced, all different, and put the answer in either place", () => {
    const share = (test: (d: (typeof many)[number]) => boolean) => many.filter(test).length / many.length;
    expect(share((d) => d.question.facts?.label === "normal")).toBeCloseTo(0.5, 1);
    for (const finding of filmFindings)
      expect(share((d) => d.question.facts?.finding === finding)).toBeGreaterThan(0.1);
    expect(share((d) => "labels" in d.question.gold && d.question.gold.labels[0] === "A")).toBeCloseTo(
      0.5,
      1,
    );
    expect(new Set(many.map((d) => d.question.findings)).size).toBe(many.length);
  });

  it("describe without the finding's name, its answer, or an age", () => {
    for (const { question, trace } of many) {
      expect(question.findings).not.toMatch(
        /consolidation|streak|clear|pneumonia|normal|bronchogram|silhouette/i,
      );
      expect(`${question.stem} ${trace.text}`).not.toMatch(age);
    }
  });

  it("weigh the alternative with a fact that the description holds", () => {
    const evidence: [RegExp, RegExp][] = [
      [/but the fissures lie where they should/, /fissures? /i],
      [/but both angles are sharp/, /angles? /i],
      [/but the lungs are well filled/, /deep breath|well filled|full breath/i],
      [/but the heart is not wide/, /heart (shadow )?is (of usual width|not)/i],
      [/shallow breath crowds vessels and no border/, /shallow|crowded/i],
      [/: the thymus/, /sail-shaped|triangular/i],
    ];
    for (const [claim, fact] of evidence) {
      const claiming = many.filter((d) => claim.test(d.trace.text));
      expect(claiming.length, String(claim)).toBeGreaterThan(20);
      for (const { question } of claiming) expect(question.findings).toMatch(fact);
    }
  });

  it("never say that a breath was both shallow and deep, or a side both whiter and evenly dark", () => {
    for (const { question } of many) {
      const text = question.findings!;
      expect(/shallow|stands high/.test(text) && /deep breath|well filled|full breath/.test(text), text).toBe(
        false,
      );
      expect(/whiter/.test(text) && /evenly|equally dark/.test(text), text).toBe(false);
    }
  });

  it("let no look-alike give the answer away", () => {
    const withThymus = many.filter((d) => /sail-shaped|triangular/.test(d.question.findings!));
    const ill = withThymus.filter((d) => d.question.facts?.label !== "normal").length / withThymus.length;
    expect(ill).toBeGreaterThan(0.25);
  });

  it("are the same on every run, and share no description with other splits or seeds of them", () => {
    expect([...filmDemonstrations({ count: 1500 })]).toEqual(many);
    const train = new Set(many.map((d) => d.question.findings));
    for (const seed of [0, 5000]) {
      const test = [...filmDemonstrations({ count: 500, split: "test", seed })];
      expect(test.filter((d) => train.has(d.question.findings))).toEqual([]);
    }
  });

  it("ask for the cause, with labels in the box, without the findings that tell none", () => {
    const causes = [...filmDemonstrations({ count: 400, part: "cause", boxed: "label" })];
    expect(causes.flatMap((d) => d.checks.filter((check) => !check.passed))).toEqual([]);
    expect(causes.every((d) => /\\boxed\{[ABC]\}$/.test(d.trace.text))).toBe(true);
    expect(new Set(causes.map((d) => d.question.facts?.label))).toEqual(
      new Set(["normal", "bacterial pneumonia", "viral pneumonia"]),
    );
    const patchy = Array.from({ length: 400 }, (_, i) => filmCase(i)).find(
      (c) => c.finding === "patchy consolidation",
    )!;
    expect(() => filmChain(patchy, "cause", "A", randomStream(0, "x"))).toThrow(/does not ask/);
  });

  it("leave out the alternative or the check as often as asked, and the checks say so", () => {
    const some = [...filmDemonstrations({ count: 1000, omit: { alternative: 0.15, check: 0.15 } })];
    for (const name of ["alternative-weighed", "check-made"]) {
      const failed = some.filter((d) =>
        d.checks.some((check) => check.name === name && !check.passed),
      ).length;
      expect(failed / some.length).toBeCloseTo(0.15, 1);
      expect(failed).toBeGreaterThan(0);
    }
  });
});

it("states every rule as a passage, and docs/films.md gives each a source that is listed", async () => {
  const passages = filmPassages();
  expect(passages).toHaveLength(Object.keys(filmRules).length);
  for (const passage of passages) expect(passageSchema.parse(passage).text).not.toMatch(age);
  const docs = await readFile(new URL("../../../../docs/films.md", import.meta.url), "utf8");
  for (const rule of Object.keys(filmRules)) {
    const row = docs.split("\n").find((line) => line.startsWith(`| \`${rule}\` |`));
    expect(row, rule).toBeDefined();
    const cited = [...row!.matchAll(/\[(\w+)\]/g)].map((match) => match[1]);
    expect(cited.length, rule).toBeGreaterThan(0);
    for (const key of cited) expect(docs).toContain(`\n- [${key}] `);
  }
});
