import { readFileSync } from "node:fs";
import { GraphBuilder, type Tensor } from "@mede2/onnx";
import { gradients } from "@mede2/onnx/autodiff";
import { describe, expect, it } from "vitest";
import {
  type GoldenCase,
  goldenCase,
  goldenConfig,
  goldens,
  goldenTensors,
  maxDifference,
  relativeDifference,
} from "../../../test/golden-cases.ts";
import { runGraph } from "../../../test/run-graph.ts";
import { inputWeights } from "../../layers/weights.ts";
import { crossEntropy } from "../../losses/cross-entropy.ts";
import { declareTargetInputs, tokenLogProbs } from "../../losses/token-log-probs.ts";
import { logits } from "../decoder/decoder.ts";
import { forward } from "../forward.ts";
import type { Qwen25VlConfig } from "./config.ts";
import { qwen25VlKeys } from "./keys.ts";

const cases = goldenTensors("cases.safetensors");
const losses = JSON.parse(readFileSync(`${goldens}losses.json`, "utf8")) as Record<
  string,
  { loss: Record<string, number> }
>;

function build(config: Qwen25VlConfig, { layout }: GoldenCase, recompute = false) {
  const g = new GraphBuilder("parity");
  const shapes = qwen25VlKeys(config);
  const weights = inputWeights(g, shapes);
  const hidden = forward(g, weights, config, { ...layout, recompute });
  return { g, shapes, weights, hidden };
}

/** Where labels are supervised: position before each label, the label, and equal weights that sum to one. */
function targets(name: string, { length }: GoldenCase) {
  const labels = cases.get(`${name}.labels`)!;
  const at = [...labels.keys()].filter((i) => i % length > 0 && labels[i]! >= 0);
  return {
    positions: BigInt64Array.from(at, (i) => BigInt(i - 1)),
    targets: BigInt64Array.from(at, (i) => BigInt(labels[i]!)),
    weights: new Float32Array(at.length).fill(1 / at.length),
  };
}

function lossOf(built: ReturnType<typeof build>, config: Qwen25VlConfig, count: number): Tensor {
  const { g, weights, hidden } = built;
  const logProbs = tokenLogProbs(g, hidden, declareTargetInputs(g, count), (rows) =>
    logits(g, weights, config, rows),
  );
  return crossEntropy(g, logProbs, g.input("weights", "float32", [count]));
}

describe.each([
  ["checkpoint", "tied", ["text", "one-image", "two-images", "padded"]],
  ["checkpoint-untied", "untied", ["text", "one-image"]],
] as const)("Qwen2.5-VL against transformers: %s", (folder, kind, names) => {
  const config = goldenConfig(folder);
  const parameters = goldenTensors(folder);

  it.each(names)("logits of %s within 1e-4", async (name) => {
    const golden = cases.get(`${name}.logits.${kind}`)!;
    const example = goldenCase(cases, name, name === "padded" ? 3 : 1, config);
    const built = build(config, example);
    built.g.output(logits(built.g, built.weights, config, built.hidden), "logits");
    const result = await runGraph(built.g, { ...Object.fromEntries(parameters), ...example.arrays });
    const { vocab } = config.text;
    example.tokens.forEach((row, b) => {
      const [start, end] = [b * example.length * vocab, (b * example.length + row.length) * vocab];
      expect(maxDifference(result.logits!.subarray(start, end), golden.subarray(start, end))).toBeLessThan(
        1e-4,
      );
    });
  });

  it.each([false, true])(
    "loss within 1e-5 and every gradient within 1e-4 (recomputed: %s)",
    async (recompute) => {
      const example = goldenCase(cases, "padded", 3, config);
      const built = build(config, example, recompute);
      const expected = goldenTensors(`gradients-${kind}.safetensors`);
      const target = targets("padded", example);
      const loss = lossOf(built, config, target.weights.length);
      built.g.output(loss, "loss");
      const keys = [...expected.keys()];
      gradients(
        built.g,
        loss,
        keys.map((key) => built.weights(key)),
      ).forEach((each, i) => {
        built.g.output(each, `grad:${keys[i]}`);
      });
      const result = await runGraph(built.g, {
        ...Object.fromEntries(parameters),
        ...example.arrays,
        ...target,
      });
      expect(result.loss![0]).toBeCloseTo(losses[kind]!.loss.padded!, 5);
      const worst = keys
        .map((key) => [relativeDifference(result[`grad:${key}`]!, expected.get(key)!), key] as const)
        .sort()
        .at(-1)!;
      expect(worst[0], worst[1]).toBeLessThan(1e-4);
      expect(keys.length).toBe(kind === "tied" ? built.shapes.size : expected.size);
    },
  );
});
