import { type AdamWStep, adamW8Bit, adamWStep } from "@mede2/nn";
import { type ModelState, type OptimiserState, parameter } from "./model-state.ts";
import { decays, type StepSettings } from "./step-graph.ts";

/**
 * The update of AdamW with eight-bit moments, outside any graph (docs/decisions): ONNX has no operation that finds the nearest of 256 values, and here no more than one
 * block of moments stands in float32 at a time. Clips by the global norm of the accumulated gradients, which it returns.
 */
export function eightBitUpdate(
  model: ModelState,
  gradients: ReadonlyMap<string, Float32Array>,
  shapes: ReadonlyMap<string, readonly number[]>,
  state: OptimiserState,
  settings: StepSettings,
  learningRate: number,
): number {
  let squares = 0;
  for (const gradient of gradients.values()) for (const x of gradient) squares += x * x;
  const norm = Math.sqrt(squares);
  const { betas, epsilon, weightDecay, clipNorm } = settings.optimiser;
  const factor = Math.min(1, clipNorm / (norm + 1e-6));
  for (const [key, gradient] of gradients) {
    const decay = (settings.decays ?? decays)(key, shapes.get(key)!.length);
    const step: AdamWStep = {
      ...{ betas, epsilon, factor, step: state.step + 1 },
      learningRate: learningRate * (settings.rate?.(key) ?? 1),
      weightDecay: decay ? weightDecay : 0,
    };
    const moments = state.eightBit?.get(key);
    if (moments !== undefined) adamW8Bit(parameter(model, key), gradient, moments, step);
    else adamWStep(parameter(model, key), gradient, state.first.get(key)!, state.second.get(key)!, step);
  }
  return norm;
}
