import { bcoPair, dpo, mpo, type PairLoss } from "@mede2/nn";
import { gradients } from "@mede2/onnx/autodiff";
import { beforeAll, describe, expect, it } from "vitest";
import {
  goldenExamples,
  goldenJson,
  goldenModel,
  goldenTensors,
  relativeDifference,
} from "../../test/golden-model.ts";
import { openCpuDevice } from "../device/cpu.ts";
import type { Device, HostTensor } from "../device/device.ts";
import { supervisedCount } from "../examples/example.ts";
import { type Assembled, assemble } from "./assemble.ts";
import { type ModelState, newOptimiserState } from "./model-state.ts";
import { lossGraph, type StepSettings } from "./step-graph.ts";
import { createStepper } from "./stepper.ts";

const cases = goldenTensors("cases.safetensors");
const settings = (model: ModelState, more: Partial<StepSettings> = {}): StepSettings => ({
  config: model.config,
  shapes: model.shapes,
  objective: { kind: "cross-entropy" },
  optimiser: { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 },
  trains: () => true,
  ...more,
});
let device: Device;
beforeAll(async () => {
  device = await openCpuDevice(2);
});

/** Rows of the case `padded` as a batch with equal weights on all supervised tokens of the case. */
async function paddedBatch(model: ModelState, rows: readonly number[], padTo = rows.length) {
  const labels = cases.get("padded.labels")!;
  const length = labels.length / 3;
  const { examples, reader } = goldenExamples(
    cases,
    "padded.",
    3,
    model,
    (b, s) => labels[b * length + s]! >= 0,
  );
  const total = examples.reduce((sum, each) => sum + supervisedCount(each), 0);
  const batch = await assemble(
    rows.map((b) => examples[b]!),
    padTo,
    model,
    { kind: "tower", read: reader },
    0,
  );
  const weights = new Float32Array(batch.layout.supervised).fill(1 / total, 0, batch.rowOf.length);
  return {
    layout: batch.layout,
    feeds: { ...batch.feeds, weights: { data: weights, shape: [weights.length] } },
  };
}

describe("ten AdamW steps against torch", () => {
  const golden = goldenJson<{
    losses: number[];
    gradientNormsBeforeClipping: number[];
    learningRate: number;
  }>("adamw.json");
  const after = goldenTensors("adamw-after-10.safetensors");

  it.each([
    ["one batch", [[0, 1, 2]], 3],
    ["one batch with an empty row", [[0, 1, 2]], 4],
    ["three accumulated micro-batches", [[0], [1], [2]], 1],
  ])("%s", async (_, groups, padTo) => {
    const model = goldenModel("checkpoint");
    const start = goldenModel("checkpoint");
    const stepper = createStepper(device, model, settings(model, { decays: () => true }), model.shapes);
    const state = newOptimiserState(new Map([...model.parameters].map(([key, data]) => [key, data.length])));
    const batches = await Promise.all(groups.map((rows) => paddedBatch(model, rows, padTo)));
    for (const [i, loss] of golden.losses.entries()) {
      const result = await stepper.step(batches, state, golden.learningRate);
      expect(result.loss).toBeCloseTo(loss, 3);
      expect(result.gradientNorm / golden.gradientNormsBeforeClipping[i]!).toBeCloseTo(1, 3);
    }
    await stepper.release();
    const moved = (from: Float32Array, to: Float32Array) => to.map((value, i) => value - from[i]!);
    for (const [key, data] of model.parameters) {
      const before = start.parameters.get(key)!;
      // Adam amplifies gradients that are nearly zero: float32 lies this far from float64 as well (adamw.json).
      expect(relativeDifference(moved(before, data), moved(before, after.get(key)!)), key).toBeLessThan(5e-3);
    }
  });
});

describe("preference losses against TRL", () => {
  type Mix = { losses: string[]; weights: number[]; loss: number };
  type Golden = {
    beta: number;
    logProbs: { chosen: number[]; rejected: number[] };
    referenceLogProbs: { chosen: number[]; rejected: number[] };
    mixes: Record<string, Mix>;
  };
  const golden = goldenJson<Golden>("preference.json");
  const tensors = goldenTensors("preference.safetensors");

  async function run(loss: PairLoss, nll: number, keys: "gradients" | "none") {
    const model = goldenModel("checkpoint", "adamw-after-10.safetensors");
    const completion = tensors.get("completion_mask")!;
    const length = completion.length / 4;
    const { examples, reader } = goldenExamples(
      tensors,
      "",
      4,
      model,
      (b, s) => completion[b * length + s] === 1,
    );
    const batch = await assemble(examples, 4, model, { kind: "tower", read: reader }, 0);
    const {
      g,
      loss: total,
      trained,
    } = lossGraph(settings(model, { objective: { kind: "preference", loss } }), batch.layout);
    if (keys === "gradients")
      [...gradients(g, total, [...trained.values()])].forEach((each, i) => {
        g.output(each, `grad:${[...trained.keys()][i]}`);
      });
    const session = await device.compile(g.build());
    const weights = Object.fromEntries(
      [...model.parameters].map(([key, data]) => [key, { data, shape: model.shapes.get(key)! }]),
    );
    return session.run({ ...batch.feeds, ...weights, ...preferenceFeeds(batch, nll) });
  }

  function preferenceFeeds(batch: Assembled, nll: number): Record<string, HostTensor> {
    const { supervised } = batch.layout;
    const rows = new Float32Array(4 * supervised);
    const weights = new Float32Array(supervised);
    const chosen = batch.rowOf.filter((row) => row < 2).length;
    batch.rowOf.forEach((row, m) => {
      rows[row * supervised + m] = 1;
      if (row < 2) weights[m] = nll / chosen;
    });
    const { referenceLogProbs: reference } = golden;
    return {
      rows: { data: rows, shape: [4, supervised] },
      weights: { data: weights, shape: [supervised] },
      reference: { data: Float32Array.of(...reference.chosen, ...reference.rejected), shape: [4] },
      pairWeights: { data: Float32Array.of(0.5, 0.5), shape: [2] },
    };
  }

  it.each<[string, PairLoss, number, string | undefined]>([
    ["sigmoid", dpo(golden.beta), 0, "preference-gradients-sigmoid.safetensors"],
    ["sigmoid-nll", dpo(golden.beta), 0.5, "preference-gradients-sigmoid-nll.safetensors"],
    ["mpo", mpo(golden.beta, { preference: 0.8, quality: 0.2 }), 1, "preference-gradients-mpo.safetensors"],
    ["bco_pair", bcoPair(golden.beta), 0, undefined],
  ])("%s: loss, log-probabilities and every gradient", async (name, loss, nll, file) => {
    const result = await run(loss, nll, file === undefined ? "none" : "gradients");
    expect(result.loss!.data[0]).toBeCloseTo(golden.mixes[name]!.loss, 4);
    const logProbs = [...golden.logProbs.chosen, ...golden.logProbs.rejected];
    logProbs.forEach((value, row) => {
      expect(result.rowLogProbs!.data[row]).toBeCloseTo(value, 3);
    });
    if (file === undefined) return;
    const expected = goldenTensors(file);
    for (const [key, gradient] of expected)
      expect(relativeDifference(result[`grad:${key}`]!.data as Float32Array, gradient), key).toBeLessThan(
        1e-4,
      );
  });
});
