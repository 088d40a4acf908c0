/** A grey picture in the making: row-major, one float a pixel, pixel (x, y) centred on (x, y). */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
  /** Coverage of the shape being drawn; all zero between calls. */
  readonly coverage: Float32Array;
}

/** How a shape lands on the canvas: `add` adds `value`, `mix` moves the pixel towards it. Both scaled by coverage × alpha. */
export interface Paint {
  mode: "add" | "mix";
  value: number;
  /** Default 1. */
  alpha?: number;
  /** Where the shape may land, per pixel, 0–1; everywhere by default. */
  within?: Float32Array;
}

export interface Point {
  x: number;
  y: number;
}

export function createCanvas(width: number, height: number, fill = 0): Canvas {
  const area = width * height;
  return { width, height, data: new Float32Array(area).fill(fill), coverage: new Float32Array(area) };
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** 0 below `low`, 1 above `high`, a smooth cubic between. */
export function smoothstep(low: number, high: number, value: number): number {
  const t = clamp((value - low) / (high - low), 0, 1);
  return t * t * (3 - 2 * t);
}

/** Coverage of a shape's edge: 1 inside, 0 outside, over `softness` pixels about the signed distance 0 (negative inside). */
export function edge(distance: number, softness: number): number {
  return clamp(0.5 - distance / softness, 0, 1);
}

/** The whole pixels within [x0, x1] × [y0, y1], cut to the canvas. */
export function box(canvas: Canvas, x0: number, y0: number, x1: number, y1: number) {
  return {
    left: Math.max(0, Math.floor(x0)),
    top: Math.max(0, Math.floor(y0)),
    right: Math.min(canvas.width - 1, Math.ceil(x1)),
    bottom: Math.min(canvas.height - 1, Math.ceil(y1)),
  };
}

/** Puts `coverage` (0–1) of the paint on pixel `index`. */
export function blend(canvas: Canvas, index: number, coverage: number, paint: Paint): void {
  const amount = coverage * (paint.alpha ?? 1) * (paint.within ? paint.within[index]! : 1);
  if (amount === 0) return;
  if (paint.mode === "add") canvas.data[index]! += amount * paint.value;
  else canvas.data[index]! += amount * (paint.value - canvas.data[index]!);
}

/** Smooth noise in about [−1, 1]: random values on a grid of `cells` × `cells`, interpolated with a smoothstep. */
export function smoothNoise(
  width: number,
  height: number,
  cells: number,
  normal: () => number,
): Float32Array {
  const side = cells + 1;
  const grid = new Float32Array(side * side);
  for (let i = 0; i < grid.length; i++) grid[i] = normal() * 0.6;
  const noise = new Float32Array(width * height);
  const columns = Array.from({ length: width }, (_, x) => {
    const position = (x / width) * cells;
    const cell = Math.floor(position);
    return { cell, t: smoothstep(0, 1, position - cell) };
  });
  for (let y = 0; y < height; y++) {
    const position = (y / height) * cells;
    const row = Math.floor(position);
    const t = smoothstep(0, 1, position - row);
    for (let x = 0; x < width; x++) {
      const { cell, t: s } = columns[x]!;
      const at = row * side + cell;
      const upper = grid[at]! + s * (grid[at + 1]! - grid[at]!);
      const lower = grid[at + side]! + s * (grid[at + side + 1]! - grid[at + side]!);
      noise[y * width + x] = upper + t * (lower - upper);
    }
  }
  return noise;
}
