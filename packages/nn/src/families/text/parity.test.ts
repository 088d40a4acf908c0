import { describe, expect, it } from "vitest";
import { compareFamilyCase, familyCases, familyGoldens, readFamilyCase } from "../../../test/family-cases.ts";

const cases = familyCases("llama", "qwen2", "qwen3");

describe("Llama, Qwen2 and Qwen3 against transformers", () => {
  it("has a case of every variation", () => {
    expect(cases.length).toBe(10);
  });

  it.each(cases)("%s: logits, loss and every gradient", async (name) => {
    const example = await readFamilyCase(familyGoldens + name);
    const found = await compareFamilyCase(example);
    expect(found.logits).toBeLessThan(1e-4);
    expect(found.loss).toBeLessThan(1e-5);
    expect(found.gradients, found.worst).toBeLessThan(1e-4);
    expect(found.compared).toBe([...example.stored.keys()].filter((key) => key.startsWith("grad:")).length);
  });
});
