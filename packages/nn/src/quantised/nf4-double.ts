import { type Blockwise8Bit, code8Bit, dequantise8Bit, dynamicCode, quantise8Bit } from "./dynamic-8bit.ts";
import type { Nf4 } from "./nf4.ts";

/** Scales that share a scale. */
export const scaleBlock = 256;

/** The code of the scales: 8 bits, signed, because they are stored as differences from their mean. */
export const scaleCode = code8Bit(dynamicCode(true));

/** NF4 whose scales are quantised once more: 4.127 bits an element (QLoRA, arXiv 2305.14314, §3 "Double Quantization"). */
export type Nf4Double = {
  readonly codes: Nf4["codes"];
  /** The scales without their mean, in eight bits. */
  readonly scales: Blockwise8Bit;
  readonly mean: number;
};

/** As bitsandbytes with `compress_statistics=True`. */
export function compressScales({ codes, scales }: Nf4): Nf4Double {
  const mean = Math.fround(scales.reduce((sum, scale) => sum + scale, 0) / scales.length);
  const apart = {
    codes: new Uint8Array(scales.length),
    scales: new Float32Array(Math.ceil(scales.length / scaleBlock)),
  };
  quantise8Bit(
    scales.map((scale) => scale - mean),
    apart,
    scaleCode,
    scaleBlock,
  );
  return { codes, scales: apart, mean };
}

export function spreadScales({ codes, scales, mean }: Nf4Double): Nf4 {
  return { codes, scales: dequantise8Bit(scales, scaleCode, scaleBlock).map((scale) => scale + mean) };
}
