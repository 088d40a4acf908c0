/** A blood smear through the microscope, Wright–Giemsa in grey: red cells about 5 pixels in radius (7.5 µm across). */
import { blend, box, type Canvas, createCanvas, edge, type Point, smoothstep } from "./canvas.ts";
import type { WardImageSpec } from "./kinds.ts";
import type { Random } from "./random.ts";
import { fillBlob, fillEllipse, fillPolygon } from "./shapes.ts";

type Smear = Extract<WardImageSpec, { kind: "smear" }>;

interface Stain {
  background: number;
  /** Grey of a red cell at its thickest. */
  red: number;
  /** Grey of chromatin. */
  chromatin: number;
  radius: number;
}

interface Cell extends Point {
  radius: number;
}

/** How many abnormal cells a field of 112 pixels holds: [few, many]. */
const counts: Record<Smear["finding"], { few: readonly [number, number]; many: readonly [number, number] }> =
  {
    fragments: { few: [4, 5], many: [13, 17] },
    spherocytes: { few: [4, 5], many: [14, 18] },
    blasts: { few: [2, 3], many: [6, 8] },
    targets: { few: [4, 5], many: [15, 20] },
  };

export function drawSmear(size: number, spec: Smear, anatomy: Random, finding: Random): Canvas {
  const stain: Stain = {
    background: anatomy.range(0.86, 0.95),
    red: anatomy.range(0.46, 0.6),
    chromatin: anatomy.range(0.16, 0.26),
    radius: anatomy.range(4.9, 5.6),
  };
  const canvas = createCanvas(size, size, stain.background);
  const [low, high] = counts[spec.finding][spec.modifier];
  const count = finding.integer(low, high);
  const large = spec.finding === "blasts" ? finding.range(9.4, 10.6) : 0;
  const cells = placeCells(size, stain, spec.finding === "blasts" ? count : 0, large, anatomy, finding);
  const abnormal = spec.finding === "blasts" ? count : pickInner(cells, count, size, finding);
  cells.forEach((cell, i) => {
    const own = typeof abnormal === "number" ? i < abnormal : abnormal.has(i);
    if (!own) drawRedCell(canvas, cell, stain, anatomy);
    else if (spec.finding === "fragments") drawFragment(canvas, cell, stain, finding);
    else if (spec.finding === "spherocytes") drawSpherocyte(canvas, cell, stain, finding);
    else if (spec.finding === "targets") drawTarget(canvas, cell, stain, finding);
    else drawBlast(canvas, cell, stain, finding);
  });
  return canvas;
}

/** Cells laid out apart, blasts first, then red cells until the field is about as full as a smear is. */
function placeCells(
  size: number,
  stain: Stain,
  blasts: number,
  large: number,
  anatomy: Random,
  finding: Random,
): Cell[] {
  const cells: Cell[] = [];
  const place = (random: Random, radius: number, margin: number, gap: number): void => {
    for (let tries = 0; tries < 60; tries++) {
      const x = random.range(margin, size - margin);
      const y = random.range(margin, size - margin);
      if (cells.some((c) => Math.hypot(c.x - x, c.y - y) < c.radius + radius + gap)) continue;
      cells.push({ x, y, radius });
      return;
    }
  };
  for (let i = 0; i < blasts; i++) place(finding, large * finding.range(0.95, 1.08), 9, i === 0 ? 0 : 0.5);
  const wanted = blasts + anatomy.integer(38, 48);
  for (let i = blasts; i < wanted; i++)
    place(anatomy, stain.radius * anatomy.range(0.92, 1.08), -2, anatomy.range(-1.2, 1.5));
  return cells;
}

/** Which cells are abnormal: `count` of those wholly within the field. */
function pickInner(cells: readonly Cell[], count: number, size: number, random: Random): Set<number> {
  const inner = cells.flatMap((c, i) => (Math.min(c.x, c.y) > 6 && Math.max(c.x, c.y) < size - 7 ? [i] : []));
  const chosen = new Set<number>();
  while (chosen.size < Math.min(count, inner.length)) chosen.add(random.pick(inner));
  return chosen;
}

/** A cell whose grey depends on the distance from its centre alone; `profile` takes 0 (centre) to 1 (edge). */
function drawRound(
  canvas: Canvas,
  cell: Cell & { squeeze: number; angle: number },
  profile: (u: number) => number,
): void {
  const { x, y, radius, squeeze, angle } = cell;
  const reach = radius + 1;
  const area = box(canvas, x - reach, y - reach, x + reach, y + reach);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  for (let py = area.top; py <= area.bottom; py++) {
    for (let px = area.left; px <= area.right; px++) {
      const dx = px - x;
      const dy = py - y;
      const u = Math.hypot((dx * cos + dy * sin) / squeeze, (dy * cos - dx * sin) * squeeze) / radius;
      const covered = edge((u - 1) * radius, 1.2);
      if (covered > 0)
        blend(canvas, py * canvas.width + px, covered, { mode: "mix", value: profile(Math.min(1, u)) });
    }
  }
}

const turned = (cell: Cell, squeeze: number, random: Random) => ({
  ...cell,
  squeeze,
  angle: random.range(0, Math.PI),
});

/** A biconcave disc: pale in the middle third. */
function drawRedCell(canvas: Canvas, cell: Cell, stain: Stain, random: Random): void {
  const pale = stain.red + (stain.background - stain.red) * random.range(0.62, 0.85);
  const pallor = random.range(0.5, 0.66);
  drawRound(canvas, turned(cell, random.range(0.94, 1.06), random), (u) => {
    return pale + (stain.red - pale) * smoothstep(0.12, pallor, u) + 0.05 * smoothstep(0.85, 1, u);
  });
}

/** Smaller, round, dense, without a pale centre. */
function drawSpherocyte(canvas: Canvas, cell: Cell, stain: Stain, random: Random): void {
  const dense = stain.red - random.range(0.13, 0.19);
  const small = { ...cell, radius: cell.radius * random.range(0.74, 0.82) };
  drawRound(canvas, turned(small, 1, random), (u) => dense + 0.05 * smoothstep(0.6, 1, u));
}

/** A dark centre within the pale ring: a bull's eye. */
function drawTarget(canvas: Canvas, cell: Cell, stain: Stain, random: Random): void {
  const pale = stain.red + (stain.background - stain.red) * random.range(0.8, 0.92);
  const broad = { ...cell, radius: cell.radius * random.range(1.04, 1.12) };
  drawRound(canvas, turned(broad, random.range(0.97, 1.03), random), (u) => {
    const eye = 1 - smoothstep(0.22, 0.42, u);
    const rim = smoothstep(0.56, 0.76, u);
    return pale + (stain.red - 0.04 - pale) * Math.max(eye, rim);
  });
}

/** Helmets, triangles and crescents: what is left of a red cell, without a pale centre. */
function drawFragment(canvas: Canvas, cell: Cell, stain: Stain, random: Random): void {
  const angle = random.range(0, 2 * Math.PI);
  const r = cell.radius * random.range(0.9, 1.05);
  const paint = { mode: "mix", value: stain.red - random.range(0.1, 0.16) } as const;
  const at = (turn: number, distance: number): Point => ({
    x: cell.x + r * distance * Math.cos(angle + turn),
    y: cell.y + r * distance * Math.sin(angle + turn),
  });
  const arc = (from: number, to: number, distance: number) =>
    Array.from({ length: 7 }, (_, i) => at(from + ((to - from) * i) / 6, distance));
  const shape = random.integer(0, 2);
  if (shape === 0)
    fillPolygon(canvas, [...arc(-1.75, 1.75, 1), at(1.2, 0.25), at(-1.2, 0.25)], paint, 0.3, 1.2);
  else if (shape === 1)
    fillPolygon(canvas, [at(0, 1.1), at(2.2, 0.75), at(-2 + random.range(-0.2, 0.2), 0.7)], paint, 0.5, 1.2);
  else fillPolygon(canvas, [...arc(-1.5, 1.5, 1), ...arc(1.15, -1.15, 0.5)], paint, 0.3, 1.2);
}

/** Twice a red cell's width: a nucleus that nearly fills it, fine chromatin, pale nucleoli, a thin rim of cytoplasm. */
function drawBlast(canvas: Canvas, cell: Cell, stain: Stain, random: Random): void {
  const cytoplasm = { mode: "mix", value: stain.red - 0.02 } as const;
  fillEllipse(
    canvas,
    { ...cell, rx: cell.radius, ry: cell.radius * random.range(0.93, 1), angle: random.range(0, 3) },
    cytoplasm,
    1.4,
  );
  const away = random.range(0, 2 * Math.PI);
  const shift = cell.radius * 0.1;
  const nucleus = { x: cell.x + shift * Math.cos(away), y: cell.y + shift * Math.sin(away) };
  const rx = cell.radius * random.range(0.8, 0.86);
  fillEllipse(
    canvas,
    { ...nucleus, rx, ry: rx * random.range(0.9, 1), angle: away },
    { mode: "mix", value: stain.chromatin },
    1.4,
  );
  for (let i = 0; i < 14; i++) {
    const turn = random.range(0, 2 * Math.PI);
    const out = rx * 0.8 * Math.sqrt(random.unit());
    const grain = {
      x: nucleus.x + out * Math.cos(turn),
      y: nucleus.y + out * Math.sin(turn),
      rx: 0.9,
      ry: 0.9,
    };
    fillBlob(canvas, grain, { mode: "add", value: random.range(-0.05, 0.07) });
  }
  const nucleoli = random.integer(1, 3);
  for (let i = 0; i < nucleoli; i++) {
    const turn = away + 1 + (i * 2 * Math.PI) / nucleoli;
    const spot = { x: nucleus.x + rx * 0.42 * Math.cos(turn), y: nucleus.y + rx * 0.42 * Math.sin(turn) };
    fillEllipse(canvas, { ...spot, rx: 1.7, ry: 1.5 }, { mode: "add", value: 0.17 }, 1.5);
  }
}
