// B rows · S positions
import type { LoraSettings } from "@mede2/nn";
import {
  addLoraFactors,
  createGenerator,
  createStepper,
  type Device,
  featureCache,
  type GeneratorSettings,
  type ImagePath,
  loraModules,
  type ModelState,
  newOptimiserState,
  type Objective,
  type OptimiserState,
  type Stepper,
  supervisedStep,
} from "@mede2/trainer";
import { type BenchBatch, batchRows } from "./bench-batches.ts";

/** One step on the next batch; they go round. `seconds` is measured around it. */
export type OurStep = () => Promise<Readonly<Record<string, unknown>> & { readonly seconds: number }>;

export const learningRate = 1e-4;

/** The adapter of the bench: every projection of the decoder, as bench_trl.py has it. */
export function benchLora(rank: number): LoraSettings {
  const targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];
  return { rank, alpha: 2 * rank, targets: targets.map((name) => `model.layers.*.${name}`) };
}

/** A stepper with the settings of bench_trl.py: AdamW as torch has it, clipping to norm 1, no decay on norms and biases; with `lora` an adapter, whose A factors follow the peer's formula. */
export function benchStepper(
  device: Device,
  model: ModelState,
  objective: Objective,
  lora: LoraSettings | undefined,
): { readonly stepper: Stepper; readonly optimiser: OptimiserState } {
  const trained = new Map<string, readonly number[]>();
  if (lora === undefined) {
    for (const [key, shape] of model.shapes) if (!key.startsWith("visual.")) trained.set(key, shape);
  } else {
    const modules = loraModules(model, lora);
    addLoraFactors(model, lora, modules, 0);
    for (const { a, b, inputs, outputs } of modules) {
      trained.set(a, [lora.rank, inputs]).set(b, [outputs, lora.rank]);
      const factor = model.parameters.get(a)!;
      for (let k = 0; k < factor.length; k++) factor[k] = Math.sin(1.7 * k) / Math.sqrt(inputs);
    }
  }
  const sizes = new Map([...trained.keys()].map((key) => [key, model.parameters.get(key)!.length]));
  const stepper = createStepper(
    device,
    model,
    {
      config: model.config,
      shapes: model.shapes,
      objective,
      optimiser: { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 },
      trains: (key) => trained.has(key),
      ...(lora === undefined ? {} : { lora }),
    },
    trained,
  );
  return { stepper, optimiser: newOptimiserState(sizes) };
}

/** A training step as a plan of the embedded engine takes it, from rows of tokens to updated weights. With `packing` several examples may share a row. */
export function trainingWork(
  device: Device,
  model: ModelState,
  batches: readonly BenchBatch[],
  lora: LoraSettings | undefined,
  packing: boolean,
): OurStep {
  const images = noImages(device, model);
  const { stepper, optimiser } = benchStepper(device, model, { kind: "cross-entropy" }, lora);
  const examples = batches.map((batch, n) =>
    batchRows(batch).map((row, b) => ({ id: `${n}:${b}`, images: [], ...row })),
  );
  let next = 0;
  return async () => {
    const rows = examples[next++ % examples.length]!;
    const begin = performance.now();
    const context = { model, images, pad: 0, size: rows.length, packing };
    const planned = await supervisedStep(rows, context);
    const { loss, gradientNorm } = await stepper.step(planned.batches, optimiser, learningRate);
    const seconds = (performance.now() - begin) / 1000;
    const { tokens, supervisedTokens } = planned;
    return { seconds, loss, gradientNorm, tokens, supervisedTokens };
  };
}

/** Greedy generation of `newTokens` tokens for every row, end tokens ignored: prefill and decoding. */
export function generationWork(
  device: Device,
  model: ModelState,
  batches: readonly BenchBatch[],
  newTokens: number,
  weights: NonNullable<GeneratorSettings["weights"]>,
): OurStep {
  const rows = batches.map((batch, n) =>
    batchRows(batch).map((row, b) => ({
      prompt: { id: `${n}:${b}`, images: [], ...row },
      sampling: { temperature: 0, topP: 1, maxTokens: newTokens },
      sample: 0,
    })),
  );
  const generator = createGenerator(device, model, {
    batch: Math.max(...rows.map((each) => each.length)),
    pad: 0,
    stop: new Set(),
    images: noImages(device, model),
    weights,
  });
  let next = 0;
  return async () => {
    const own = rows[next++ % rows.length]!;
    const begin = performance.now();
    const made = await generator.generate(own);
    const seconds = (performance.now() - begin) / 1000;
    const ids = made.map(({ tokens }) => tokens);
    const promptTokens = own.reduce((sum, { prompt }) => sum + prompt.tokens.length, 0);
    return { seconds, newTokens: ids.reduce((sum, each) => sum + each.length, 0), promptTokens, ids };
  };
}

function noImages(device: Device, model: ModelState): ImagePath {
  const read = () => Promise.reject(new Error("the bench has no pictures here"));
  return { kind: "kept", features: featureCache(device, model, read) };
}
