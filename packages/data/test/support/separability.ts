/** A small ridge classifier for the test that every finding can be seen. */
const SIDE = 112;

export interface Row {
  x: Float64Array;
  label: number;
}

/** Coarse pixels (14 × 14), grey-level histogram, and histograms of fine detail at two scales in six bands of rows. */
export function features(pixels: Uint8Array): Float64Array {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < pixels.length; i++) {
    sum += pixels[i]!;
    squares += pixels[i]! ** 2;
  }
  const mean = sum / pixels.length;
  const sd = Math.sqrt(squares / pixels.length - mean ** 2);
  const z = new Float64Array(pixels.length);
  for (let i = 0; i < z.length; i++) z[i] = (pixels[i]! - mean) / sd;
  const out: number[] = [];
  const pooled = pool(z, 8);
  out.push(...pooled);
  out.push(...histogram(z, -3, 3, 24).map((v) => v * 20));
  for (const [fine, coarse] of [
    [1, 3],
    [2, 6],
  ] as const) {
    const detail = difference(blur(z, fine), blur(z, coarse));
    for (let band = 0; band < 4; band++) {
      const rows = detail.slice(band * 28 * SIDE, (band + 1) * 28 * SIDE);
      out.push(...histogram(rows, -1.5, 1.5, 24).map((v) => v * 20));
    }
  }
  return Float64Array.from([...out, 1]);
}

const difference = (a: Float64Array, b: Float64Array) => a.map((v, i) => v - b[i]!);

function pool(z: Float64Array, block: number): number[] {
  const n = SIDE / block;
  const out = new Array<number>(n * n).fill(0);
  for (let i = 0; i < z.length; i++) {
    out[Math.floor(Math.floor(i / SIDE) / block) * n + Math.floor((i % SIDE) / block)]! += z[i]! / block ** 2;
  }
  return out;
}

function histogram(z: Float64Array, low: number, high: number, bins: number): number[] {
  const out = new Array<number>(bins).fill(0);
  for (const v of z)
    out[Math.min(bins - 1, Math.max(0, Math.floor(((v - low) / (high - low)) * bins)))]! += 1 / z.length;
  return out;
}

/** Box blur of 2 · radius + 1, edges repeated. */
function blur(z: Float64Array, radius: number): Float64Array {
  return blurAlong(blurAlong(z, radius, 1, SIDE), radius, SIDE, 1);
}

function blurAlong(source: Float64Array, radius: number, step: number, next: number): Float64Array {
  const out = new Float64Array(source.length);
  for (let line = 0; line < SIDE; line++) {
    const from = line * next;
    let sum = source[from]! * radius;
    for (let k = 0; k < radius; k++) sum += source[from + k * step]!;
    for (let k = 0; k < SIDE; k++) {
      sum += source[from + Math.min(SIDE - 1, k + radius) * step]!;
      out[from + k * step] = sum / (2 * radius + 1);
      sum -= source[from + Math.max(0, k - radius) * step]!;
    }
  }
  return out;
}

/** Ridge regression on one-hot labels in its dual form: weights = Xᵀ (X Xᵀ + λ I)⁻¹ Y. */
export function fit(rows: readonly Row[], classes: number): Float64Array[] {
  const n = rows.length;
  const kernel = rows.map((a) => Float64Array.from(rows, (b) => dot(a.x, b.x)));
  for (let i = 0; i < n; i++) kernel[i]![i]! += 10;
  return Array.from({ length: classes }, (_, c) => {
    const alpha = solve(
      kernel,
      Float64Array.from(rows, (row) => (row.label === c ? 1 : -1)),
    );
    const weights = new Float64Array(rows[0]!.x.length);
    for (let i = 0; i < n; i++)
      for (let k = 0; k < weights.length; k++) weights[k]! += alpha[i]! * rows[i]!.x[k]!;
    return weights;
  });
}

export function accuracy(weights: readonly Float64Array[], rows: readonly Row[]): number {
  const right = rows.filter(({ x, label }) => {
    const scores = weights.map((w) => dot(w, x));
    return scores.indexOf(Math.max(...scores)) === label;
  });
  return right.length / rows.length;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Conjugate gradients on a symmetric positive definite matrix. */
function solve(matrix: readonly Float64Array[], right: Float64Array): Float64Array {
  const x = new Float64Array(right.length);
  let residual = Float64Array.from(right);
  let direction = Float64Array.from(right);
  let square = dot(residual, residual);
  for (let step = 0; step < 300 && square > 1e-8; step++) {
    const image = Float64Array.from(matrix, (row) => dot(row, direction));
    const length = square / dot(direction, image);
    for (let i = 0; i < x.length; i++) x[i]! += length * direction[i]!;
    residual = residual.map((v, i) => v - length * image[i]!);
    const next = dot(residual, residual);
    direction = residual.map((v, i) => v + (next / square) * direction[i]!);
    square = next;
  }
  return x;
}
