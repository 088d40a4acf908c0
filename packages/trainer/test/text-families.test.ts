import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readSafetensors } from "@mede2/safetensors";
import { expect, it } from "vitest";
import { openCpuDevice } from "../src/device/cpu.ts";
import { createGenerator } from "../src/generate/generator.ts";
import { loadModel } from "../src/model/load-model.ts";

const goldens = fileURLToPath(new URL("../../nn/test/goldens/families/", import.meta.url));
const isCase = (name: string): boolean => existsSync(`${goldens}${name}/case.safetensors`);
const cases = readdirSync(goldens).filter(
  (name) => isCase(name) && readSafetensors(`${goldens}${name}/case.safetensors`).entries.has("new_tokens"),
);
const noImages = { kind: "kept", features: { of: async () => [], release: async () => {} } } as const;

it.each(cases)("%s: greedy tokens of three prompts with a cache, as transformers", async (name) => {
  const device = await openCpuDevice(1);
  const { state } = await loadModel(goldens + name);
  const file = readSafetensors(`${goldens}${name}/case.safetensors`);
  const numbers = (key: string) => [...(file.tensor(key).data as Int32Array)];
  const [rows, length] = file.entries.get("input_ids")!.shape as [number, number];
  const [ids, mask, golden] = [numbers("input_ids"), numbers("attention_mask"), numbers("new_tokens")];
  const count = golden.length / rows;
  const generator = createGenerator(device, state, { batch: 4, pad: 0, stop: new Set(), images: noImages });
  const prompts = Array.from({ length: rows }, (_, b) => {
    const tokens = Int32Array.from(ids.filter((_id, i) => Math.floor(i / length) === b && mask[i] === 1));
    return { id: String(b), tokens, supervised: new Uint8Array(tokens.length), images: [] };
  });
  const sampling = { temperature: 0, topP: 1, maxTokens: count };
  const results = await generator.generate(prompts.map((prompt) => ({ prompt, sampling, sample: 0 })));
  expect(results.flatMap(({ tokens }) => tokens)).toEqual(golden);
  await generator.release();
});
