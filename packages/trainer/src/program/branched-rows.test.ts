import { dpo } from "@mede2/nn";
import { beforeAll, describe, expect, it } from "vitest";
import { goldenExamples, goldenJson, goldenModel, goldenTensors } from "../../test/golden-model.ts";
import { openCpuDevice } from "../device/cpu.ts";
import type { Device } from "../device/device.ts";
import type { Example } from "../examples/example.ts";
import { type BatchContext, preferenceStep } from "../train/plan-batches.ts";
import { branchedRow, worthSharing } from "./branched-rows.ts";
import { type ModelState, newOptimiserState } from "./model-state.ts";
import { createRowScorer } from "./row-log-probs.ts";
import { createStepper } from "./stepper.ts";

const tensors = goldenTensors("preference.safetensors");
const completion = tensors.get("completion_mask")!;
const length = completion.length / 4;
let device: Device;
beforeAll(async () => {
  device = await openCpuDevice(2);
});

/** The two pairs of the golden case: two chosen rows, then their rejected ones. */
function goldenTwos(model: ModelState) {
  const { examples, reader } = goldenExamples(
    tensors,
    "",
    4,
    model,
    (b, s) => completion[b * length + s] === 1,
  );
  // the golden batch holds every picture twice, each with a reference of its own
  const twos = [0, 1].map(
    (n) => [examples[n]!, { ...examples[n + 2]!, images: examples[n]!.images }] as const,
  );
  return { twos, own: examples.slice(2), images: { kind: "tower", read: reader } as const };
}

describe("two answers in one row", () => {
  it("have the prompt once, with the positions that they have alone", () => {
    const model = goldenModel("checkpoint");
    const [a, b] = goldenTwos(model).twos[0]!;
    const row = branchedRow(a, b, model.config);
    expect(row.common).toBeGreaterThanOrEqual(a.supervised.indexOf(1));
    expect([...row.tokens.subarray(0, row.first)]).toEqual([...a.tokens]);
    expect([...row.tokens.subarray(row.first)]).toEqual([...b.tokens.subarray(row.common)]);
    expect(row.positions).toHaveLength(3 * row.tokens.length);
    expect(row.positions[row.first]).toBe(row.positions[row.common]);
  });

  it("are shared where that is less work, and only with the same pictures in front", () => {
    const model = goldenModel("checkpoint");
    const { twos } = goldenTwos(model);
    expect(worthSharing(twos, model.config)).toBe(true);
    const [a, b] = twos[0]!;
    const other = { ...b, images: b.images.map((each) => ({ ...each, ref: { ...each.ref, sha256: "f" } })) };
    expect(worthSharing([[a, other]], model.config)).toBe(b.images.length === 0);
    const long = (first: number): Example => ({
      id: "long",
      tokens: Int32Array.from({ length: 4000 }, (_, s) => (s === 0 ? 1 : first)),
      supervised: new Uint8Array(4000).fill(1, 1),
      images: [],
    });
    expect(worthSharing([[long(2), long(3)]], model.config)).toBe(false);
  });

  it("score as TRL scores them", async () => {
    const golden = goldenJson<{ referenceLogProbs: { chosen: number[]; rejected: number[] } }>(
      "preference.json",
    ).referenceLogProbs;
    const model = goldenModel("checkpoint");
    const { twos, images } = goldenTwos(model);
    const { config, shapes } = model;
    for (const batch of [4, 3, 1]) {
      const scorer = createRowScorer(device, model, { config, shapes, batch, pad: 0, images });
      const scores = await scorer.scoreTwos(twos);
      scores.forEach(([chosen, rejected], n) => {
        expect(chosen.logProb).toBeCloseTo(golden.chosen[n]!, 3);
        expect(rejected.logProb).toBeCloseTo(golden.rejected[n]!, 3);
      });
      await scorer.release();
    }
  });

  it("have the gradient that they have in rows of their own", async () => {
    const results = [];
    for (const shared of [true, false]) {
      const model = goldenModel("checkpoint");
      const { twos, own, images } = goldenTwos(model);
      const pairs = twos.map(([chosen, rejected], n) => ({
        ...{ id: String(n), chosen, weight: 1 + n },
        // another reference to the same picture keeps the rows apart
        rejected: shared ? rejected : own[n]!,
      }));
      const context: BatchContext = { model, images, pad: 0, size: 3 };
      const references = twos.map(() => ({ chosen: -20, rejected: -30 }));
      const planned = await preferenceStep(pairs, references, 0.5, context);
      expect(planned.batches[0]!.layout.branched === true).toBe(shared);
      const stepper = createStepper(
        device,
        model,
        {
          ...{
            config: model.config,
            shapes: model.shapes,
            objective: { kind: "preference", loss: dpo(0.1) },
          },
          ...{ optimiser: { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0, clipNorm: 1 } },
          trains: () => true,
        },
        model.shapes,
      );
      const state = newOptimiserState(
        new Map([...model.parameters].map(([key, data]) => [key, data.length])),
      );
      results.push({ ...(await stepper.step(planned.batches, state, 1e-3)), first: state.first, planned });
      await stepper.release();
    }
    const [together, alone] = results as [(typeof results)[0], (typeof results)[0]];
    expect(together.loss / alone.loss).toBeCloseTo(1, 5);
    expect(together.likelihood / alone.likelihood).toBeCloseTo(1, 5);
    expect(together.gradientNorm / alone.gradientNorm).toBeCloseTo(1, 4);
    expect(together.planned.tokens).toBe(alone.planned.tokens);
    together.rowLogProbs[0]!.forEach((value, row) => {
      expect(value).toBeCloseTo(alone.rowLogProbs[0]![row]!, 3);
    });
    for (const [key, moments] of together.first) {
      const other = alone.first.get(key)!;
      const scale = Math.max(1e-6, ...other.map(Math.abs));
      moments.forEach((value, i) => {
        if (Math.abs(value - other[i]!) > 2e-4 * scale)
          throw new Error(`${key}[${i}]: ${value}, ${other[i]}`);
      });
    }
  });
});
