import { fileURLToPath } from "node:url";
import { readSafetensors } from "@mede2/safetensors";
import { expect, it } from "vitest";
import { openCpuDevice } from "../src/device/cpu.ts";
import { createAdapterSet } from "../src/model/adapter-set.ts";
import { loadModel } from "../src/model/load-model.ts";
import type { ModelState } from "../src/program/model-state.ts";
import { createRowScorer } from "../src/program/row-log-probs.ts";

// Three adapters that PEFT wrote, one active after the other, against the logits that PEFT computed with each.

const goldens = fileURLToPath(new URL("../../nn/test/goldens/families/", import.meta.url));
const images = { kind: "kept", features: { of: async () => [], release: async () => {} } } as const;
const file = readSafetensors(`${goldens}qwen2/case.safetensors`);
const numbers = (key: string) => [...(file.tensor(key).data as Int32Array)];
const [rows, length] = file.entries.get("input_ids")!.shape as [number, number];
const [ids, mask] = [numbers("input_ids"), numbers("attention_mask")];
const examples = Array.from({ length: rows }, (_, b) => {
  const tokens = Int32Array.from(ids.filter((_id, i) => Math.floor(i / length) === b && mask[i] === 1));
  return {
    id: String(b),
    tokens,
    supervised: Uint8Array.from(tokens, (_t, s) => (s > 0 ? 1 : 0)),
    images: [],
  };
});

/** Log-probabilities of the rows by somebody else's logits [B, T, V]. */
function expected(logits: Float32Array): number[] {
  const vocab = logits.length / (rows * length);
  return examples.map(({ tokens }, b) =>
    [...tokens].slice(1).reduce((sum, token, s) => {
      const at = logits.subarray((b * length + s) * vocab, (b * length + s + 1) * vocab);
      const top = Math.max(...at);
      return sum + at[token]! - top - Math.log(at.reduce((total, x) => total + Math.exp(x - top), 0));
    }, 0),
  );
}

it("switches between adapters, each as PEFT computes it, and the base comes back bit for bit", async () => {
  const device = await openCpuDevice(1);
  const { state } = await loadModel(`${goldens}qwen2`);
  const before = new Map([...state.parameters].map(([key, data]) => [key, data.slice()]));
  const set = createAdapterSet(state);
  for (const name of ["lora", "rslora", "dora"]) await set.add(name, `${goldens}adapters/${name}`);
  const score = async (model: ModelState) => {
    const { config, shapes } = model;
    const scorer = createRowScorer(device, model, { config, shapes, batch: rows, pad: 0, images });
    const found = (await scorer.score(examples)).map(({ logProb }) => logProb);
    await scorer.release();
    return found;
  };
  for (const name of ["lora", "dora", undefined, "rslora", "lora"]) {
    const golden = name === undefined ? file : readSafetensors(`${goldens}adapters/${name}/case.safetensors`);
    const own = await score(set.use(name));
    expect(set.active).toBe(name);
    expected(golden.tensor("logits").data as Float32Array).forEach((value, b) => {
      expect(own[b]!, `${name}, row ${b}`).toBeCloseTo(value, 3);
    });
  }
  for (const [key, data] of set.use(undefined).parameters) expect(data).toEqual(before.get(key));
});

it("refuses what is not there, what is taken, and what belongs to another model", async () => {
  const { state } = await loadModel(`${goldens}qwen2`);
  const set = createAdapterSet(state);
  expect(() => set.use("a")).toThrow('there is no adapter "a"');
  await set.add("a", `${goldens}adapters/lora`);
  await expect(set.add("a", `${goldens}adapters/dora`)).rejects.toThrow("already");
  set.use("a");
  set.remove("a");
  expect([set.active, set.names]).toEqual([undefined, []]);
  const { state: other } = await loadModel(`${goldens}qwen3`);
  await expect(createAdapterSet(other).add("a", `${goldens}adapters/lora`)).rejects.toMatchObject({
    code: "adapter-mismatch",
  });
});
