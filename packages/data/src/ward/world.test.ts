import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { wardCitations } from "./citations.ts";
import {
  combinationSet,
  formatWardBounds,
  wardDiagnoses,
  wardFact,
  wardFactors,
  wardFacts,
  wardFindings,
  wardGroups,
  wardSituations,
} from "./index.ts";
import { wardRuleTables } from "./rule-tables.ts";

describe("the world", () => {
  test("has 16 findings with four facts each, 64 diagnoses, 8 groups, 4 states, 32 answers, every name once", () => {
    expect(wardFindings).toHaveLength(16);
    for (const { id } of wardFindings)
      expect(wardDiagnoses.filter((rule) => rule.finding === id)).toHaveLength(4);
    expect(new Set(wardDiagnoses.map(({ finding, fact }) => `${finding}+${fact}`)).size).toBe(64);
    expect(wardGroups).toHaveLength(8);
    expect(wardFactors).toHaveLength(4);
    const names = [
      ...wardDiagnoses.map(({ name }) => name),
      ...wardFindings.map(({ name }) => name),
      ...wardFacts.flatMap(({ name, meaning }) => [name, meaning]),
      ...wardFactors.map(({ name }) => name),
      ...wardGroups.flatMap((group) => [group.name, ...Object.values(group.choices).map(({ drug }) => drug)]),
    ];
    expect(names).toHaveLength(64 + 16 + 22 + 4 + 8 + 32);
    expect(new Set(names).size).toBe(names.length);
  });

  test("no fact and no finding decides the group alone", () => {
    for (const fact of wardFacts)
      expect(new Set(groupsOf((rule) => rule.fact === fact.id)).size).toBeGreaterThan(1);
    for (const finding of wardFindings)
      expect(new Set(groupsOf((rule) => rule.finding === finding.id)).size).toBeGreaterThan(1);
  });

  test("holds out 22 % of the combinations for the test, from all groups, and keeps every finding and fact in training", () => {
    const of = (set: string) => wardDiagnoses.filter((rule) => combinationSet(rule) === set);
    expect(of("test")).toHaveLength(14);
    expect(new Set(of("test").map(({ group }) => group)).size).toBe(8);
    for (const set of ["train", "test", "dev"] as const) {
      const asked = new Set(
        wardSituations(set).flatMap(({ diagnoses }) => diagnoses.map(({ name }) => name)),
      );
      expect(asked.size).toBe(of(set).length);
      expect(wardSituations(set).reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
    }
    expect(new Set(of("train").map(({ finding }) => finding)).size).toBe(16);
    expect(new Set(of("train").map(({ fact }) => fact)).size).toBe(wardFacts.length);
  });

  test("every rule and threshold has its source, and no source is idle", () => {
    const used = [
      ...wardFacts.map(({ source }) => source),
      ...wardDiagnoses.flatMap(({ source, treatmentSource }) => [source, treatmentSource]),
      ...wardGroups.flatMap((group) => Object.values(group.choices).map(({ source }) => source)),
    ];
    for (const id of used) expect(wardCitations).toHaveProperty([id]);
    expect(Object.keys(wardCitations).filter((id) => !used.includes(id))).toEqual([]);
    for (const text of Object.values(wardCitations)) expect(text).toMatch(/\b(19|20)\d\d\b/);
  });

  test("normal and abnormal values never meet, and leave room for three normal ones", () => {
    for (const fact of wardFacts)
      expect(fact.abnormal.filter((value) => fact.normal.includes(value))).toEqual([]);
    for (const set of ["train", "test", "dev"] as const)
      for (const { fact, diagnoses } of wardSituations(set)) {
        const barred = new Set([fact, ...diagnoses.flatMap((rule) => rule.neverNormal)]);
        expect(wardFacts.length - barred.size).toBeGreaterThanOrEqual(3);
      }
    expect(wardFact("haemoglobin").abnormal.every((value) => Number(value) > 70 && Number(value) < 80)).toBe(
      true,
    );
  });

  test("words of a picture hold no name of any finding", () => {
    for (const { looks } of wardFindings)
      for (const look of looks) for (const { name } of wardFindings) expect(look).not.toContain(name);
  });
});

function groupsOf(which: (rule: (typeof wardDiagnoses)[number]) => boolean): string[] {
  return wardDiagnoses.filter(which).map(({ group }) => group);
}

describe("docs/ward.md", () => {
  const path = fileURLToPath(new URL("../../../../docs/ward.md", import.meta.url));
  const sections = {
    rules: wardRuleTables(),
    bounds: ["```", formatWardBounds(), "```"].join("\n"),
  };

  test("holds the rules and the bounds as they are in the code", () => {
    let text = readFileSync(path, "utf8");
    for (const [name, body] of Object.entries(sections)) {
      const [start, end] = [`<!-- ${name}: generated -->\n`, `\n<!-- end of ${name} -->`];
      const from = text.indexOf(start) + start.length;
      const to = text.indexOf(end);
      expect(from).toBeGreaterThanOrEqual(start.length);
      expect(to).toBeGreaterThanOrEqual(from);
      if (process.env.MEDE2_UPDATE_DOCS === "1") text = text.slice(0, from) + body + text.slice(to);
      else expect(text.slice(from, to)).toBe(body);
    }
    if (process.env.MEDE2_UPDATE_DOCS === "1") writeFileSync(path, text);
  });
});
