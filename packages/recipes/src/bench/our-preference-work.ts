// N pairs
import { createHash } from "node:crypto";
import { decodeImage } from "@mede2/images";
import { dpo, type LoraSettings, type Processor } from "@mede2/nn";
import {
  createRowScorer,
  type Device,
  type Example,
  type ExampleImage,
  featureCache,
  type ImagePath,
  type ModelState,
  type PairExample,
  preferenceStep,
} from "@mede2/trainer";
import type { BenchPair } from "./bench-pairs.ts";
import { benchStepper, learningRate, type OurStep } from "./our-work.ts";

/**
 * A step of preference optimisation with pictures, as a plan's only epoch takes it: features of the pictures by the frozen tower, log-probabilities of the
 * reference, and the step itself are all in `seconds`, though a training computes the first two once for all its epochs.
 */
export async function preferenceWork(
  device: Device,
  model: ModelState,
  processor: Processor,
  batches: readonly (readonly BenchPair[])[],
  lora: LoraSettings,
): Promise<OurStep> {
  const pixels = new Map<string, Buffer>();
  const examples: PairExample[][] = [];
  for (const batch of batches) {
    const own: PairExample[] = [];
    for (const [n, pair] of batch.entries()) own.push(await pairExample(processor, pixels, pair, String(n)));
    examples.push(own);
  }
  const read = async ({ ref }: ExampleImage) =>
    processor.processImage(await decodeImage(pixels.get(ref.sha256)!));
  const { stepper, optimiser } = benchStepper(device, model, { kind: "preference", loss: dpo(0.1) }, lora);
  const pad = processor.tokenizer.padId;
  const { config, shapes } = model;
  let next = 0;
  const features = featureCache(device, model, read);
  const images: ImagePath = { kind: "kept", features };
  const size = examples[0]!.length;
  const scorer = createRowScorer(device, model, { config, shapes, batch: 2 * size, pad, images });
  return async () => {
    const pairs = examples[next++ % examples.length]!;
    const begin = performance.now();
    features.forget();
    const scores = await scorer.scoreTwos(pairs.map(({ chosen, rejected }) => [chosen, rejected]));
    const references = scores.map(([chosen, rejected]) => ({
      chosen: chosen.logProb,
      rejected: rejected.logProb,
    }));
    const context = { model, images, pad, size };
    const planned = await preferenceStep(pairs, references, 0, context);
    const { loss, gradientNorm, rowLogProbs } = await stepper.step(planned.batches, optimiser, learningRate);
    const seconds = (performance.now() - begin) / 1000;
    const mean = (from: number) =>
      rowLogProbs[0]!.subarray(from, from + size).reduce((sum, each) => sum + each, 0) / size;
    return { seconds, loss, gradientNorm, pairs: size, logProbs: [mean(0), mean(size)] };
  };
}

async function pairExample(
  processor: Processor,
  pixels: Map<string, Buffer>,
  pair: BenchPair,
  id: string,
): Promise<PairExample> {
  const bytes = Buffer.from(pair.image, "base64");
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  pixels.set(sha256, bytes);
  const { width, height } = await decodeImage(bytes);
  const ref = { sha256, width, height } as ExampleImage["ref"];
  const grid = processor.images.gridOf(height, width);
  const prompt = processor.tokenizer
    .encode(pair.prompt)
    .flatMap((token) => (token === processor.images.placeholder ? processor.images.expand(grid) : [token]));
  const side = (text: string): Example => {
    const answer = processor.tokenizer.encode(text);
    return {
      id,
      tokens: Int32Array.from([...prompt, ...answer]),
      supervised: Uint8Array.from([...prompt.map(() => 0), ...answer.map(() => 1)]),
      images: [{ ref, grid }],
    };
  };
  return { id, chosen: side(pair.chosen), rejected: side(pair.rejected), weight: 1 };
}
