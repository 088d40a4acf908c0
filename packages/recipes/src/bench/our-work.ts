// B rows · S positions
import { GraphBuilder, ops } from "@mede2/onnx";
import {
  createGenerator,
  createStepper,
  type Device,
  featureCache,
  type ImagePath,
  type ModelState,
  newOptimiserState,
  supervisedStep,
} from "@mede2/trainer";
import { type BenchBatch, batchRows } from "./bench-batches.ts";

/** One step on the next batch; they go round. `seconds` is measured around it. */
export type OurStep = () => Promise<Readonly<Record<string, unknown>> & { readonly seconds: number }>;

/**
 * A training step as a plan of the embedded engine takes it, from rows of tokens to updated weights: unlike the peer's, it includes putting the batch together.
 * The settings are those of torch.optim.AdamW in bench_peer.py.
 */
export function trainingWork(device: Device, model: ModelState, batches: readonly BenchBatch[]): OurStep {
  const images = noImages(device, model);
  const trained = new Map([...model.shapes].filter(([key]) => !key.startsWith("visual.")));
  const sizes = new Map([...trained].map(([key]) => [key, model.parameters.get(key)!.length]));
  const optimiser = newOptimiserState(sizes);
  const stepper = createStepper(
    device,
    model,
    {
      config: model.config,
      shapes: model.shapes,
      objective: { kind: "cross-entropy" },
      optimiser: { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 },
      trains: (key) => trained.has(key),
      decays: () => true,
    },
    trained,
  );
  const examples = batches.map((batch, n) =>
    batchRows(batch).map((row, b) => ({ id: `${n}:${b}`, images: [], ...row })),
  );
  let next = 0;
  return async () => {
    const rows = examples[next++ % examples.length]!;
    const begin = performance.now();
    const context = { model, images, pad: 0, size: rows.length, recompute: false };
    const planned = await supervisedStep(rows, context);
    const { loss, gradientNorm } = await stepper.step(planned.batches, optimiser, 1e-4);
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

const gemmSide = 1024;
const gemmChain = 6;

/** What the machine reaches at most: products of matrices of 1024 × 1024 in a chain, of which one number comes back. */
export async function gemmWork(device: Device): Promise<OurStep> {
  const g = new GraphBuilder("gemm");
  const shape = [gemmSide, gemmSide];
  const weight = g.input("weight", "float32", shape);
  let x = g.input("x", "float32", shape);
  for (let n = 0; n < gemmChain; n++) x = ops.fusedMatMul(g, x, weight, { transB: true });
  g.output(ops.sumAll(g, x), "sum");
  const session = await device.compile(g.build());
  const data = (value: number) => new Float32Array(gemmSide ** 2).fill(value);
  const feeds = { x: { data: data(1), shape }, weight: { data: data(1 / gemmSide), shape } };
  return async () => {
    const begin = performance.now();
    const { sum } = await session.run(feeds);
    const seconds = (performance.now() - begin) / 1000;
    if (Math.abs(Number(sum!.data[0]) / gemmSide ** 2 - 1) > 1e-3)
      throw new Error(`the product of the benchmark is ${sum!.data[0]} instead of ${gemmSide ** 2}`);
    return { seconds, flops: 2 * gemmChain * gemmSide ** 3 };
  };
}

function noImages(device: Device, model: ModelState): ImagePath {
  const read = () => Promise.reject(new Error("the bench has no pictures"));
  return { kind: "kept", features: featureCache(device, model, read) };
}
