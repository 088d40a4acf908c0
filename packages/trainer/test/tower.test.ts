import { createHash } from "node:crypto";
import type { Qwen25VlTokens } from "@mede2/nn";
import { beforeAll, describe, expect, it } from "vitest";
import { openCpuDevice } from "../src/device/cpu.ts";
import type { Device } from "../src/device/device.ts";
import type { Example } from "../src/examples/example.ts";
import type { ImageReader } from "../src/program/image-features.ts";
import { type ModelState, newOptimiserState, type OptimiserState } from "../src/program/model-state.ts";
import { createStepper } from "../src/program/stepper.ts";
import { supervisedStep } from "../src/train/plan-batches.ts";
import { sizesOf } from "../src/train/trained-keys.ts";
import { goldenModel, relativeDifference } from "./golden-model.ts";

// Training with the vision tower open: steps without an image, and images of several sizes in one batch.

let device: Device;
beforeAll(async () => {
  device = await openCpuDevice(2);
});

const { image, visionStart, visionEnd } = goldenModel("checkpoint").config.tokens as Qwen25VlTokens;
/** Grids in patches; two patches a side make a token. */
const grids = [
  [1, 4, 4],
  [1, 6, 4],
  [1, 4, 10],
] as const;
const reader: ImageReader = async ({ grid, ref }) => ({
  grid,
  pixelValues: Float32Array.from({ length: grid[1] * grid[2] * 96 }, (_, i) =>
    Math.sin(i * (1 + (Number.parseInt(ref.sha256, 16) % 16))),
  ),
});

/** `which + 16` names another file with the pixels of `which`. */
function example(n: number, seen: readonly number[]): Example {
  const images = seen.map((which) => ({
    ref: { sha256: which.toString(16).padStart(64, "0"), mime: "image/png", width: 1, height: 1 } as const,
    grid: grids[which % 16]!,
  }));
  const placed = images.flatMap(({ grid }) => [
    visionStart,
    ...new Array<number>((grid[1] * grid[2]) / 4).fill(image),
    visionEnd,
  ]);
  const text = Array.from({ length: 6 + n }, (_, i) => 10 + ((7 * i + n) % 200));
  const tokens = Int32Array.from([...placed, ...text]);
  const supervised = Uint8Array.from(tokens, (_, s) => (s >= placed.length + 2 ? 1 : 0));
  return { id: String(n), tokens, supervised, images };
}

async function steps(examples: readonly (readonly Example[])[], size: number) {
  const model = goldenModel("checkpoint");
  const settings = {
    config: model.config,
    shapes: model.shapes,
    objective: { kind: "cross-entropy" },
    optimiser: { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.1, clipNorm: 1 },
    trains: () => true,
  } as const;
  const stepper = createStepper(device, model, settings, model.shapes);
  const state = newOptimiserState(sizesOf(model.shapes));
  const results = [];
  const images = { kind: "tower", read: reader } as const;
  for (const each of examples) {
    const planned = await supervisedStep(each, { model, images, pad: 0, size });
    results.push(await stepper.step(planned.batches, state, 1e-3));
  }
  await stepper.release();
  return { model, state, results };
}

/** One hash over the tower's parameters and their moments. */
function towerOf({ model, state }: { model: ModelState; state: OptimiserState }): string {
  const hash = createHash("sha256");
  for (const key of model.shapes.keys())
    if (key.startsWith("visual."))
      for (const of of [model.parameters, state.first, state.second]) hash.update(of.get(key)!);
  return hash.digest("hex");
}

describe("a step without images while the tower is trained", () => {
  it.each([
    ["one batch", 2],
    ["accumulated", 1],
  ])("%s: the tower, its moments and its decay stand still", async (_, size) => {
    const seen = [example(0, [0]), example(1, [1])];
    const textOnly = [example(2, []), example(3, [])];
    const before = await steps([seen], size);
    const after = await steps([seen, textOnly], size);
    expect(towerOf(after)).toBe(towerOf(before));
    const key = "model.layers.0.mlp.up_proj.weight";
    expect(after.model.parameters.get(key)).not.toEqual(before.model.parameters.get(key));
  });
});

describe("images of different sizes in one step", () => {
  const mixed = [example(0, [2]), example(1, []), example(2, [0, 1]), example(3, [1, 1])];

  it("together, in two and in four micro-batches: the same step", async () => {
    const [whole, ...parts] = await Promise.all([4, 2, 1].map((size) => steps([mixed], size)));
    for (const part of parts) {
      expect(part.results[0]!.loss).toBeCloseTo(whole!.results[0]!.loss, 5);
      expect(part.results[0]!.gradientNorm / whole!.results[0]!.gradientNorm).toBeCloseTo(1, 4);
      for (const [key, moments] of part.state.first)
        expect(relativeDifference(moments, whole!.state.first.get(key)!), key).toBeLessThan(1e-3);
    }
  });

  it("an image that stands twice counts as two files of the same pixels do", async () => {
    const [one, two] = await Promise.all(
      [
        [1, 0, 1],
        [1, 0, 17],
      ].map((seen) => steps([[example(3, seen)]], 1)),
    );
    expect(one!.results[0]!.loss).toBeCloseTo(two!.results[0]!.loss, 5);
    for (const [key, moments] of one!.state.first)
      expect(relativeDifference(moments, two!.state.first.get(key)!), key).toBeLessThan(1e-3);
  });
});

describe("memory", () => {
  it("stays flat over 300 steps", async () => {
    const batch = [example(0, [0]), example(1, [])];
    await steps(
      Array.from({ length: 60 }, () => batch),
      2,
    );
    const resident = process.memoryUsage.rss();
    await steps(
      Array.from({ length: 300 }, () => batch),
      2,
    );
    expect(process.memoryUsage.rss() - resident).toBeLessThan(64 * 2 ** 20);
  });
});
