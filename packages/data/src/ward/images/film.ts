/**
 * A frontal chest film, seen as it hangs: the patient's right is on the viewer's left. The canvas holds attenuation
 * (thickness × density); the film is 1 − exp(−attenuation), so that shadows add up as they do on a real film.
 */
import { blend, type Canvas, createCanvas, edge, type Point, smoothNoise, smoothstep } from "./canvas.ts";
import type { WardImageSpec } from "./kinds.ts";
import type { Random } from "./random.ts";
import { bezier, fillBlob, fillEllipse, strokeLine } from "./shapes.ts";

type Film = Extract<WardImageSpec, { kind: "film" }>;
/** −1: the patient's right lung (viewer's left); +1: the left lung. */
type Side = -1 | 1;

interface Chest {
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

export function drawFilm(size: number, spec: Film, anatomy: Random, finding: Random): Canvas {
  const chest: Chest = {
    half: anatomy.range(41, 47),
    midline: size / 2 + anatomy.range(-3.5, 3.5),
    apex: anatomy.range(9, 15),
    base: anatomy.range(81, 88),
    dome: anatomy.range(7, 10),
    step: anatomy.range(1.5, 4),
    ribGap: anatomy.range(8, 9.6),
    ribSlope: anatomy.range(9, 14),
  };
  const canvas = createCanvas(size, size);
  drawBody(canvas, chest, anatomy);
  const right = lung(canvas, chest, -1);
  const left = lung(canvas, chest, 1);
  const lungs = right.map((value, i) => Math.max(value, left[i]!));
  // What lies in the chest at the density of water: it replaces air, so overlapping organs do not get whiter.
  const water = createCanvas(size, size);
  drawMediastinum(water, chest, anatomy);
  drawHeart(water, chest, cardiothoracicRatio(spec, anatomy, finding), anatomy);
  if (spec.finding === "consolidation") drawConsolidation(water, chest, side(spec.modifier), finding);
  if (spec.finding === "effusion") drawEffusion(water, chest, side(spec.modifier), finding);
  if (spec.finding === "nodules") {
    const count = spec.modifier === "few" ? finding.integer(3, 5) : finding.integer(13, 20);
    drawNodules(water, chest, lungs, count, finding);
  }
  const aeration = anatomy.range(0.78, 0.88);
  for (let i = 0; i < lungs.length; i++) {
    lungs[i]! *= 1 - water.data[i]!;
    canvas.data[i]! *= 1 - aeration * lungs[i]!;
  }
  drawAbdomen(canvas, chest, anatomy);
  drawVessels(canvas, chest, lungs, anatomy);
  drawBones(canvas, chest, anatomy);
  for (let i = 0; i < canvas.data.length; i++)
    canvas.data[i] = 1 - Math.exp(-1.35 * Math.max(0, canvas.data[i]!));
  drawMarker(canvas, anatomy);
  return canvas;
}

const side = (modifier: "right" | "left"): Side => (modifier === "right" ? -1 : 1);

/** Heart width over inner chest width: up to 0.5 is normal in adults. */
function cardiothoracicRatio(spec: Film, anatomy: Random, finding: Random): number {
  const normal = anatomy.range(0.41, 0.46);
  if (spec.finding !== "cardiomegaly") return normal;
  return spec.modifier === "mild" ? finding.range(0.54, 0.58) : finding.range(0.67, 0.74);
}

function drawBody(canvas: Canvas, chest: Chest, anatomy: Random): void {
  const { width, height, data } = canvas;
  const soft = anatomy.range(0.82, 1);
  const shoulder = anatomy.range(8, 14);
  const neck = anatomy.range(0.28, 0.36);
  const tops = Float32Array.from({ length: width }, (_, x) => {
    const u = Math.abs(x - chest.midline) / chest.half;
    return u < neck ? -10 : shoulder * (u - neck) ** 1.4 - 2;
  });
  for (let y = 0; y < height; y++) {
    const flank = chest.half * (1.13 + 0.25 * (1 - smoothstep(26, 62, y)));
    const density = soft * (y < 30 ? 0.85 + (0.15 * y) / 30 : 1);
    for (let x = 0; x < width; x++) {
      const wall = edge(Math.abs(x - chest.midline) - flank, 4);
      data[y * width + x] = 0.04 + density * wall * smoothstep(-1.5, 3, y - tops[x]!);
    }
  }
}

/** Lateral and medial border of a lung, in pixels from the midline, at height `y`. */
function borders(chest: Chest, y: number): { inner: number; outer: number } {
  const t = Math.max(0, (y - chest.apex) / (chest.base - chest.apex));
  const cap = t < 0.3 ? Math.sqrt(Math.max(0, 1 - (1 - t / 0.3) ** 2)) : 1;
  const grow = Math.min(1, t) ** 0.8;
  const centre = chest.half * (0.42 + 0.15 * grow);
  const breadth = chest.half * (0.26 + 0.16 * grow) * cap;
  return { inner: centre - breadth, outer: centre + breadth };
}

/** Height of the diaphragm at `across` pixels from the midline: a dome that falls off to a sharp lateral angle. */
function diaphragm(chest: Chest, where: Side, across: number): number {
  const top = chest.base + (where === 1 ? chest.step : 0);
  const u = (across / chest.half - 0.5) / 0.5;
  return top + chest.dome * (u > 0 ? 1.25 * u ** 2.2 : 0.45 * u * u);
}

/** How much of each pixel is lung, 0–1. */
function lung(canvas: Canvas, chest: Chest, where: Side): Float32Array {
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

/** Liver, spleen and bowel below the diaphragm, which is denser than the chest wall alone; often a gastric bubble. */
function drawAbdomen(canvas: Canvas, chest: Chest, anatomy: Random): void {
  const { width, height, data } = canvas;
  for (let x = 0; x < width; x++) {
    const across = Math.abs(x - chest.midline);
    const floor = diaphragm(chest, x < chest.midline ? -1 : 1, Math.min(across, chest.half));
    const inside = 0.42 * edge(across - chest.half * 1.08, 8);
    for (let y = Math.floor(floor); y < height; y++)
      data[y * width + x]! += inside * smoothstep(0, 12, y - floor);
  }
  if (!anatomy.chance(0.6)) return;
  const x = chest.midline + chest.half * anatomy.range(0.4, 0.6);
  const y = chest.base + chest.step + chest.dome * 0.4 + anatomy.range(6, 9);
  fillEllipse(
    canvas,
    { x, y, rx: anatomy.range(5, 8), ry: anatomy.range(2.5, 4) },
    { mode: "add", value: -0.6 },
    3,
  );
}

/** The great vessels: superior vena cava on the right, aortic knuckle and pulmonary trunk on the left. */
function drawMediastinum(water: Canvas, chest: Chest, anatomy: Random): void {
  const { midline: x, half, apex } = chest;
  const tissue = { mode: "mix", value: 1 } as const;
  const upper = [
    { x: x - 1, y: -4 },
    { x: x - 1.5, y: apex + 20 },
    { x, y: chest.base },
  ];
  strokeLine(water, upper, { width: half * 0.3, endWidth: half * 0.5, softness: 2 }, tissue);
  fillEllipse(
    water,
    { x: x + half * 0.13, y: apex + anatomy.range(19, 23), rx: half * 0.13, ry: 5.5 },
    tissue,
    2,
  );
  fillEllipse(water, { x: x + half * 0.1, y: apex + 33, rx: half * 0.19, ry: 8, angle: -0.3 }, tissue, 3);
}

function drawHeart(water: Canvas, chest: Chest, ratio: number, anatomy: Random): void {
  const width = ratio * 2 * chest.half * 0.97;
  const rightPart = width * (0.35 - 0.12 * Math.max(0, ratio - 0.5));
  const x = chest.midline + width / 2 - rightPart;
  const ry = 17 + 22 * Math.max(0, ratio - 0.44) + anatomy.range(-1, 1);
  const y = chest.base + 4 - ry * 0.72;
  const tissue = { mode: "mix", value: 1 } as const;
  fillEllipse(water, { x, y, rx: (width / 2) * 1.02, ry, angle: 0.3 }, tissue, 2.5);
  // The right atrium's and the left ventricle's upper slopes run into the great vessels.
  const waist = {
    x: chest.midline + width * 0.09,
    y: y - ry * 0.75,
    rx: width * 0.3,
    ry: ry * 0.7,
    angle: 0.55,
  };
  fillEllipse(water, waist, tissue, 3);
}

function drawVessels(canvas: Canvas, chest: Chest, lungs: Float32Array, anatomy: Random): void {
  for (const where of [-1, 1] as const) {
    const hilum = {
      x: chest.midline + where * chest.half * 0.29,
      y: chest.apex + (where === 1 ? 31 : 34) + anatomy.range(-1.5, 1.5),
    };
    fillBlob(canvas, { ...hilum, rx: 3.4, ry: 7 }, { mode: "add", value: 0.3, within: lungs });
    for (let i = 0; i < 8; i++) {
      const angle = -1.2 + (2.55 * i) / 7 + anatomy.range(-0.22, 0.22);
      const reach = anatomy.range(13, 27) * (angle > 0.3 ? 1.25 : 1);
      const root = { x: hilum.x, y: hilum.y + 5 * Math.sin(angle) };
      const end = { x: root.x + where * reach * Math.cos(angle), y: root.y + reach * Math.sin(angle) };
      const bend = { x: (root.x + end.x) / 2 - where * 2.5, y: (root.y + end.y) / 2 + anatomy.range(-4, 4) };
      const value = anatomy.range(0.08, 0.16);
      const paint = { mode: "add", value, within: lungs } as const;
      strokeLine(canvas, bezier(root, bend, end, 5), { width: 2.2, endWidth: 0.3, softness: 1.8 }, paint);
    }
  }
}

function drawBones(canvas: Canvas, chest: Chest, anatomy: Random): void {
  drawSpine(canvas, chest);
  const bone = anatomy.range(0.1, 0.17);
  for (const where of [-1, 1] as const) {
    const at = (u: number, y: number): Point => ({ x: chest.midline + where * chest.half * u, y });
    for (let i = 0; i < 9; i++) {
      const y = chest.apex - 3 + i * chest.ribGap;
      const outer = (borders(chest, y + chest.ribSlope).outer / chest.half) * 1.03;
      const posterior = bezier(at(0.1, y + 2), at(outer * 0.55, y - 3), at(outer, y + chest.ribSlope), 7);
      strokeLine(canvas, posterior, { width: 3, softness: 1.6 }, { mode: "add", value: bone });
      if (i < 2 || i > 6) continue;
      const anterior = bezier(at(outer, y + chest.ribSlope), at(outer * 0.8, y + 17), at(0.42, y + 23), 6);
      strokeLine(canvas, anterior, { width: 3, softness: 2 }, { mode: "add", value: bone * 0.55 });
    }
    const clavicle = bezier(
      at(0.1, chest.apex + 7),
      at(0.45, chest.apex + 4),
      at(1.05, chest.apex - anatomy.range(3, 7)),
      6,
    );
    strokeLine(canvas, clavicle, { width: 3.2, softness: 1.4 }, { mode: "add", value: 0.22 });
  }
}

/** Vertebrae with the dark line of the trachea before them. */
function drawSpine(canvas: Canvas, chest: Chest): void {
  const { midline: x, half } = chest;
  const spine = [
    { x, y: -5 },
    { x, y: 118 },
  ];
  strokeLine(canvas, spine, { width: half * 0.2, softness: 4 }, { mode: "add", value: 0.3 });
  for (let y = 4; y < canvas.height; y += 6.5) {
    fillEllipse(canvas, { x, y, rx: half * 0.1, ry: 1 }, { mode: "add", value: -0.09 }, 2);
  }
  const trachea = [
    { x, y: -4 },
    { x: x + 0.5, y: 18 },
    { x: x - 0.5, y: chest.apex + 24 },
  ];
  strokeLine(canvas, trachea, { width: 4.6, softness: 2.5 }, { mode: "add", value: -0.42 });
}

/** A patch of airspace shadowing with a ragged edge and air bronchograms, clear of the costophrenic angle. */
function drawConsolidation(water: Canvas, chest: Chest, where: Side, random: Random): void {
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
function drawEffusion(water: Canvas, chest: Chest, where: Side, random: Random): void {
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
function drawNodules(water: Canvas, chest: Chest, lungs: Float32Array, count: number, random: Random): void {
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

/** The side marker: an R beside the patient's right shoulder. */
function drawMarker(canvas: Canvas, anatomy: Random): void {
  const x = anatomy.range(3, 6);
  const y = anatomy.range(4, 8);
  const bowl = bezier({ x, y }, { x: x + 7, y: y + 1.4 }, { x, y: y + 3.2 }, 6);
  const ink = { mode: "mix", value: 0.95, alpha: 0.9 } as const;
  for (const path of [
    [{ x, y: y + 7 }, ...bowl],
    [
      { x: x + 1.4, y: y + 3.2 },
      { x: x + 4, y: y + 7 },
    ],
  ]) {
    strokeLine(canvas, path, { width: 1.1 }, ink);
  }
}
