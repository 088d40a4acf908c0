import { blend, box, type Canvas, clamp, edge, type Paint, type Point } from "./canvas.ts";

export interface Ellipse extends Point {
  rx: number;
  ry: number;
  /** Radians, clockwise on the screen; default 0. */
  angle?: number;
}

/** A disc or ellipse whose edge fades over `softness` pixels (1: plain anti-aliasing). */
export function fillEllipse(canvas: Canvas, shape: Ellipse, paint: Paint, softness = 1): void {
  const { x, y, rx, ry, angle = 0 } = shape;
  const reach = Math.max(rx, ry) + softness;
  const { left, top, right, bottom } = box(canvas, x - reach, y - reach, x + reach, y + reach);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const smaller = Math.min(rx, ry);
  for (let py = top; py <= bottom; py++) {
    for (let px = left; px <= right; px++) {
      const dx = px - x;
      const dy = py - y;
      const u = (dx * cos + dy * sin) / rx;
      const v = (dy * cos - dx * sin) / ry;
      const radius = Math.sqrt(u * u + v * v);
      const covered = edge((radius - 1) * smaller, softness);
      if (covered > 0) blend(canvas, py * canvas.width + px, covered, paint);
    }
  }
}

/** A Gaussian with standard deviations `rx` and `ry`, cut at three of them. */
export function fillBlob(canvas: Canvas, shape: Ellipse, paint: Paint): void {
  const { x, y, rx, ry, angle = 0 } = shape;
  const reach = 3 * Math.max(rx, ry);
  const { left, top, right, bottom } = box(canvas, x - reach, y - reach, x + reach, y + reach);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  for (let py = top; py <= bottom; py++) {
    for (let px = left; px <= right; px++) {
      const dx = px - x;
      const dy = py - y;
      const u = (dx * cos + dy * sin) / rx;
      const v = (dy * cos - dx * sin) / ry;
      const square = u * u + v * v;
      if (square < 9) blend(canvas, py * canvas.width + px, Math.exp(-square / 2), paint);
    }
  }
}

/** A closed polygon, its corners rounded by `rounding` pixels. */
export function fillPolygon(
  canvas: Canvas,
  corners: readonly Point[],
  paint: Paint,
  rounding = 0,
  softness = 1,
): void {
  const xs = corners.map((p) => p.x);
  const ys = corners.map((p) => p.y);
  const reach = rounding + softness;
  const area = box(
    canvas,
    Math.min(...xs) - reach,
    Math.min(...ys) - reach,
    Math.max(...xs) + reach,
    Math.max(...ys) + reach,
  );
  for (let py = area.top; py <= area.bottom; py++) {
    for (let px = area.left; px <= area.right; px++) {
      const covered = edge(polygonDistance(corners, px, py) - rounding, softness);
      if (covered > 0) blend(canvas, py * canvas.width + px, covered, paint);
    }
  }
}

/** Signed distance from a polygon, negative inside (Quilez, "2D distance functions"). */
function polygonDistance(corners: readonly Point[], x: number, y: number): number {
  let nearest = Number.POSITIVE_INFINITY;
  let inside = false;
  for (let i = 0, j = corners.length - 1; i < corners.length; j = i, i++) {
    const a = corners[i]!;
    const b = corners[j]!;
    nearest = Math.min(nearest, segmentSquare(a, b, x, y));
    if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
}

function segmentSquare(a: Point, b: Point, x: number, y: number): number {
  const ex = b.x - a.x;
  const ey = b.y - a.y;
  const wx = x - a.x;
  const wy = y - a.y;
  const length = ex * ex + ey * ey;
  const t = length === 0 ? 0 : clamp((wx * ex + wy * ey) / length, 0, 1);
  const dx = wx - ex * t;
  const dy = wy - ey * t;
  return dx * dx + dy * dy;
}

export interface Stroke {
  /** Width at the first point, pixels. */
  width: number;
  /** Width at the last point; default the same. */
  endWidth?: number;
  /** Over how many pixels the edge fades; default 1. */
  softness?: number;
}

/** A polyline with round joints. Where its segments overlap the paint lands once. */
export function strokeLine(canvas: Canvas, points: readonly Point[], stroke: Stroke, paint: Paint): void {
  const { width, endWidth = width, softness = 1 } = stroke;
  const { coverage } = canvas;
  const last = points.length - 1;
  let left = canvas.width;
  let top = canvas.height;
  let right = -1;
  let bottom = -1;
  for (let i = 0; i < last; i++) {
    const a = points[i]!;
    const b = points[i + 1]!;
    const half = (width + ((endWidth - width) * i) / last) / 2;
    const reach = half + softness;
    const x0 = Math.min(a.x, b.x) - reach;
    const x1 = Math.max(a.x, b.x) + reach;
    const area = box(canvas, x0, Math.min(a.y, b.y) - reach, x1, Math.max(a.y, b.y) + reach);
    left = Math.min(left, area.left);
    top = Math.min(top, area.top);
    right = Math.max(right, area.right);
    bottom = Math.max(bottom, area.bottom);
    for (let py = area.top; py <= area.bottom; py++) {
      for (let px = area.left; px <= area.right; px++) {
        const at = py * canvas.width + px;
        if (coverage[at] === 1) continue;
        const square = segmentSquare(a, b, px, py);
        if (square >= reach * reach) continue;
        const covered = edge(Math.sqrt(square) - half, softness);
        if (covered > coverage[at]!) coverage[at] = covered;
      }
    }
  }
  for (let py = top; py <= bottom; py++) {
    for (let px = left; px <= right; px++) {
      const at = py * canvas.width + px;
      const covered = coverage[at]!;
      if (covered === 0) continue;
      blend(canvas, at, covered, paint);
      coverage[at] = 0;
    }
  }
}

/** A quadratic Bézier curve as `count` + 1 points. */
export function bezier(from: Point, control: Point, to: Point, count: number): Point[] {
  return Array.from({ length: count + 1 }, (_, i) => {
    const t = i / count;
    const s = 1 - t;
    return {
      x: s * s * from.x + 2 * s * t * control.x + t * t * to.x,
      y: s * s * from.y + 2 * s * t * control.y + t * t * to.y,
    };
  });
}
