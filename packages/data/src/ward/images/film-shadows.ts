/** What disease puts into the chest, on the canvas of water density: 0 is air, 1 as dense as the heart. */
import { blend, type Canvas, createCanvas, edge, type Point, smoothNoise, smoothstep } from "./canvas.ts";
import { borders, type Chest, type Side } from "./film-chest.ts";
import type { Random } from "./random.ts";
import { bezier, fillBlob, fillEllipse, strokeLine } from "./shapes.ts";

/** A patch of airspace shadowing with a ragged edge and air bronchograms, clear of the costophrenic angle. */
export function drawConsolidation(water: Canvas, chest: Chest, where: Side, random: Random): void {
  const { width, height } = water;
  const x = chest.midline + where * chest.half * random.range(0.5, 0.66);
  const y = chest.apex + random.range(0.3, 0.72) * (chest.base - chest.apex);
  const shadow = createCanvas(width, height);
  fillBlob(shadow, { x, y, rx: random.range(7.5, 10), ry: random.range(6.5, 9) }, { mode: "add", value: 1 });
  for (let i = 0; i < 6; i++) {
    const patch = { x: x + 7 * random.normal(), y: y + 6.5 * random.normal() };
    fillBlob(
      shadow,
      { ...patch, rx: random.range(3, 5.5), ry: random.range(3, 5.5) },
      { mode: "add", value: 0.65 },
    );
  }
  const root = { x: chest.midline + where * chest.half * 0.34, y: y - random.range(-2, 4) };
  for (let i = 0; i < 3; i++) {
    const tip = { x: x + where * random.range(2, 8), y: y - 7 + 6.5 * i + random.range(-1.5, 1.5) };
    const path = bezier(root, { x: (root.x + tip.x) / 2, y: y - 2 + 2 * i }, tip, 5);
    strokeLine(
      shadow,
      path,
      { width: 1.4, endWidth: 0.7, softness: 1.2 },
      { mode: "mix", value: 0.35, alpha: 0.6 },
    );
  }
  const rough = smoothNoise(width, height, 16, random.normal);
  const density = random.range(0.74, 0.92);
  for (let i = 0; i < shadow.data.length; i++) {
    if (shadow.data[i] === 0) continue;
    const filled = smoothstep(0.12, 0.95, shadow.data[i]! * (1 + 0.35 * rough[i]!));
    blend(water, i, filled, { mode: "mix", value: 1, alpha: density });
  }
}

/** Fluid that hides the dome and the costophrenic angle, its upper edge a meniscus that climbs the lateral wall. */
export function drawEffusion(water: Canvas, chest: Chest, where: Side, random: Random): void {
  const { width, height } = water;
  const level = chest.apex + random.range(0.58, 0.82) * (chest.base - chest.apex);
  const climb = random.range(9, 15);
  const paint = { mode: "mix", value: 1, alpha: random.range(0.9, 0.99) } as const;
  for (let y = Math.floor(level - climb - 3); y < height; y++) {
    const { inner, outer } = borders(chest, Math.min(y, chest.base));
    for (let x = 0; x < width; x++) {
      const across = (x - chest.midline) * where;
      if (across < inner - 3 || across > outer + 3) continue;
      const u = Math.min(1, Math.max(0, (across - inner) / (outer - inner)));
      const surface = level - climb * u ** 2.6 - 2 * (1 - u) ** 4;
      blend(water, y * width + x, edge(surface - y, 3), paint);
    }
  }
}

/** Round, sharply edged shadows in both lungs, apart from each other. */
export function drawNodules(
  water: Canvas,
  chest: Chest,
  lungs: Float32Array,
  count: number,
  random: Random,
): void {
  const placed: Point[] = [];
  for (let tries = 0; placed.length < count && tries < 600; tries++) {
    const where = placed.length < 2 ? (placed.length === 0 ? -1 : 1) : random.chance(0.5) ? 1 : -1;
    const y = random.range(chest.apex + 9, chest.base - 2);
    const x = chest.midline + where * chest.half * random.range(0.3, 0.88);
    const at = Math.round(y) * water.width + Math.round(x);
    const clear = [-3, 3, -3 * water.width, 3 * water.width].every((step) => (lungs[at + step] ?? 0) > 0.8);
    const heart = where === 1 && y > chest.apex + 40 && x < chest.midline + chest.half * 0.62;
    if (!clear || heart || placed.some((p) => (p.x - x) ** 2 + (p.y - y) ** 2 < 49)) continue;
    placed.push({ x, y });
    const radius = random.range(1.9, 3.3);
    const nodule = { x, y, rx: radius, ry: radius * random.range(0.9, 1.1) };
    fillEllipse(water, nodule, { mode: "mix", value: 1, alpha: random.range(0.6, 0.8) }, 1.5);
  }
}
