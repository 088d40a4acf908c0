import { expect, it } from "vitest";
import { openCpuDevice } from "../src/device/cpu.ts";
import { newOptimiserState } from "../src/program/model-state.ts";
import type { StepSettings } from "../src/program/step-graph.ts";
import { createStepper } from "../src/program/stepper.ts";
import { supervisedStep } from "../src/train/plan-batches.ts";
import { sizesOf } from "../src/train/trained-keys.ts";
import { goldenExamples, goldenModel, goldenTensors } from "./golden-model.ts";

const cases = goldenTensors("cases.safetensors");

/** Loss, gradient norm and first moments (a tenth of the clipped gradient) of one step on three rows, `size` rows at a time. */
async function step(size: number, name: "adamw" | "muon") {
  const model = goldenModel("checkpoint");
  const labels = cases.get("padded.labels")!;
  const { examples, reader } = goldenExamples(
    ...([cases, "padded.", 3, model] as const),
    (b, s) => labels[(b * labels.length) / 3 + s]! >= 0,
  );
  const settings: StepSettings = {
    ...{
      config: model.config,
      shapes: model.shapes,
      objective: { kind: "cross-entropy" },
      trains: () => true,
    },
    optimiser: {
      ...{ betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
      ...(name === "muon" ? { muon: { momentum: 0.9 } } : {}),
    },
  };
  const stepper = createStepper(await openCpuDevice(1), model, settings, model.shapes);
  const state = newOptimiserState(sizesOf(model.shapes));
  const images = { kind: "tower", read: reader } as const;
  const { batches } = await supervisedStep(examples, { model, images, pad: 0, size });
  const result = await stepper.step(batches, state, 1e-3);
  await stepper.release();
  return { result, state, model, batches: batches.length };
}

it.each(["adamw", "muon"] as const)("three micro-batches are the large batch, to 1e-6: %s", async (name) => {
  const [whole, parts] = [await step(3, name), await step(1, name)];
  expect([whole.batches, parts.batches]).toEqual([1, 3]);
  expect(Math.abs(parts.result.loss / whole.result.loss - 1)).toBeLessThan(1e-6);
  expect(Math.abs(parts.result.gradientNorm / whole.result.gradientNorm - 1)).toBeLessThan(1e-6);
  let [difference, norm] = [0, 0];
  for (const [key, moment] of whole.state.first)
    moment.forEach((x, i) => {
      difference += (x - parts.state.first.get(key)![i]!) ** 2;
      norm += x ** 2;
    });
  expect(Math.sqrt(difference / norm)).toBeLessThan(1e-6);
  if (name !== "muon") return;
  const seconds = (key: string) => whole.state.second.get(key)!.some((x) => x !== 0);
  expect(seconds("model.layers.0.mlp.up_proj.weight")).toBe(false); // Muon's, without a second moment
  expect(seconds("model.embed_tokens.weight")).toBe(true); // AdamW's
});
