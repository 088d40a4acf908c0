import { expect, it } from "vitest";
import { compareFamilyCase, familyCases, familyGoldens, readFamilyCase } from "../../test/family-cases.ts";
import { familyName, familyNames } from "./families.ts";

// Qwen2.5-VL has more goldens of its own: qwen2-5-vl/parity.test.ts

const cases = familyCases();

it("has a case of every family", async () => {
  const covered = await Promise.all(
    cases.map(async (name) => familyName((await readFamilyCase(familyGoldens + name)).config)),
  );
  expect(new Set(covered)).toEqual(new Set(familyNames));
});

it.each(cases)("%s against transformers: logits, loss and every gradient", async (name) => {
  const example = await readFamilyCase(familyGoldens + name);
  const found = await compareFamilyCase(example);
  expect(found.logits).toBeLessThan(1e-4);
  expect(found.loss).toBeLessThan(1e-5);
  expect(found.gradients, found.worst).toBeLessThan(1e-4);
  expect(found.compared).toBe([...example.stored.keys()].filter((key) => key.startsWith("grad:")).length);
});
