import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Grid, imageTokens } from "@mede2/nn";
import { readSafetensors } from "@mede2/safetensors";
import { expect, it } from "vitest";
import { openCpuDevice } from "../src/device/cpu.ts";
import type { Example } from "../src/examples/example.ts";
import { createGenerator } from "../src/generate/generator.ts";
import { loadModel } from "../src/model/load-model.ts";
import { featureCache, type ImageReader } from "../src/program/image-features.ts";
import { newOptimiserState } from "../src/program/model-state.ts";
import { createRowScorer } from "../src/program/row-log-probs.ts";
import type { StepSettings } from "../src/program/step-graph.ts";
import { createStepper } from "../src/program/stepper.ts";
import { supervisedStep } from "../src/train/plan-batches.ts";
import { sizesOf } from "../src/train/trained-keys.ts";

// The forward pass of each family is compared with transformers in @mede2/nn. Here: that a cached generation, features computed apart, is that forward pass,
// and that the family trains.

const goldens = fileURLToPath(new URL("../../nn/test/goldens/families/", import.meta.url));

async function open(name: string) {
  const { state } = await loadModel(goldens + name);
  const file = readSafetensors(`${goldens}${name}/case.safetensors`);
  const numbers = (key: string) => [...(file.tensor(key).data as Int32Array)];
  const [rows, length] = file.entries.get("input_ids")!.shape as [number, number];
  const [ids, mask, labels, flat] = ["input_ids", "attention_mask", "labels", "grids"].map(numbers) as [
    number[],
    number[],
    number[],
    number[],
  ];
  const grids = Array.from(
    { length: flat.length / 3 },
    (_, i): Grid => [flat[3 * i]!, flat[3 * i + 1]!, flat[3 * i + 2]!],
  );
  const pixels = file.tensor("pixel_values").data as Float32Array;
  const tiled = "vision" in state.config && "merge" in state.config.vision;
  const partsOf = ([t, h, w]: Grid) => (tiled ? t : t * h * w);
  const one = pixels.length / grids.reduce((sum, grid) => sum + partsOf(grid), 0);
  const starts = grids.map((_, i) => grids.slice(0, i).reduce((sum, grid) => sum + partsOf(grid), 0) * one);
  const hash = (i: number) => String(i).padStart(64, "0");
  // the order of the values inside a tile does not matter here: both ways read the same
  const reader: ImageReader = async ({ ref, grid }) => {
    const i = Number(ref.sha256);
    return { grid, pixelValues: pixels.subarray(starts[i]!, starts[i]! + partsOf(grid) * one) };
  };
  const image = (state.config.tokens as { image?: number }).image;
  let next = 0;
  const examples = Array.from({ length: rows }, (_, b): Example => {
    const real = [...Array(length).keys()].filter((s) => mask[b * length + s] === 1);
    const tokens = Int32Array.from(real, (s) => ids[b * length + s]!);
    const images: Example["images"][number][] = [];
    for (let left = tokens.filter((id) => id === image).length; left > 0; next++) {
      const ref = { sha256: hash(next), mime: "image/png", width: 1, height: 1 } as const;
      images.push({ ref, grid: grids[next]! });
      left -= imageTokens(grids[next]!, state.config);
    }
    const supervised = Uint8Array.from(real, (s) => (labels[b * length + s]! >= 0 ? 1 : 0));
    return { id: String(b), tokens, supervised, images };
  });
  return { model: state, reader, examples, device: await openCpuDevice(1) };
}

const isCase = (name: string): boolean => existsSync(`${goldens}${name}/config.json`);
const families = readdirSync(goldens).filter(
  (name) => isCase(name) && readSafetensors(`${goldens}${name}/case.safetensors`).entries.has("pixel_values"),
);

it.each(families)("%s: cached generation has the log-probabilities of the forward pass", async (name) => {
  const { model, reader, examples, device } = await open(name);
  const kept = { kind: "kept", features: featureCache(device, model, reader) } as const;
  const generator = createGenerator(device, model, { batch: 4, pad: 0, stop: new Set(), images: kept });
  const sampling = { temperature: 0, topP: 1, maxTokens: 6 };
  const said = await generator.generate(examples.map((prompt) => ({ prompt, sampling, sample: 0 })));
  const whole = examples.map((prompt, n): Example => {
    const tokens = Int32Array.from([...prompt.tokens, ...said[n]!.tokens]);
    return {
      ...prompt,
      tokens,
      supervised: Uint8Array.from(tokens, (_, i) => (i < prompt.tokens.length ? 0 : 1)),
    };
  });
  const { config, shapes } = model;
  const images = { kind: "tower", read: reader } as const;
  const scorer = createRowScorer(device, model, { config, shapes, batch: 3, pad: 0, images });
  const scores = await scorer.score(whole);
  said.forEach(({ tokens, logProb }, n) => {
    expect(tokens.length).toBe(6);
    expect(scores[n]!.logProb).toBeCloseTo(logProb, 3);
  });
  await Promise.all([generator.release(), scorer.release(), kept.features.release()]);
});

it.each(families)("%s: fifteen steps with the tower open, and the loss falls", async (name) => {
  const { model, reader, examples, device } = await open(name);
  const settings: StepSettings = {
    config: model.config,
    shapes: model.shapes,
    objective: { kind: "cross-entropy" },
    trains: () => true,
    optimiser: { betas: [0.9, 0.99], epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
  };
  const stepper = createStepper(device, model, settings, model.shapes);
  const state = newOptimiserState(sizesOf(model.shapes));
  const images = { kind: "tower", read: reader } as const;
  const { batches } = await supervisedStep(examples, { model, images, pad: 0, size: 3 });
  const losses: number[] = [];
  for (let step = 0; step < 15; step++) losses.push((await stepper.step(batches, state, 3e-3)).loss);
  expect(losses.at(-1)!).toBeLessThan(0.9 * losses[0]!);
  await stepper.release();
});
