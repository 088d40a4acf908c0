import { GraphBuilder, ops } from "@mede2/onnx";
import { gradients } from "@mede2/onnx/autodiff";
import { readSafetensors, toFloat32 } from "@mede2/safetensors";
import { describe, expect, it } from "vitest";
import { readFamilyCase } from "../../test/family-cases.ts";
import { maxDifference, relativeDifference } from "../../test/golden-cases.ts";
import { runGraph } from "../../test/run-graph.ts";
import { goldenJson, goldenPath } from "../../test/support/goldens.ts";
import { peftKey } from "../families/checkpoint-keys.ts";
import { logits } from "../families/decoder/decoder.ts";
import { modelKeys } from "../families/families.ts";
import { forward } from "../families/forward.ts";
import { tokenBatch } from "../families/token-batch.ts";
import { inputWeights } from "../layers/weights.ts";
import { applyLora } from "../lora/apply-lora.ts";
import { crossEntropy } from "../losses/cross-entropy.ts";
import { declareTargetInputs, tokenLogProbs } from "../losses/token-log-probs.ts";
import { readPeftFolder } from "../peft-folder.ts";
import { code8Bit, dequantise8Bit, dynamicCode, quantise8Bit } from "./dynamic-8bit.ts";
import { dequantiseInt8, int8Block, quantiseInt8 } from "./int8-weights.ts";
import { dequantiseNf4, quantiseNf4 } from "./nf4.ts";
import { compressScales, spreadScales } from "./nf4-double.ts";
import { mayBeNf4, nf4Arrays, withNf4 } from "./nf4-weights.ts";

const golden = readSafetensors(goldenPath("families/quantised/nf4.safetensors"));
const floats = (key: string) => golden.tensor(key).data as Float32Array;
const ints = (key: string) => [...(golden.tensor(key).data as Int32Array)];

it.each([
  ["signed", true],
  ["unsigned", false],
] as const)("the %s dynamic map is bitsandbytes', to the last bit but one", (name, signed) => {
  // torch's linspace rounds as the width of the processor's vectors has it
  expect(maxDifference(dynamicCode(signed), floats(`code.${name}`))).toBeLessThan(6e-8);
});

describe.each(["whole", "rest", "row", "many"])("NF4 of %s against bitsandbytes", (name) => {
  const weight = floats(`${name}.weight`);
  const packed = quantiseNf4(weight);

  it("the same codes, scales and numbers", () => {
    expect([...packed.codes]).toEqual(ints(`${name}.codes`));
    expect([...packed.scales]).toEqual([...floats(`${name}.scales`)]);
    expect([...dequantiseNf4(packed)]).toEqual([...floats(`${name}.numbers`)]);
  });

  it("the same codes of the scales, and numbers", () => {
    const double = compressScales(packed);
    expect(double.mean).toBeCloseTo(floats(`${name}.double.mean`)[0]!, 6);
    // bitsandbytes' CPU code rounds a number over its block's largest to some 2⁻¹⁵ before it looks for the nearest value
    const [ours, theirs] = [double.scales.codes, ints(`${name}.double.codes`)];
    const values = dynamicCode(true);
    packed.scales.forEach((scale, i) => {
      const share = double.scales.scales[Math.floor(i / 256)]!;
      if (share === 0 || ours[i] === theirs[i]) return;
      const x = (scale - double.mean) / share;
      const [near, theirsNear] = [ours[i]!, theirs[i]!].map((code) => Math.abs(values[code]! - x));
      expect(near).toBeLessThanOrEqual(theirsNear!);
      expect(theirsNear! - near!).toBeLessThan(4e-5);
    });
    expect(theirs.filter((code, i) => code !== ours[i]).length).toBeLessThanOrEqual(1);
    expect(maxDifference(double.scales.scales, floats(`${name}.double.scales`))).toBeLessThan(1e-6);
    const numbers = dequantiseNf4(spreadScales(double));
    const differ = floats(`${name}.double.numbers`).filter((x, i) => Math.abs(x - numbers[i]!) > 1e-6);
    expect(differ.length).toBeLessThanOrEqual(64); // the block of that one scale
  });
});

describe.each([
  [3, 64],
  [5, 40],
  [1, 7],
])("eight bits of %i × %i weights", (outputs, inputs) => {
  const weight = Float32Array.from({ length: outputs * inputs }, (_, i) => Math.sin(i * 7.3) * 3 ** (i % 4));
  const packed = quantiseInt8(weight, outputs, inputs);

  it("are within half a step of each block's scale, and its largest is exact", () => {
    const numbers = dequantiseInt8(packed, outputs, inputs);
    const blocks = Math.ceil(inputs / int8Block);
    weight.forEach((x, i) => {
      const scale = packed.scales[Math.floor(i / inputs) * blocks + Math.floor((i % inputs) / int8Block)]!;
      expect(Math.abs(numbers[i]! - x)).toBeLessThanOrEqual(0.5 * scale + 1e-6);
    });
    expect(Math.max(...numbers.map(Math.abs))).toBeCloseTo(Math.max(...weight.map(Math.abs)), 5);
  });

  it("multiply as the numbers that they stand for", async () => {
    const g = new GraphBuilder("int8");
    const x = g.input("x", "float32", [2, inputs]);
    const blocks = packed.scales.length / outputs;
    const bytes = (data: Uint8Array | Float32Array) => ({
      kind: "bytes" as const,
      bytes: new Uint8Array(data.buffer),
    });
    const place = {
      codes: g.initializer("codes", {
        ...{ dtype: "uint8", shape: [outputs, blocks, int8Block] },
        storage: bytes(packed.codes),
      }),
      scales: g.initializer("scales", {
        ...{ dtype: "float32", shape: [outputs, blocks] },
        storage: bytes(packed.scales),
      }),
    };
    const matrix = { ...place, outputs, inputs, blockSize: int8Block };
    g.output(ops.matMulInt8(g, x, matrix), "exact");
    g.output(ops.matMulInt8(g, x, matrix, true), "fast");
    const given = Float32Array.from({ length: 2 * inputs }, (_, i) => Math.cos(i * 1.3));
    const { exact, fast } = await runGraph(g, { x: given });
    const numbers = dequantiseInt8(packed, outputs, inputs);
    const expected = Float32Array.from({ length: 2 * outputs }, (_, at) => {
      const [row, column] = [Math.floor(at / outputs), at % outputs];
      let sum = 0;
      for (let k = 0; k < inputs; k++) sum += given[row * inputs + k]! * numbers[column * inputs + k]!;
      return sum;
    });
    expect(relativeDifference(exact!, expected)).toBeLessThan(1e-5);
    expect(relativeDifference(fast!, expected)).toBeLessThan(2e-2); // x in eight bits as well
  });
});

it("eight bits: the nearest of the 256 values, in every block", () => {
  const code = code8Bit(dynamicCode(true));
  const numbers = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i * 7.3) * 10 ** -(i % 9));
  const made = { codes: new Uint8Array(1000), scales: new Float32Array(4) };
  quantise8Bit(numbers, made, code, 256);
  numbers.forEach((x, i) => {
    const scaled = Math.fround(x / made.scales[Math.floor(i / 256)]!);
    const distances = [...code.values].map((value) => Math.abs(value - scaled));
    expect(distances[made.codes[i]!]).toBe(Math.min(...distances));
  });
  expect(maxDifference(dequantise8Bit(made, code, 256), numbers)).toBeLessThan(0.01);
});

describe("QLoRA against transformers, bitsandbytes and PEFT", async () => {
  const example = await readFamilyCase(goldenPath("families/qwen2"));
  const { config, rows, length, parameters } = example;
  const folder = goldenPath("families/quantised/qlora");
  const { lora, modules } = await readPeftFolder(folder);
  const file = readSafetensors(`${folder}/case.safetensors`);
  const expected = (key: string) => file.tensor(key).data as Float32Array;
  const shapes = modelKeys(config);
  const isNf4 = (key: string) => mayBeNf4(key, shapes.get(key)!);
  const packed = Object.fromEntries(
    [...parameters].flatMap(([key, data]) =>
      isNf4(key) ? nf4Arrays(key, compressScales(quantiseNf4(data))) : [[key, data] as const],
    ),
  );
  const labels = example.stored.get("labels")!;
  const at = [...labels.keys()].filter((i) => i % length > 0 && labels[i]! >= 0);
  const feeds = {
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
  const build = () => {
    const g = new GraphBuilder("qlora");
    const weights = withNf4(inputWeights(g, shapes), shapes, isNf4, (to, ...given) => to.input(...given));
    const hidden = forward(g, weights, config, { batch: rows.length, length });
    const head = (x: typeof hidden) => logits(g, weights, config, x);
    const logProbs = tokenLogProbs(g, hidden, declareTargetInputs(g, at.length), head);
    return {
      g,
      out: head(hidden),
      loss: crossEntropy(g, logProbs, g.input("weights", "float32", [at.length])),
    };
  };
  const atTokens = (all: Float32Array) =>
    Float32Array.from(
      rows.flatMap((row, b) => [
        ...all.subarray(b * length * config.text.vocab, (b * length + row.length) * config.text.vocab),
      ]),
    );

  it("the same layers are kept in four bits", () => {
    const ours = [...shapes.keys()].filter(isNf4).map((key) => key.replace(/\.weight$/, ""));
    expect(ours.sort()).toEqual(goldenJson("families/quantised/layers.json"));
  });

  it("logits of the base", async () => {
    const { g, out } = build();
    g.output(out, "logits");
    const result = await runGraph(g, { ...packed, ...feeds });
    expect(maxDifference(atTokens(result.logits!), atTokens(expected("base.logits")))).toBeLessThan(1e-4);
  });

  it("logits, loss and the gradient of every factor", async () => {
    const old = build();
    const adapted = applyLora(old.g, lora);
    const { g } = adapted;
    const loss = adapted.of(old.loss);
    g.output(adapted.of(old.out), "logits");
    g.output(loss, "loss");
    const keys = adapted.modules.flatMap(({ module, a, b }) => [
      [a, peftKey(module, "A", config)] as const,
      [b, peftKey(module, "B", config)] as const,
    ]);
    const factors = Object.fromEntries(
      adapted.modules.flatMap(({ module, a, b }) => {
        const found = modules.get(module)!;
        return [
          [a, toFloat32(found.a)],
          [b, toFloat32(found.b)],
        ];
      }),
    );
    expect(keys.length).toBe([...file.entries.keys()].filter((key) => key.startsWith("grad:")).length);
    gradients(
      g,
      loss,
      keys.map(([ours]) => g.tensor(ours)),
    ).forEach((each, i) => {
      g.output(each, `grad:${keys[i]![0]}`);
    });
    const result = await runGraph(g, { ...packed, ...feeds, ...factors });
    expect(maxDifference(atTokens(result.logits!), atTokens(expected("logits")))).toBeLessThan(1e-4);
    expect(result.loss![0]).toBeCloseTo(expected("loss")[0]!, 5);
    for (const [ours, theirs] of keys)
      expect(relativeDifference(result[`grad:${ours}`]!, expected(`grad:${theirs}`)), ours).toBeLessThan(
        1e-4,
      );
  });

  it("DoRA says that it needs the base in numbers", () => {
    expect(() => applyLora(build().g, { ...lora, dora: true })).toThrow(/DoRA needs .* in numbers/);
  });
});
