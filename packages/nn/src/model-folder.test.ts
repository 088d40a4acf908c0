import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSafetensors } from "@mede2/safetensors";
import { afterAll, expect, test } from "vitest";
import { goldenPath } from "../test/support/goldens.ts";
import type { Qwen25VlConfig } from "./families/qwen2-5-vl/config.ts";
import { type ModelFolder, openModelFolder, writeModelFolder } from "./model-folder.ts";
import { assertAdapterFits, readPeftFolder, writePeftFolder } from "./peft-folder.ts";

const root = await mkdtemp(join(tmpdir(), "mede2-nn-"));
afterAll(() => rm(root, { recursive: true }));
const source = await openModelFolder(goldenPath("qwen2-5-vl/checkpoint"));
const untied = await openModelFolder(goldenPath("qwen2-5-vl/checkpoint-untied"));
const tensors = (model: ModelFolder) => model.keys.map((key) => model.tensor(key));

test("opens one file and shards", () => {
  expect(source.keys).not.toContain("lm_head.weight");
  expect(untied.checkpoint.files.length).toBe(2);
  const { data, shape } = untied.tensor("lm_head.weight");
  expect(data.length).toBe(shape[0]! * shape[1]!);
  expect(untied.entry("visual.merger.ln_q.weight")).toMatchObject({ dtype: "F32", shape: [32] });
  expect(() => source.tensor("lm_head.weight")).toThrow(/tied embeddings/);
});

test.each([
  ["one file", source, {}],
  ["shards", untied, { maxShardBytes: 100_000 }],
  ["transformers-v5 names", source, { names: "v5" as const }],
])("writes and reads back: %s", async (name, model, options) => {
  const folder = join(root, name.replaceAll(" ", "-"));
  const written = await writeModelFolder(folder, {
    config: model.config,
    tensors: tensors(model),
    copyFrom: model.folder,
    ...options,
  });
  const again = await openModelFolder(folder);
  expect(again.config).toEqual(model.config);
  expect(tensors(again)).toEqual(tensors(model));
  expect(written.bytes).toBeGreaterThan(model.keys.length);
  expect(again.storedName("model.norm.weight")).toBe(
    "names" in options ? "model.language_model.norm.weight" : "model.norm.weight",
  );
  const hi = [{ role: "user" as const, content: "Hi" }];
  expect((await again.processor()).process(hi)).toEqual((await model.processor()).process(hi));
  if (name === "one file") {
    expect(await readFile(join(folder, "model.safetensors"))).toEqual(
      await readFile(join(model.folder, "model.safetensors")),
    );
  }
});

test("a failed write leaves nothing, and an existing folder is replaced only on request", async () => {
  const folder = join(root, "careful");
  const options = { config: source.config, tensors: tensors(source) };
  await expect(writeModelFolder(folder, { ...options, files: { "../escape": "x" } })).rejects.toThrow(
    /not a plain file name/,
  );
  await expect(writeModelFolder(folder, { ...options, tensors: tensors(source).slice(1) })).rejects.toThrow(
    /1 missing: visual\.patch_embed\.proj\.weight/,
  );
  await expect(
    writeModelFolder(folder, { ...options, config: { ...source.config, dtype: "bfloat16" } }),
  ).rejects.toThrow(/is F32, but the config says bfloat16/);
  expect((await readdir(root)).filter((n) => n.includes("careful"))).toEqual([]);
  await writeModelFolder(folder, options);
  await expect(writeModelFolder(folder, options)).rejects.toThrow(/exists already/);
  await writeModelFolder(folder, { ...options, files: { "note.txt": "second" }, replace: true });
  expect(await readFile(join(folder, "note.txt"), "utf8")).toBe("second");
  expect(JSON.parse(await readFile(join(folder, "generation_config.json"), "utf8"))).toMatchObject({
    eos_token_id: [302],
  });
  expect((await readdir(root)).filter((n) => n.includes("careful"))).toEqual(["careful"]);
});

test("a folder whose config asks for other weights does not open", async () => {
  const folder = join(root, "deeper");
  await writeModelFolder(folder, { config: source.config, tensors: tensors(source) });
  const path = join(folder, "config.json");
  const config = JSON.parse(await readFile(path, "utf8"));
  await writeFile(path, JSON.stringify({ ...config, num_hidden_layers: 3, vocab_size: 319 }));
  await expect(openModelFolder(folder)).rejects.toThrow(
    /12 missing: model\.layers\.2\..*model\.embed_tokens\.weight is \[320,32\]/,
  );
});

test("PEFT folders: reads PEFT's own, writes the same bytes", async () => {
  const golden = goldenPath("qwen2-5-vl/adapter");
  const adapter = await readPeftFolder(golden);
  expect(adapter).toMatchObject({
    lora: { rank: 4, alpha: 8, rs: false },
    dropout: 0,
    baseModel: "../checkpoint",
  });
  expect(adapter.lora.targets).toEqual([...adapter.modules.keys()]);
  expect(adapter.modules.size).toBe(14);
  expect(adapter.modules.get("model.layers.1.mlp.down_proj")).toMatchObject({
    a: { shape: [4, 48] },
    b: { shape: [32, 4] },
  });
  assertAdapterFits(adapter, source.config);
  const base = source.config as Qwen25VlConfig;
  const shallow = { ...base, text: { ...base.text, intermediate: 40 } };
  expect(() => assertAdapterFits(adapter, shallow)).toThrow(
    /layers\.0\.mlp\.down_proj needs a weight \[32,48\], the model has \[32,40\]/,
  );
  const folder = join(root, "adapter");
  await writePeftFolder(folder, { ...adapter, config: source.config });
  const file = "adapter_model.safetensors";
  expect(await readFile(join(folder, file))).toEqual(await readFile(join(golden, file)));
  expect(await readPeftFolder(folder)).toEqual(adapter);
  expect([...openSafetensors(join(folder, file)).entries.keys()][0]).toMatch(
    /^base_model\.model\.model\.language_model\.layers\./,
  );
});

test.each([
  [{ use_dora: true }, /use_dora is true, row lengths are missing/],
  [{ modules_to_save: ["lm_head"] }, /modules_to_save = \["lm_head"\]/],
  [{ alpha_pattern: { q_proj: 1 } }, /alpha_pattern/],
  [{ peft_type: "IA3" }, /peft_type = "IA3"/],
  [{ init_lora_weights: "pissa_niter_4" }, /init_lora_weights = "pissa_niter_4"/],
  [{ init_lora_weights: "olora" }, /merge this adapter in PEFT first/],
  [{ r: 8 }, /A is \[4,48\], B is \[32,4\], r is 8/],
])("an adapter that would be computed wrongly is refused: %j", async (change, message) => {
  const folder = join(root, `adapter-${JSON.stringify(change).length}-${Math.random()}`);
  await writePeftFolder(folder, {
    ...(await readPeftFolder(goldenPath("qwen2-5-vl/adapter"))),
    config: source.config,
  });
  const path = join(folder, "adapter_config.json");
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, "utf8")), ...change }));
  await expect(readPeftFolder(folder)).rejects.toThrow(message);
});
