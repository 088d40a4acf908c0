// n elements of a parameter · b blocks
import { type Blockwise8Bit, code8Bit, dynamicCode, quantiseBlock } from "../quantised/dynamic-8bit.ts";
import type { AdamWSettings } from "./adamw.ts";

/** Elements that share a scale. */
export const momentBlock = 256;

/** Parameters with fewer elements keep their moments in float32, as bitsandbytes and torchao do. */
export const fewestFor8Bit = 4096;

/** Both moments of a parameter in eight bits: two bytes an element instead of eight, and two scales for 256. */
export type Moments8Bit = { readonly first: Blockwise8Bit; readonly second: Blockwise8Bit };

const firstCode = code8Bit(dynamicCode(true));
const secondCode = code8Bit(dynamicCode(false));

/** Moments of 0. */
export function newMoments8Bit(size: number): Moments8Bit {
  const zeros = (code: number): Blockwise8Bit => ({
    codes: new Uint8Array(size).fill(code),
    scales: new Float32Array(Math.ceil(size / momentBlock)),
  });
  return { first: zeros(firstCode.values.indexOf(0)), second: zeros(0) };
}

export type AdamWStep = Pick<AdamWSettings, "betas" | "epsilon"> & {
  /** From 1. */
  readonly step: number;
  /** Already times the parameter's own rate. */
  readonly learningRate: number;
  /** 0 where decay does not apply. */
  readonly weightDecay: number;
  /** What the gradient is multiplied with: the clipping. */
  readonly factor: number;
};

/**
 * AdamW on one parameter in place, its moments kept in dynamic 8-bit codes (arXiv 2110.02861): read out, moved on in float32, rounded to the nearest code again.
 * Block by block, so that no more than 256 moments stand in float32 at a time. As torchao's `AdamW8bit` and bitsandbytes' `AdamW8bit`.
 */
export function adamW8Bit(
  parameter: Float32Array,
  gradient: Float32Array,
  { first, second }: Moments8Bit,
  { betas: [beta1, beta2], epsilon, step, learningRate, weightDecay, factor }: AdamWStep,
): void {
  const correction1 = 1 - beta1 ** step;
  const correction2 = Math.sqrt(1 - beta2 ** step);
  const shrink = 1 - learningRate * weightDecay;
  const stepSize = learningRate / correction1;
  const [m, v] = [new Float32Array(momentBlock), new Float32Array(momentBlock)];
  const [firstValues, secondValues] = [firstCode.values, secondCode.values];
  const [firstCodes, secondCodes] = [first.codes, second.codes];
  for (let block = 0; block < first.scales.length; block++) {
    const start = block * momentBlock;
    const count = Math.min(momentBlock, parameter.length - start);
    const [scale1, scale2] = [first.scales[block]!, second.scales[block]!];
    for (let j = 0; j < count; j++) {
      const i = start + j;
      const g = gradient[i]! * factor;
      const m1 = firstValues[firstCodes[i]!]! * scale1 * beta1 + g * (1 - beta1);
      const v1 = secondValues[secondCodes[i]!]! * scale2 * beta2 + g * g * (1 - beta2);
      m[j] = m1;
      v[j] = v1;
      parameter[i] = parameter[i]! * shrink - (stepSize * m1) / (Math.sqrt(v1) / correction2 + epsilon);
    }
    quantiseBlock(m, 0, count, first, start, block, firstCode);
    quantiseBlock(v, 0, count, second, start, block, secondCode);
  }
}

/** The same step with moments in float32, for parameters that are too small to be worth codes. */
export function adamWStep(
  parameter: Float32Array,
  gradient: Float32Array,
  first: Float32Array,
  second: Float32Array,
  { betas: [beta1, beta2], epsilon, step, learningRate, weightDecay, factor }: AdamWStep,
): void {
  const correction2 = Math.sqrt(1 - beta2 ** step);
  const shrink = 1 - learningRate * weightDecay;
  const stepSize = learningRate / (1 - beta1 ** step);
  for (let i = 0; i < parameter.length; i++) {
    const g = gradient[i]! * factor;
    const m = first[i]! * beta1 + g * (1 - beta1);
    const v = second[i]! * beta2 + g * g * (1 - beta2);
    first[i] = m;
    second[i] = v;
    parameter[i] = parameter[i]! * shrink - (stepSize * m) / (Math.sqrt(v) / correction2 + epsilon);
  }
}
