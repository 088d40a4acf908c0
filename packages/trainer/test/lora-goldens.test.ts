import { applyLora, forward, inputWeights, logits, peftKey, readPeftFolder } from "@mede2/nn";
import { GraphBuilder } from "@mede2/onnx";
import { gradients } from "@mede2/onnx/autodiff";
import { toFloat32 } from "@mede2/safetensors";
import { beforeAll, describe, expect, it } from "vitest";
import { openCpuDevice } from "../src/device/cpu.ts";
import type { HostTensor } from "../src/device/device.ts";
import { supervisedCount } from "../src/examples/example.ts";
import { loadModel } from "../src/model/load-model.ts";
import { type Assembled, assemble } from "../src/program/assemble.ts";
import type { ModelState } from "../src/program/model-state.ts";
import { lossGraph } from "../src/program/step-graph.ts";
import { loraModules } from "../src/train/trained-keys.ts";
import {
  goldenExamples,
  goldenJson,
  goldenModel,
  goldens,
  goldenTensors,
  relativeDifference,
} from "./golden-model.ts";

const cases = goldenTensors("cases.safetensors");
const labels = cases.get("padded.labels")!;
const length = labels.length / 3;
let model: ModelState;
let lora: Awaited<ReturnType<typeof readPeftFolder>>["lora"];
let batch: Assembled;
let inputs: Record<string, HostTensor>;
beforeAll(async () => {
  const peft = await readPeftFolder(`${goldens}adapter`);
  lora = peft.lora;
  model = goldenModel("checkpoint");
  const { examples, reader } = goldenExamples(
    cases,
    "padded.",
    3,
    model,
    (b, s) => labels[b * length + s]! >= 0,
  );
  batch = await assemble(examples, 3, model, { kind: "tower", read: reader }, 0);
  const total = examples.reduce((sum, each) => sum + supervisedCount(each), 0);
  const weights = new Float32Array(batch.layout.supervised).fill(1 / total, 0, batch.rowOf.length);
  inputs = { ...batch.feeds, weights: { data: weights, shape: [weights.length] } };
  for (const [key, data] of model.parameters) inputs[key] = { data, shape: model.shapes.get(key)! };
  for (const { module, a, b } of loraModules(model, lora)) {
    const factors = peft.modules.get(module)!;
    inputs[a] = { data: toFloat32(factors.a), shape: factors.a.shape };
    inputs[b] = { data: toFloat32(factors.b), shape: factors.b.shape };
  }
});

async function run(g: GraphBuilder): Promise<Record<string, HostTensor>> {
  const session = await (await openCpuDevice(2)).compile(g.build());
  const names = new Set(g.inputs.map(({ name }) => name));
  const results = await session.run(
    Object.fromEntries(Object.entries(inputs).filter(([name]) => names.has(name))),
  );
  await session.release();
  return results;
}

/** Rows of the tokens that are no padding: [B, S, V] of either length to [tokens, V]. */
function realRows(data: Float32Array, positions: number): Float32Array {
  const mask = cases.get("padded.attention_mask")!;
  const { vocab } = model.config.text;
  const rows: number[] = [];
  for (let b = 0; b < 3; b++) {
    const tokens = [...Array(length).keys()].filter((s) => mask[b * length + s] === 1);
    // ours are padded on the right
    for (const [at, s] of tokens.entries()) {
      const row = b * positions + (positions === length ? s : at);
      rows.push(...data.subarray(row * vocab, (row + 1) * vocab));
    }
  }
  return Float32Array.from(rows);
}

describe("LoRA against PEFT", () => {
  it("logits, with the factors in the graph and merged into the weights", async () => {
    const golden = goldenTensors("lora-logits.safetensors");
    const forwardGraph = (): { g: GraphBuilder; out: ReturnType<typeof logits> } => {
      const g = new GraphBuilder("logits");
      const weights = inputWeights(g, model.shapes);
      return {
        g,
        out: logits(g, weights, model.config, forward(g, weights, model.config, batch.layout)),
      };
    };
    const { g: plain, out } = forwardGraph();
    const adapted = applyLora(plain, lora);
    adapted.g.output(adapted.of(out), "logits");
    const inGraph = (await run(adapted.g)).logits!.data as Float32Array;
    expect(
      relativeDifference(realRows(inGraph, batch.layout.length), realRows(golden.get("logits")!, length)),
    ).toBeLessThan(1e-5);

    const { state } = await loadModel(`${goldens}checkpoint`, `${goldens}adapter`);
    const { g: merged, out: mergedOut } = forwardGraph();
    merged.output(mergedOut, "logits");
    for (const [key, data] of state.parameters) inputs[key] = { data, shape: state.shapes.get(key)! };
    const mergedLogits = (await run(merged)).logits!.data as Float32Array;
    for (const [key, data] of model.parameters) inputs[key] = { data, shape: model.shapes.get(key)! };
    expect(
      relativeDifference(
        realRows(mergedLogits, batch.layout.length),
        realRows(golden.get("logits.merged")!, length),
      ),
    ).toBeLessThan(1e-5);
  });

  it("loss and the gradient of every factor, by the graph that training differentiates", async () => {
    const optimiser = { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0, clipNorm: 1 } as const;
    const { config, shapes } = model;
    const objective = { kind: "cross-entropy" } as const;
    const { g, loss, trained } = lossGraph(
      { config, shapes, objective, optimiser, lora, trains: () => false },
      batch.layout,
    );
    const keys = [...trained.keys()];
    gradients(g, loss, [...trained.values()]).forEach((each, i) => {
      g.output(each, `grad:${keys[i]}`);
    });
    const result = await run(g);
    expect(result.loss!.data[0]).toBeCloseTo(goldenJson<{ loss: number }>("lora.json").loss, 4);
    const golden = goldenTensors("lora-gradients.safetensors");
    expect(keys.length).toBe(golden.size);
    for (const { module, a, b } of loraModules(model, lora))
      for (const [key, factor] of [
        [a, "A"],
        [b, "B"],
      ] as const) {
        const expected = golden.get(peftKey(module, factor, config))!;
        expect(relativeDifference(result[`grad:${key}`]!.data as Float32Array, expected), key).toBeLessThan(
          1e-4,
        );
      }
  });
});
