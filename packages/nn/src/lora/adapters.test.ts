import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GraphBuilder } from "@mede2/onnx";
import { gradients } from "@mede2/onnx/autodiff";
import { readSafetensors, toFloat32 } from "@mede2/safetensors";
import { afterAll, describe, expect, it } from "vitest";
import { familyGoldens, readFamilyCase } from "../../test/family-cases.ts";
import { maxDifference, relativeDifference } from "../../test/golden-cases.ts";
import { runGraph } from "../../test/run-graph.ts";
import { peftKey } from "../families/checkpoint-keys.ts";
import { logits } from "../families/decoder/decoder.ts";
import { modelKeys } from "../families/families.ts";
import { forward } from "../families/forward.ts";
import { tokenBatch } from "../families/token-batch.ts";
import { inputWeights } from "../layers/weights.ts";
import { crossEntropy } from "../losses/cross-entropy.ts";
import { declareTargetInputs, tokenLogProbs } from "../losses/token-log-probs.ts";
import { assertAdapterFits, readPeftFolder, writePeftFolder } from "../peft-folder.ts";
import { applyLora, isLoraTarget, loraScale } from "./apply-lora.ts";
import { mergeLora } from "./merge-lora.ts";

const root = await mkdtemp(join(tmpdir(), "mede2-adapters-"));
afterAll(() => rm(root, { recursive: true }));
const example = await readFamilyCase(`${familyGoldens}qwen2`);
const { config, rows, length, parameters } = example;

/** Batch of the case, and where its labels are supervised. */
function feeds() {
  const labels = example.stored.get("labels")!;
  const at = [...labels.keys()].filter((i) => i % length > 0 && labels[i]! >= 0);
  return {
    ...tokenBatch(
      rows.map((tokens) => ({ tokens })),
      length,
      config,
      0,
    ),
    positions: BigInt64Array.from(at, (i) => BigInt(i - 1)),
    targets: BigInt64Array.from(at, (i) => BigInt(labels[i]!)),
    weights: new Float32Array(at.length).fill(1 / at.length),
  };
}

function base() {
  const g = new GraphBuilder("adapter");
  const weights = inputWeights(g, modelKeys(config));
  const hidden = forward(g, weights, config, { batch: rows.length, length });
  const head = (x: typeof hidden) => logits(g, weights, config, x);
  const count = feeds().weights.length;
  const logProbs = tokenLogProbs(g, hidden, declareTargetInputs(g, count), head);
  return { g, out: head(hidden), loss: crossEntropy(g, logProbs, g.input("weights", "float32", [count])) };
}

/** Largest distance at real tokens. */
function distance(ours: Float32Array, theirs: Float32Array): number {
  const { vocab } = config.text;
  return Math.max(
    ...rows.map((row, b) => {
      const [start, end] = [b * length * vocab, (b * length + row.length) * vocab];
      return maxDifference(ours.subarray(start, end), theirs.subarray(start, end));
    }),
  );
}

describe.each(["lora", "rslora", "dora"])("%s against PEFT", (name) => {
  const folder = `${familyGoldens}adapters/${name}`;
  const golden = readSafetensors(`${folder}/case.safetensors`);
  const floats = (key: string) => golden.tensor(key).data as Float32Array;

  it("logits, loss and the gradient of every factor", async () => {
    const { lora, modules } = await readPeftFolder(folder);
    const old = base();
    const adapted = applyLora(old.g, lora);
    const { g } = adapted;
    const loss = adapted.of(old.loss);
    g.output(adapted.of(old.out), "logits");
    g.output(loss, "loss");
    const factors: Record<string, Float32Array> = {};
    const keys: [ours: string, theirs: string][] = [];
    for (const { module, a, b, magnitude } of adapted.modules) {
      const found = modules.get(module)!;
      factors[a] = toFloat32(found.a);
      factors[b] = toFloat32(found.b);
      keys.push([a, peftKey(module, "A", config)], [b, peftKey(module, "B", config)]);
      if (magnitude === undefined) continue;
      factors[magnitude] = toFloat32(found.magnitude!);
      keys.push([magnitude, peftKey(module, "magnitude_vector", config)]);
    }
    expect(keys.length).toBe([...golden.entries.keys()].filter((key) => key.startsWith("grad:")).length);
    gradients(
      g,
      g.tensor("loss"),
      keys.map(([ours]) => g.tensor(ours)),
    ).forEach((each, i) => {
      g.output(each, `grad:${keys[i]![0]}`);
    });
    const result = await runGraph(g, { ...Object.fromEntries(parameters), ...feeds(), ...factors });
    expect(distance(result.logits!, floats("logits"))).toBeLessThan(1e-4);
    expect(result.loss![0]).toBeCloseTo(floats("loss")[0]!, 5);
    for (const [ours, theirs] of keys)
      expect(relativeDifference(result[`grad:${ours}`]!, floats(`grad:${theirs}`)), ours).toBeLessThan(1e-4);
  });

  it("merged into the weights, and taken out again", async () => {
    const { lora, modules } = await readPeftFolder(folder);
    const merged = new Map([...parameters].map(([key, data]) => [key, new Float32Array(data)]));
    const merge = (sign: 1 | -1) => {
      for (const [module, { a, b, magnitude }] of modules)
        mergeLora(merged.get(`${module}.weight`)!, {
          ...{ a_rI: toFloat32(a), b_Or: toFloat32(b), rank: lora.rank, scale: sign * loraScale(lora) },
          ...(magnitude === undefined ? {} : { magnitude_O: toFloat32(magnitude) }),
        });
    };
    merge(1);
    const { g, out } = base();
    g.output(out, "logits");
    const { logits: ours } = await runGraph(g, { ...Object.fromEntries(merged), ...feeds() });
    expect(distance(ours!, floats("merged"))).toBeLessThan(1e-4);
    if (name === "dora") return;
    merge(-1);
    for (const [key, data] of parameters)
      expect(maxDifference(merged.get(key)!, data), key).toBeLessThan(1e-6);
  });

  it("a folder of ours has PEFT's tensors and opens as the same adapter", async () => {
    const adapter = await readPeftFolder(folder);
    assertAdapterFits(adapter, config);
    await writePeftFolder(join(root, name), { ...adapter, config });
    expect(await readPeftFolder(join(root, name))).toEqual(adapter);
    const ours = readSafetensors(join(root, name, "adapter_model.safetensors"));
    const theirs = readSafetensors(`${folder}/adapter_model.safetensors`);
    expect([...ours.entries.keys()].sort()).toEqual([...theirs.entries.keys()].sort());
    const settings = JSON.parse(await readFile(join(root, name, "adapter_config.json"), "utf8"));
    expect([settings.use_dora, settings.use_rslora]).toEqual([name === "dora", name === "rslora"]);
  });
});

it("targets are last parts of names, whole names, or patterns", () => {
  const names = ["model.layers.0.mlp.up_proj", "model.layers.1.mlp.up_proj", "visual.blocks.0.mlp.up_proj"];
  const chosen = (...targets: string[]) => names.map((name) => isLoraTarget(name, targets));
  expect(chosen("up_proj")).toEqual([true, true, true]);
  expect(chosen("model.layers.1.mlp.up_proj")).toEqual([false, true, false]);
  expect(chosen("model.layers.*.up_proj")).toEqual([true, true, false]);
  expect(chosen("*.0.mlp.*")).toEqual([true, false, true]);
  expect(chosen("model.layers.1*")).toEqual([false, true, false]);
  expect(chosen("layers.*")).toEqual([false, false, false]);
  expect(() => applyLora(base().g, { rank: 1, alpha: 1, targets: ["model.layers.7*"] })).toThrow(
    /names no linear layer/,
  );
});
