/** The back of an eye, red-free (green channel): bright disc with cup, vascular arcades, a darker macula with its fovea. */
import { blend, type Canvas, createCanvas, edge, type Point, smoothNoise } from "./canvas.ts";
import type { WardImageSpec } from "./kinds.ts";
import type { Random } from "./random.ts";
import { bezier, fillBlob, fillEllipse, strokeLine } from "./shapes.ts";

type Fundus = Extract<WardImageSpec, { kind: "fundus" }>;

interface Eye {
  centre: Point;
  radius: number;
  disc: Point;
  discRadius: number;
  fovea: Point;
  /** Which way the nose lies on the picture: +1 to the viewer's right (a right eye). */
  nasal: -1 | 1;
  /** Extra bends of the vessels, in pixels; swelling makes them tortuous. */
  tortuous: number;
  /** Vein width in pixels at the disc. */
  vein: number;
}

export function drawFundus(size: number, spec: Fundus, anatomy: Random, finding: Random): Canvas {
  const nasal = anatomy.chance(0.5) ? 1 : -1;
  const centre = { x: size / 2 - 0.5 + anatomy.range(-2, 2), y: size / 2 - 0.5 + anatomy.range(-2, 2) };
  const disc = { x: centre.x + nasal * anatomy.range(19, 25), y: centre.y + anatomy.range(-3, 3) };
  const swollen = spec.finding === "disc-swelling";
  const marked = swollen && spec.modifier === "marked";
  const eye: Eye = {
    centre,
    radius: anatomy.range(49, 53),
    disc,
    discRadius: anatomy.range(6.2, 7.4),
    fovea: { x: disc.x - nasal * anatomy.range(33, 37), y: disc.y + anatomy.range(1, 3.5) },
    nasal,
    tortuous: marked ? 3 : swollen ? 1.5 : 0.5,
    vein: anatomy.range(1.8, 2.2) * (marked ? 1.3 : 1),
  };
  const canvas = createCanvas(size, size);
  drawRetina(canvas, eye, anatomy);
  if (!swollen) drawDisc(canvas, eye, anatomy);
  drawVessels(canvas, eye, anatomy);
  if (swollen) drawSwelling(canvas, eye, marked, finding);
  else if (spec.finding === "haemorrhages") drawHaemorrhages(canvas, eye, up(spec.modifier), finding);
  else if (spec.finding === "cotton-wool") drawCottonWool(canvas, eye, up(spec.modifier), finding);
  else drawExudates(canvas, eye, up(spec.modifier), finding);
  cutAperture(canvas, eye);
  return canvas;
}

/** −1: above the disc–fovea line; +1: below. */
const up = (modifier: "upper" | "lower"): -1 | 1 => (modifier === "upper" ? -1 : 1);

function drawRetina(canvas: Canvas, eye: Eye, anatomy: Random): void {
  const { width, height, data } = canvas;
  const grey = anatomy.range(0.38, 0.48);
  const coarse = smoothNoise(width, height, 9, anatomy.normal);
  const fine = smoothNoise(width, height, 28, anatomy.normal);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const out = Math.hypot(x - eye.centre.x, y - eye.centre.y) / eye.radius;
      data[at] = grey * (1.06 - 0.3 * out * out) + 0.018 * coarse[at]! + 0.02 * fine[at]!;
    }
  }
  fillBlob(canvas, { ...eye.disc, rx: 17, ry: 17 }, { mode: "add", value: 0.07 });
  fillBlob(canvas, { ...eye.fovea, rx: 9, ry: 8 }, { mode: "add", value: -anatomy.range(0.12, 0.17) });
  fillBlob(canvas, { ...eye.fovea, rx: 2, ry: 2 }, { mode: "add", value: -0.06 });
}

function drawDisc(canvas: Canvas, eye: Eye, anatomy: Random): void {
  const r = eye.discRadius;
  fillEllipse(
    canvas,
    { ...eye.disc, rx: r * 0.92, ry: r },
    { mode: "mix", value: anatomy.range(0.74, 0.82) },
    1.6,
  );
  const cup = r * anatomy.range(0.35, 0.5);
  fillEllipse(
    canvas,
    { x: eye.disc.x - eye.nasal, y: eye.disc.y, rx: cup, ry: cup },
    { mode: "mix", value: 0.95 },
    2.5,
  );
}

/** Four arcades, a vein and an artery each: two sweep round the macula, two go nasally. Branches leave on the way. */
function drawVessels(canvas: Canvas, eye: Eye, anatomy: Random): void {
  const { disc, nasal } = eye;
  for (const vertical of [-1, 1] as const) {
    for (const temporal of [true, false]) {
      for (const vein of [true, false]) {
        const reach = temporal ? -nasal * anatomy.range(50, 62) : nasal * anatomy.range(20, 30);
        const bow =
          vertical * (temporal ? anatomy.range(33, 41) : anatomy.range(16, 24)) + (vein ? 0 : vertical * -5);
        const end = {
          x: disc.x + reach,
          y: disc.y + vertical * (temporal ? anatomy.range(14, 26) : anatomy.range(34, 44)),
        };
        const control = { x: disc.x + reach * (temporal ? 0.06 : 0.12), y: disc.y + bow * 1.2 };
        const path = bezier(disc, control, end, 14);
        drawVessel(canvas, eye, path, vein, 1, anatomy);
        for (const start of [5, 8]) {
          const from = path[start + anatomy.integer(-1, 1)]!;
          const outward = anatomy.chance(0.6) ? vertical : -vertical * 0.45;
          const tip = {
            x: from.x + reach * anatomy.range(0.2, 0.34),
            y: from.y + outward * anatomy.range(12, 20),
          };
          const bend = { x: from.x + reach * 0.16, y: from.y + outward * 4 };
          drawVessel(canvas, eye, bezier(from, bend, tip, 7), vein, 0.62, anatomy);
        }
      }
    }
  }
}

function drawVessel(
  canvas: Canvas,
  eye: Eye,
  path: Point[],
  vein: boolean,
  scale: number,
  anatomy: Random,
): void {
  const phase = anatomy.range(0, 6.28);
  const bends = anatomy.range(0.8, 1.1);
  const bent = path.map((p, i) => ({
    x: p.x + eye.tortuous * Math.cos(phase + bends * i) * Math.min(1, i / 3) * 0.5,
    y: p.y + eye.tortuous * Math.sin(phase + bends * i) * Math.min(1, i / 3),
  }));
  const width = eye.vein * scale * (vein ? 1 : 0.72);
  const paint = { mode: "mix", value: 0.08, alpha: vein ? 0.58 : 0.38 } as const;
  strokeLine(canvas, bent, { width, endWidth: 0.5, softness: 1.1 }, paint);
}

/** A disc whose margin is lost in a halo; when marked it is broad, hides the vessels and has splinter haemorrhages. */
function drawSwelling(canvas: Canvas, eye: Eye, marked: boolean, random: Random): void {
  const r = eye.discRadius * (marked ? random.range(2, 2.3) : random.range(1.25, 1.4));
  fillBlob(
    canvas,
    { ...eye.disc, rx: r * 0.95, ry: r },
    { mode: "mix", value: 0.76, alpha: marked ? 0.85 : 0.8 },
  );
  fillEllipse(
    canvas,
    { ...eye.disc, rx: r * 0.75, ry: r * 0.82 },
    { mode: "mix", value: 0.82, alpha: 0.8 },
    r * 0.8,
  );
  if (!marked) return;
  const splinters = random.integer(3, 4);
  for (let i = 0; i < splinters; i++) {
    const turn = (2 * Math.PI * i) / splinters + random.range(-0.4, 0.4);
    const at = (distance: number): Point => ({
      x: eye.disc.x + distance * Math.cos(turn),
      y: eye.disc.y + distance * Math.sin(turn),
    });
    const from = r * random.range(0.8, 0.95);
    const flame = [at(from), at(from + random.range(4, 7))];
    strokeLine(
      canvas,
      flame,
      { width: 1.5, endWidth: 0.8, softness: 1.2 },
      { mode: "mix", value: 0.1, alpha: 0.75 },
    );
  }
}

/** A place in the upper or lower half, clear of the disc and of the picture's rim. */
function somewhere(eye: Eye, vertical: -1 | 1, random: Random): Point {
  for (;;) {
    const x = eye.centre.x + random.range(-38, 38);
    const y = eye.centre.y + vertical * random.range(11, 40);
    const clear = Math.hypot(x - eye.disc.x, y - eye.disc.y) > 13;
    if (clear && Math.hypot(x - eye.centre.x, y - eye.centre.y) < eye.radius - 7) return { x, y };
  }
}

/** Round blots, and flames along the nerve fibres. */
function drawHaemorrhages(canvas: Canvas, eye: Eye, vertical: -1 | 1, random: Random): void {
  const paint = { mode: "mix", value: 0.1, alpha: random.range(0.78, 0.92) } as const;
  const blots = random.integer(5, 8);
  for (let i = 0; i < blots; i++) {
    const r = random.range(1.5, 3.3);
    fillEllipse(
      canvas,
      {
        ...somewhere(eye, vertical, random),
        rx: r,
        ry: r * random.range(0.75, 1),
        angle: random.range(0, 3),
      },
      paint,
      1.4,
    );
  }
  const flames = random.integer(2, 4);
  for (let i = 0; i < flames; i++) {
    const at = somewhere(eye, vertical, random);
    const away = Math.atan2(at.y - eye.disc.y, at.x - eye.disc.x) + random.range(-0.3, 0.3);
    for (const spread of [-0.35, 0, 0.35]) {
      const length = random.range(4, 7);
      const tip = { x: at.x + length * Math.cos(away + spread), y: at.y + length * Math.sin(away + spread) };
      strokeLine(canvas, [at, tip], { width: 1.8, endWidth: 0.8, softness: 1.2 }, paint);
    }
  }
}

/** Pale, fluffy patches with soft edges. */
function drawCottonWool(canvas: Canvas, eye: Eye, vertical: -1 | 1, random: Random): void {
  const patches = random.integer(4, 6);
  for (let i = 0; i < patches; i++) {
    const at = somewhere(eye, vertical, random);
    const r = random.range(2.6, 3.8);
    const paint = { mode: "mix", value: 0.88, alpha: random.range(0.65, 0.85) } as const;
    fillBlob(
      canvas,
      { ...at, rx: r * random.range(1, 1.35), ry: r * 0.85, angle: random.range(0, 3) },
      paint,
    );
    fillBlob(
      canvas,
      {
        x: at.x + r * random.range(-0.9, 0.9),
        y: at.y + r * random.range(-0.6, 0.6),
        rx: r * 0.6,
        ry: r * 0.6,
      },
      paint,
    );
  }
}

/** Small, bright, sharply edged deposits, in one or two clusters or rings. */
function drawExudates(canvas: Canvas, eye: Eye, vertical: -1 | 1, random: Random): void {
  const clusters = random.integer(2, 3);
  for (let i = 0; i < clusters; i++) {
    const centre = somewhere(eye, vertical, random);
    const ring = random.chance(0.3) ? random.range(4.5, 6.5) : 0;
    const dots = random.integer(9, 14);
    for (let k = 0; k < dots; k++) {
      const turn =
        ring > 0 ? (2 * Math.PI * k) / dots + random.range(-0.4, 0.4) : random.range(0, 2 * Math.PI);
      const out = ring > 0 ? ring + random.range(-1.6, 1.6) : 6 * Math.sqrt(random.unit());
      const r = random.range(0.5, 1.1) + (random.chance(0.2) ? 0.7 : 0);
      const dot = { x: centre.x + out * Math.cos(turn), y: centre.y + out * Math.sin(turn), rx: r, ry: r };
      fillEllipse(canvas, dot, { mode: "mix", value: 0.97, alpha: 0.95 }, 0.9);
    }
  }
}

function cutAperture(canvas: Canvas, eye: Eye): void {
  for (let y = 0; y < canvas.height; y++) {
    for (let x = 0; x < canvas.width; x++) {
      const out = Math.hypot(x - eye.centre.x, y - eye.centre.y) - eye.radius;
      const covered = 1 - edge(out, 1.5);
      if (covered > 0) blend(canvas, y * canvas.width + x, covered, { mode: "mix", value: 0.02 });
    }
  }
}
