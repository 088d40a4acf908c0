import { readFileSync } from "node:fs";
import { GraphBuilder } from "@mede2/onnx";
import { gradients } from "@mede2/onnx/autodiff";
import { readSafetensors, toFloat32 } from "@mede2/safetensors";
import { describe, expect, it } from "vitest";
import {
  goldenCase,
  goldenConfig,
  goldens,
  goldenTensors,
  maxDifference,
  relativeDifference,
} from "../../test/golden-cases.ts";
import { type Arrays, runGraph } from "../../test/run-graph.ts";
import { fromPeftKey } from "../families/checkpoint-keys.ts";
import { logits } from "../families/decoder/decoder.ts";
import { forward } from "../families/forward.ts";
import { qwen25VlKeys } from "../families/qwen2-5-vl/keys.ts";
import { inputWeights } from "../layers/weights.ts";
import { crossEntropy } from "../losses/cross-entropy.ts";
import { declareTargetInputs, tokenLogProbs } from "../losses/token-log-probs.ts";
import { readPeftFolder } from "../peft-folder.ts";
import { applyLora, loraScale } from "./apply-lora.ts";

// LoRA as a graph pass against PEFT: random factors on every linear layer of the decoder.

const golden = JSON.parse(readFileSync(`${goldens}lora.json`, "utf8")) as { loss: number; scale: number };
const cases = goldenTensors("cases.safetensors");
const config = goldenConfig("checkpoint");
const shapes = qwen25VlKeys(config);
const base = goldenTensors("checkpoint");
const example = goldenCase(cases, "padded", 3, config);
const peft = await readPeftFolder(`${goldens}adapter`);
const factors: Arrays = Object.fromEntries(
  [...peft.modules].flatMap(([module, { a, b }]) => [
    [`${module}.lora_A`, toFloat32(a)],
    [`${module}.lora_B`, toFloat32(b)],
  ]),
);
const zeroB: Arrays = Object.fromEntries(
  Object.entries(factors).map(([key, data]) => [
    key,
    key.endsWith("lora_B") ? new Float32Array(data.length) : data,
  ]),
);

async function logitsOf(weights: ReadonlyMap<string, Float32Array>, adapter?: Arrays): Promise<Float32Array> {
  const old = new GraphBuilder("lora");
  const make = inputWeights(old, shapes);
  const result = logits(old, make, config, forward(old, make, config, example.layout));
  if (adapter === undefined) {
    old.output(result, "logits");
    return (await runGraph(old, { ...Object.fromEntries(weights), ...example.arrays })).logits!;
  }
  const { g, of } = applyLora(old, peft.lora);
  g.output(of(result), "logits");
  return (await runGraph(g, { ...Object.fromEntries(weights), ...example.arrays, ...adapter })).logits!;
}

/** Logits at tokens; what stands at padding is nobody's. */
function atTokens(all: Float32Array): Float32Array {
  const { vocab } = config.text;
  const rows = example.tokens.map((row, b) =>
    all.subarray(b * example.length * vocab, (b * example.length + row.length) * vocab),
  );
  return Float32Array.from(rows.flatMap((row) => [...row]));
}

describe("LoRA against PEFT", () => {
  const expected = goldenTensors("lora-logits.safetensors");

  it("logits within 1e-4", async () => {
    expect(loraScale(peft.lora)).toBe(golden.scale);
    const found = await logitsOf(base, factors);
    expect(maxDifference(atTokens(found), atTokens(expected.get("logits")!))).toBeLessThan(1e-4);
  });

  it("logits of the weights with the product merged in, as PEFT merges", async () => {
    const merged = new Map(base);
    for (const [module, { a, b }] of peft.modules) {
      const [A, B] = [toFloat32(a), toFloat32(b)];
      const [outputs, inputs] = shapes.get(`${module}.weight`) as readonly [number, number];
      const weight = Float32Array.from(base.get(`${module}.weight`)!);
      for (let o = 0; o < outputs; o++)
        for (let i = 0; i < inputs; i++)
          for (let r = 0; r < peft.lora.rank; r++)
            weight[o * inputs + i]! += golden.scale * B[o * peft.lora.rank + r]! * A[r * inputs + i]!;
      merged.set(`${module}.weight`, weight);
    }
    const found = await logitsOf(merged);
    expect(maxDifference(atTokens(found), atTokens(expected.get("logits.merged")!))).toBeLessThan(1e-4);
  });

  it("loss within 1e-5 and the gradient of every factor within 1e-4", async () => {
    const labels = cases.get("padded.labels")!;
    const at = [...labels.keys()].filter((i) => i % example.length > 0 && labels[i]! >= 0);
    const old = new GraphBuilder("lora");
    const make = inputWeights(old, shapes);
    const hidden = forward(old, make, config, example.layout);
    const target = declareTargetInputs(old, at.length);
    const logProbs = tokenLogProbs(old, hidden, target, (rows) => logits(old, make, config, rows));
    const { g, of, modules } = applyLora(old, peft.lora);
    const loss = crossEntropy(g, of(logProbs), g.input("weights", "float32", [at.length]));
    g.output(loss, "loss");
    const keys = modules.flatMap(({ a, b }) => [a, b]);
    gradients(
      g,
      loss,
      keys.map((key) => g.tensor(key)),
    ).forEach((each, i) => {
      g.output(each, `grad:${keys[i]}`);
    });
    const result = await runGraph(g, {
      ...Object.fromEntries(base),
      ...example.arrays,
      ...factors,
      positions: BigInt64Array.from(at, (i) => BigInt(i - 1)),
      targets: BigInt64Array.from(at, (i) => BigInt(labels[i]!)),
      weights: new Float32Array(at.length).fill(1 / at.length),
    });
    expect(result.loss![0]).toBeCloseTo(golden.loss, 5);
    const file = readSafetensors(`${goldens}lora-gradients.safetensors`);
    expect(keys.length).toBe(file.entries.size);
    for (const key of file.entries.keys()) {
      const { module, factor } = fromPeftKey(key);
      const found = result[`grad:${module}.lora_${factor}`]!;
      expect(relativeDifference(found, toFloat32(file.tensor(key))), key).toBeLessThan(1e-4);
    }
  });

  it("with B at zero gives the logits of the base, bit for bit", async () => {
    expect(await logitsOf(base, zeroB)).toEqual(await logitsOf(base));
  });

  it("a target that is no linear layer is an error", () => {
    const old = new GraphBuilder("lora");
    forward(old, inputWeights(old, shapes), config, { batch: 1, length: 2 });
    expect(() => applyLora(old, { rank: 2, alpha: 4, targets: ["q_proj", "query"] })).toThrow(
      '"query" names no',
    );
  });

  it("a target by its last part touches that layer in every block, rsLoRA divides by √rank", () => {
    const old = new GraphBuilder("lora");
    forward(old, inputWeights(old, shapes), config, { batch: 1, length: 2 });
    const { modules } = applyLora(old, { rank: 2, alpha: 4, targets: ["down_proj"] });
    expect(modules.map(({ module }) => module)).toEqual([
      "model.layers.0.mlp.down_proj",
      "model.layers.1.mlp.down_proj",
    ]);
    expect(loraScale({ rank: 4, alpha: 8, targets: [], rs: true })).toBe(4);
  });
});
