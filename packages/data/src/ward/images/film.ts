/**
 * A frontal chest film, seen as it hangs: the patient's right is on the viewer's left. The canvas holds attenuation
 * (thickness × density); the film is 1 − exp(−attenuation), so that shadows add up as they do on a real film.
 */
import { type Canvas, createCanvas, edge, type Point, smoothstep } from "./canvas.ts";
import { borders, type Chest, diaphragm, lung, type Side } from "./film-chest.ts";
import { drawConsolidation, drawEffusion, drawNodules } from "./film-shadows.ts";
import type { WardImageSpec } from "./kinds.ts";
import type { Random } from "./random.ts";
import { bezier, fillBlob, fillEllipse, strokeLine } from "./shapes.ts";

type Film = Extract<WardImageSpec, { kind: "film" }>;
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
