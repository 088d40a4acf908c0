import type { FieldReader } from "../../json-fields.ts";
import { unsupported } from "../unsupported.ts";

/** Ways to stretch rotary frequencies, by their names in `rope_scaling` (transformers `modeling_rope_utils`, 5.23.0). */
export type RopeScaling =
  | { readonly kind: "linear"; readonly factor: number }
  /** The base grows with the longest position of a batch, beyond `max_position_embeddings` (dynamic NTK). */
  | { readonly kind: "dynamic"; readonly factor: number }
  | {
      readonly kind: "llama3";
      readonly factor: number;
      readonly lowFactor: number;
      readonly highFactor: number;
      readonly originalPositions: number;
    }
  | {
      readonly kind: "yarn";
      readonly factor: number;
      readonly originalPositions: number;
      readonly betaFast: number;
      readonly betaSlow: number;
      /** What cosines and sines are multiplied with. */
      readonly attentionFactor: number;
      readonly truncate: boolean;
    };

/**
 * Reads `rope_parameters` (transformers v5) or `rope_scaling`; absent and "default" (and "mrope") are no scaling.
 *
 * @throws NnFault `config-unsupported` for longrope and other types, and for rotations of a part of the head
 */
export function readRopeScaling(
  rope: FieldReader | undefined,
  from: FieldReader,
  maxPositions: number,
): RopeScaling | undefined {
  if (rope === undefined) return undefined;
  if (rope.number("partial_rotary_factor", 1) !== 1)
    unsupported(rope, "partial_rotary_factor", "rotating a part of each head");
  const type = rope.string("rope_type", rope.string("type", "default"));
  const original = from.integer(
    "original_max_position_embeddings",
    rope.integer("original_max_position_embeddings", maxPositions),
  );
  switch (type) {
    case "default":
    case "mrope":
      return undefined;
    case "linear":
    case "dynamic":
      return { kind: type, factor: rope.number("factor") };
    case "llama3":
      return {
        kind: type,
        factor: rope.number("factor"),
        lowFactor: rope.number("low_freq_factor"),
        highFactor: rope.number("high_freq_factor"),
        originalPositions: original,
      };
    case "yarn": {
      const factor = rope.number("factor", maxPositions / original);
      return {
        kind: type,
        factor,
        originalPositions: original,
        betaFast: rope.number("beta_fast", 32),
        betaSlow: rope.number("beta_slow", 1),
        attentionFactor: rope.number("attention_factor", yarnAttention(rope, factor)),
        truncate: rope.boolean("truncate", true),
      };
    }
    default:
      return unsupported(rope, "rope_type", `"${type}" (linear, dynamic, llama3 and yarn are implemented)`);
  }
}

/** `rope_scaling` as published configs have it; inverse of the reader. */
export function writeRopeScaling(scaling: RopeScaling): { readonly [key: string]: unknown } {
  switch (scaling.kind) {
    case "linear":
    case "dynamic":
      return { rope_type: scaling.kind, factor: scaling.factor };
    case "llama3":
      return {
        rope_type: "llama3",
        factor: scaling.factor,
        low_freq_factor: scaling.lowFactor,
        high_freq_factor: scaling.highFactor,
        original_max_position_embeddings: scaling.originalPositions,
      };
    case "yarn":
      return {
        rope_type: "yarn",
        factor: scaling.factor,
        original_max_position_embeddings: scaling.originalPositions,
        beta_fast: scaling.betaFast,
        beta_slow: scaling.betaSlow,
        attention_factor: scaling.attentionFactor,
        truncate: scaling.truncate,
      };
  }
}

/** 0.1 · ln(factor) + 1 (YaRN, arXiv 2309.00071, eq. 22), or the ratio that `mscale` and `mscale_all_dim` ask for. */
function yarnAttention(rope: FieldReader, factor: number): number {
  const [scale, all] = [rope.number("mscale", 0), rope.number("mscale_all_dim", 0)];
  const of = (m: number): number => (factor <= 1 ? 1 : 0.1 * m * Math.log(factor) + 1);
  return scale !== 0 && all !== 0 ? of(scale) / of(all) : of(1);
}

const f = Math.fround;

/** θ^(−2i/dim) for i < dim/2, rounded to float32 at each step as PyTorch does (RoFormer, arXiv 2104.09864 eq. 15). */
export function inverseFrequencies(theta: number, dim: number): Float32Array {
  return Float32Array.from({ length: dim / 2 }, (_, i) => f(1 / f(theta ** f((2 * i) / dim))));
}

/** Frequencies of a head of size `dim` under a scaling; `positions` is the longest of the batch, which `dynamic` depends on. */
export function scaledFrequencies(
  theta: number,
  dim: number,
  scaling: RopeScaling | undefined,
  positions: number,
  maxPositions: number,
): Float32Array {
  const plain = inverseFrequencies(theta, dim);
  switch (scaling?.kind) {
    case undefined:
      return plain;
    case "linear":
      return plain.map((each) => each / scaling.factor);
    case "dynamic": {
      const { factor } = scaling;
      const grown = (factor * Math.max(positions, maxPositions)) / maxPositions - (factor - 1);
      return inverseFrequencies(theta * grown ** (dim / (dim - 2)), dim);
    }
    case "llama3":
      return plain.map((each) => llama3(each, scaling));
    case "yarn":
      return yarn(plain, theta, dim, scaling);
  }
}

/** Long wavelengths are stretched by the factor, short ones kept, those between mixed (transformers `_compute_llama3_parameters`). */
function llama3(frequency: number, scaling: Extract<RopeScaling, { kind: "llama3" }>): number {
  const { factor, lowFactor, highFactor, originalPositions } = scaling;
  const wavelength = f((2 * Math.PI) / frequency);
  if (wavelength < originalPositions / highFactor) return frequency;
  if (wavelength > originalPositions / lowFactor) return frequency / factor;
  const smooth = (originalPositions / wavelength - lowFactor) / (highFactor - lowFactor);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}

/** A ramp over the frequencies from kept to stretched (YaRN, arXiv 2309.00071, eqs. 17–21). */
function yarn(
  plain: Float32Array,
  theta: number,
  dim: number,
  { factor, originalPositions, betaFast, betaSlow, truncate }: Extract<RopeScaling, { kind: "yarn" }>,
): Float32Array {
  const turns = (rotations: number): number =>
    (dim * Math.log(originalPositions / (rotations * 2 * Math.PI))) / (2 * Math.log(theta));
  const [first, last] = [turns(betaFast), turns(betaSlow)];
  const low = Math.max(truncate ? Math.floor(first) : first, 0);
  const end = Math.min(truncate ? Math.ceil(last) : last, dim - 1);
  const high = end === low ? end + 0.001 : end;
  return plain.map((frequency, i) => {
    const ramp = Math.min(1, Math.max(0, (i - low) / (high - low)));
    return (frequency / factor) * ramp + frequency * (1 - ramp);
  });
}
