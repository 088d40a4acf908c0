// H height · W width · C channels, interleaved uint8
import { NnFault } from "../fault.ts";

/** 8-bit samples, row by row, channels interleaved. The same shape as `DecodedImage` of @mede2/images. */
export type DecodedImage = {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 RGB, 4 RGBA. */
  readonly channels: 1 | 3 | 4;
  readonly data: Uint8Array;
};

/** Pillow keeps 8 bits for the sample, 2 for overshoot and the rest for the coefficient (Resample.c). */
const PRECISION_BITS = 32 - 8 - 2;

/** Keys' cubic with a = −0.5 (Pillow's BICUBIC; OpenCV and PyTorch use −0.75). */
function bicubic(distance: number): number {
  const a = -0.5;
  const x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/** sinc(x) · sinc(x / 3) (Pillow's LANCZOS). */
function lanczos(distance: number): number {
  const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));
  return distance >= -3 && distance < 3 ? sinc(distance) * sinc(distance / 3) : 0;
}

/** Pillow's filters by their names, with their support. */
const filters = { bicubic: [bicubic, 2], lanczos: [lanczos, 3] } as const;
export type ResizeFilter = keyof typeof filters;

type Taps = {
  readonly size: number;
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** [outputs, size] fixed-point weights. */
  readonly weights: Int32Array;
};

/** `precompute_coeffs` and `normalize_coeffs_8bpc` of Pillow's Resample.c: the kernel widens when shrinking. */
function taps(from: number, to: number, filter: ResizeFilter): Taps {
  const [kernel, reach] = filters[filter];
  const scale = from / to;
  const filterScale = Math.max(scale, 1);
  const support = reach * filterScale;
  const size = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Int32Array(to * size);
  const exact = new Float64Array(size);
  for (let out = 0; out < to; out++) {
    const center = (out + 0.5) * scale;
    const low = Math.max(0, Math.trunc(center - support + 0.5));
    const high = Math.min(from, Math.trunc(center + support + 0.5));
    let sum = 0;
    for (let x = 0; x < high - low; x++) {
      const w = kernel((x + low - center + 0.5) * (1 / filterScale));
      exact[x] = w;
      sum += w;
    }
    for (let x = 0; x < high - low; x++) {
      const w = (sum === 0 ? (exact[x] ?? 0) : (exact[x] ?? 0) / sum) * (1 << PRECISION_BITS);
      weights[out * size + x] = Math.trunc(w < 0 ? w - 0.5 : w + 0.5);
    }
    first[out] = low;
    count[out] = high - low;
  }
  return { size, first, count, weights };
}

function clip(fixed: number): number {
  const value = fixed >> PRECISION_BITS;
  return Math.max(0, Math.min(value, 255));
}

/**
 * Bicubic resize, byte for byte what Pillow's `Image.resize(size, BICUBIC)` gives: separable, horizontal pass first,
 * fixed-point weights, rounded and clipped to 0–255 after each pass. An axis that keeps its size is not touched.
 *
 * @throws NnFault `image-wrong` when the data do not fit the size
 */
export function resizeBicubic(image: DecodedImage, height: number, width: number): DecodedImage {
  return resize(image, height, width, "bicubic");
}

/** The same with any of the filters. */
export function resize(
  image: DecodedImage,
  height: number,
  width: number,
  filter: ResizeFilter,
): DecodedImage {
  const { channels: C } = image;
  assertImage(image);
  let data = image.data;
  if (width !== image.width) data = resizeRows(data, image.height, [image.width, width], C, filter);
  if (height !== image.height) data = resizeColumns(data, [image.height, height], width * C, filter);
  return { width, height, channels: C, data };
}

type FromTo = readonly [from: number, to: number];

function resizeRows(
  data: Uint8Array,
  rows: number,
  [from, to]: FromTo,
  C: number,
  filter: ResizeFilter,
): Uint8Array {
  const { size, first, count, weights } = taps(from, to, filter);
  const out = new Uint8Array(rows * to * C);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < to; x++) {
      const start = (y * from + first[x]!) * C;
      const n = count[x]!;
      for (let c = 0; c < C; c++) {
        let sum = 1 << (PRECISION_BITS - 1);
        let at = start + c;
        for (let i = 0; i < n; i++) {
          sum = (sum + Math.imul(data[at]!, weights[x * size + i]!)) | 0;
          at += C;
        }
        out[(y * to + x) * C + c] = clip(sum);
      }
    }
  }
  return out;
}

function resizeColumns(
  data: Uint8Array,
  [from, to]: FromTo,
  stride: number,
  filter: ResizeFilter,
): Uint8Array {
  const { size, first, count, weights } = taps(from, to, filter);
  const out = new Uint8Array(to * stride);
  const sums = new Int32Array(stride);
  for (let y = 0; y < to; y++) {
    sums.fill(1 << (PRECISION_BITS - 1));
    for (let i = 0; i < count[y]!; i++) {
      const w = weights[y * size + i]!;
      const row = (first[y]! + i) * stride;
      for (let x = 0; x < stride; x++) sums[x] = (sums[x]! + Math.imul(data[row + x]!, w)) | 0;
    }
    for (let x = 0; x < stride; x++) out[y * stride + x] = clip(sums[x]!);
  }
  return out;
}

export function assertImage(image: DecodedImage): void {
  const { width, height, channels, data } = image;
  if (width < 1 || height < 1 || data.length !== width * height * channels) {
    throw new NnFault(
      "image-wrong",
      `an image of ${width} × ${height} with ${channels} channels needs ${width * height * channels} bytes, found ${data.length}`,
    );
  }
}
