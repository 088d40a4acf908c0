import { type Canvas, clamp, smoothNoise } from "./canvas.ts";
import type { Random } from "./random.ts";

/** How strongly a picture may be spoilt on its way to the viewer. Each pair is a range drawn from. */
export interface CaptureRanges {
  /** Contrast about middle grey. */
  contrast: readonly [number, number];
  /** Added to every pixel, in units of full scale. */
  brightness: readonly [number, number];
  gamma: readonly [number, number];
  /** Standard deviation of the noise of single pixels. */
  noise: readonly [number, number];
  /** Strength of slow unevenness over the picture. */
  unevenness: readonly [number, number];
  /** 0: independent pixels; 1: noise smoothed over 3 pixels, as film grain and scanners do. */
  grain: number;
}

/** Exposure, uneven lighting, gamma and noise; then bytes. Canvas values are 0 (black) to 1 (white). */
export function capture(canvas: Canvas, ranges: CaptureRanges, random: Random): Uint8Array {
  const { width, height, data } = canvas;
  const contrast = random.range(...ranges.contrast);
  const brightness = random.range(...ranges.brightness);
  const gamma = random.range(...ranges.gamma);
  const noise = random.range(...ranges.noise);
  const unevenness = random.range(...ranges.unevenness);
  const slow = smoothNoise(width, height, 3, random.normal);
  const fast = pixelNoise(width, height, ranges.grain, random);
  const curve = gammaCurve(gamma);
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const exposed = 0.5 + contrast * (data[i]! - 0.5) + brightness + unevenness * slow[i]!;
    const shaped = curve[Math.round(clamp(exposed, 0, 1) * (curve.length - 1))]!;
    bytes[i] = clamp(Math.round(255 * (shaped + noise * fast[i]!)), 0, 255);
  }
  return bytes;
}

function gammaCurve(gamma: number): Float32Array {
  return Float32Array.from({ length: 1024 }, (_, i) => (i / 1023) ** gamma);
}

function pixelNoise(width: number, height: number, grain: number, random: Random): Float32Array {
  const noise = new Float32Array(width * height);
  for (let i = 0; i < noise.length; i++) noise[i] = random.normal();
  if (grain === 0) return noise;
  return spread(spread(noise, 1, grain), width, grain);
}

/** The kernel [grain, 1, grain] / norm along one axis, where the norm keeps the variance at 1. */
function spread(noise: Float32Array, step: number, grain: number): Float32Array {
  const scale = 1 / Math.sqrt(1 + 2 * grain * grain);
  const last = noise.length - step;
  const out = new Float32Array(noise.length);
  for (let i = 0; i < noise.length; i++) {
    const sides = (i < step ? 0 : noise[i - step]!) + (i < last ? noise[i + step]! : 0);
    out[i] = scale * (noise[i]! + grain * sides);
  }
  return out;
}
