/** The geometry of the chest on a film, in pixels. */
import { type Canvas, edge } from "./canvas.ts";

/** −1: the patient's right lung (viewer's left); +1: the left lung. */
export type Side = -1 | 1;

export interface Chest {
  /** Pixels from the midline to the inner chest wall at the base. */
  half: number;
  midline: number;
  apex: number;
  /** Top of the dome of the right hemidiaphragm. */
  base: number;
  dome: number;
  /** Height of the right dome over the left. */
  step: number;
  ribGap: number;
  ribSlope: number;
}

/** Lateral and medial border of a lung, in pixels from the midline, at height `y`. */
export function borders(chest: Chest, y: number): { inner: number; outer: number } {
  const t = Math.max(0, (y - chest.apex) / (chest.base - chest.apex));
  const cap = t < 0.3 ? Math.sqrt(Math.max(0, 1 - (1 - t / 0.3) ** 2)) : 1;
  const grow = Math.min(1, t) ** 0.8;
  const centre = chest.half * (0.42 + 0.15 * grow);
  const breadth = chest.half * (0.26 + 0.16 * grow) * cap;
  return { inner: centre - breadth, outer: centre + breadth };
}

/** Height of the diaphragm at `across` pixels from the midline: a dome that falls off to a sharp lateral angle. */
export function diaphragm(chest: Chest, where: Side, across: number): number {
  const top = chest.base + (where === 1 ? chest.step : 0);
  const u = (across / chest.half - 0.5) / 0.5;
  return top + chest.dome * (u > 0 ? 1.25 * u ** 2.2 : 0.45 * u * u);
}

/** How much of each pixel is lung, 0–1. */
export function lung(canvas: Canvas, chest: Chest, where: Side): Float32Array {
  const { width, height } = canvas;
  const mask = new Float32Array(width * height);
  const floor = Float32Array.from({ length: width }, (_, x) =>
    diaphragm(chest, where, (x - chest.midline) * where),
  );
  for (let y = Math.floor(chest.apex); y < height; y++) {
    const { inner, outer } = borders(chest, y);
    for (let x = 0; x < width; x++) {
      const across = (x - chest.midline) * where;
      const wall = Math.max(across - outer, inner - across);
      if (wall < 2) mask[y * width + x] = edge(wall, 2.6) * edge(y - floor[x]!, 1.8);
    }
  }
  return mask;
}
