import { openSafetensors } from "@mede2/safetensors";
import { expect, test } from "vitest";
import { goldenJson, goldenPath } from "../../../test/support/goldens.ts";
import { assertCheckpoint, checkCheckpoint, fromPeftKey, peftKey } from "../checkpoint-keys.ts";
import { nameFromFile, nameInFile } from "../families.ts";
import { readQwen25VlConfig } from "./config.ts";
import { qwen25VlKeys } from "./keys.ts";

const renameToV5 = (key: string) => nameInFile(key, config, "v5");
const renameFromV5 = nameFromFile;

const config = readQwen25VlConfig(goldenJson("qwen2-5-vl/checkpoint/config.json"));
const untied = readQwen25VlConfig(goldenJson("qwen2-5-vl/checkpoint-untied/config.json"));
const pairs = goldenJson<{ published: string; transformers: string }[]>("qwen2-5-vl/keys.json");

function shapes(name: string): [string, readonly number[]][] {
  return [...openSafetensors(goldenPath(name)).entries].map(([key, { shape }]) => [key, shape]);
}

test("the table names every tensor of a transformers checkpoint with its shape", () => {
  const found = shapes("qwen2-5-vl/checkpoint/model.safetensors");
  expect([...qwen25VlKeys(config)].sort()).toEqual(found.sort());
  expect([...qwen25VlKeys(untied).keys()]).toContain("lm_head.weight");
  expect(checkCheckpoint(found, config)).toEqual({ missing: [], unexpected: [], wrong: [] });
});

test("renames to transformers v5 and back", () => {
  expect([...qwen25VlKeys(config).keys()].sort()).toEqual(pairs.map((p) => p.published).sort());
  for (const { published, transformers } of pairs) {
    expect(renameToV5(published)).toBe(transformers);
    expect(renameFromV5(transformers)).toBe(published);
    expect(renameFromV5(published)).toBe(published);
  }
  expect(renameToV5("lm_head.weight")).toBe("lm_head.weight");
});

test("PEFT keys both ways", () => {
  for (const [key] of shapes("qwen2-5-vl/adapter/adapter_model.safetensors")) {
    const { module, factor } = fromPeftKey(key);
    expect(peftKey(module, factor, config)).toBe(key);
    expect(qwen25VlKeys(config).has(`${module}.weight`)).toBe(true);
  }
  expect(fromPeftKey("base_model.model.model.layers.1.mlp.up_proj.lora_B.default.weight")).toEqual({
    module: "model.layers.1.mlp.up_proj",
    factor: "B",
  });
  expect(() => fromPeftKey("base_model.model.lm_head.modules_to_save.weight")).toThrow(/not a LoRA weight/);
});

test("names what is missing, unexpected and wrongly shaped, in either layout", () => {
  const found = new Map([...qwen25VlKeys(config)].map(([key, shape]) => [renameToV5(key), shape] as const));
  expect(checkCheckpoint(found, config)).toEqual({ missing: [], unexpected: [], wrong: [] });
  found.delete("model.language_model.norm.weight");
  found.set("model.language_model.layers.9.mlp.up_proj.weight", [48, 32]);
  found.set("model.visual.merger.ln_q.weight", [31]);
  found.set("lm_head.weight", [320, 32]);
  const findings = checkCheckpoint(found, config);
  expect(findings).toEqual({
    missing: ["model.norm.weight"],
    unexpected: ["model.layers.9.mlp.up_proj.weight"],
    wrong: [{ key: "visual.merger.ln_q.weight", expected: [32], found: [31] }],
  });
  expect(() => assertCheckpoint(findings, "models/x")).toThrow(
    /models\/x .* 1 missing: model\.norm\.weight\. 1 unexpected: .*visual\.merger\.ln_q\.weight is \[31\]/,
  );
});
