/**
 * One lead of an electrocardiogram as a rhythm strip that continues in a second line. 25 mm/s and 10 mm/mV, as usual:
 * a large square (5 mm, about 8 pixels) is 0.2 s across and 0.5 mV high; a 1 mV calibration pulse opens the first line.
 */
import { type Canvas, clamp, createCanvas, type Point } from "./canvas.ts";
import type { WardImageSpec } from "./kinds.ts";
import type { Random } from "./random.ts";
import { strokeLine } from "./shapes.ts";

type Strip = Extract<WardImageSpec, { kind: "strip" }>;

/** Millivolts against seconds from the R peak. */
type Beat = (seconds: number) => number;

const MM_PER_SECOND = 25;
const MM_PER_MV = 10;
/** Of every beat, how long before and after its R peak the wave reaches. */
const REACH = { before: 0.35, after: 0.75 };

export function drawStrip(size: number, spec: Strip, anatomy: Random, finding: Random): Canvas {
  const mm = anatomy.range(1.52, 1.68);
  const canvas = createCanvas(size, size, anatomy.range(0.88, 0.97));
  drawGrid(canvas, mm, anatomy);
  const lineSeconds = size / mm / MM_PER_SECOND;
  const rhythm = beatTimes(spec, 2 * lineSeconds, anatomy, finding);
  const beat = beatShape(spec, anatomy, finding);
  const atrial = spec.finding === "irregular-rhythm" ? fibrillation(finding) : () => 0;
  const wander = {
    size: anatomy.range(0.01, 0.05),
    phase: anatomy.range(0, 6.28),
    hertz: anatomy.range(0.15, 0.4),
  };
  const tremor = anatomy.range(0.004, 0.016);
  const ink = { mode: "mix", value: anatomy.range(0.02, 0.12) } as const;
  const width = anatomy.range(1.15, 1.5);
  for (const line of [0, 1]) {
    const zero = (line + 0.62) * (size / 2) + anatomy.range(-2.5, 2.5);
    const points: Point[] = [];
    const from = line === 0 ? pulse(points, zero, mm) : -1;
    for (let x = from; x <= size + 1; x += 0.25) {
      const seconds = line * lineSeconds + x / mm / MM_PER_SECOND;
      let millivolts = atrial(seconds) + tremor * anatomy.normal();
      millivolts += wander.size * Math.sin(wander.phase + 6.283 * wander.hertz * seconds);
      for (const { at, scale } of rhythm) {
        const since = seconds - at;
        if (since > -REACH.before && since < REACH.after) millivolts += beat(since / scale);
      }
      points.push({ x, y: clamp(zero - millivolts * MM_PER_MV * mm, 1, size - 2) });
    }
    strokeLine(canvas, points, { width }, ink);
  }
  return canvas;
}

function drawGrid(canvas: Canvas, mm: number, anatomy: Random): void {
  const { width, height } = canvas;
  const major = anatomy.range(0.16, 0.3);
  const minor = major * 0.22;
  const phase = { x: anatomy.range(0, 5 * mm), y: anatomy.range(0, 5 * mm) };
  const ruling = (length: number, start: number): Float32Array => {
    const dark = new Float32Array(length);
    for (let i = 0; i * mm < length + 5 * mm; i++) {
      const at = start - 5 * mm + i * mm;
      const pixel = Math.floor(at);
      const strength = i % 5 === 0 ? major : minor;
      if (pixel >= 0 && pixel < length) dark[pixel]! += strength * (1 - (at - pixel));
      if (pixel + 1 >= 0 && pixel + 1 < length) dark[pixel + 1]! += strength * (at - pixel);
    }
    return dark;
  };
  const columns = ruling(width, phase.x);
  const rows = ruling(height, phase.y);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) canvas.data[y * width + x]! -= Math.max(columns[x]!, rows[y]!);
  }
}

/** The calibration pulse: 1 mV for 0.2 s. Returns where the trace goes on. */
function pulse(points: Point[], zero: number, mm: number): number {
  const top = zero - MM_PER_MV * mm;
  const end = 2 + 5 * mm;
  points.push(
    { x: 0, y: zero },
    { x: 2, y: zero },
    { x: 2, y: top },
    { x: end, y: top },
    { x: end, y: zero },
  );
  return end + 1;
}

interface BeatTime {
  /** Seconds of the R peak from the start of the strip. */
  at: number;
  /** Stretches the beat: the QT interval falls with the square root of the RR interval (Bazett, 1920). */
  scale: number;
}

function beatTimes(spec: Strip, seconds: number, anatomy: Random, finding: Random): BeatTime[] {
  const irregular = spec.finding === "irregular-rhythm";
  const sinus = anatomy.range(0.66, 0.98);
  const times: BeatTime[] = [];
  let at = -anatomy.range(0.1, 0.9) * sinus;
  let before = sinus;
  while (at < seconds + 0.5) {
    times.push({ at, scale: irregular ? clamp(Math.sqrt(before / 0.85), 0.7, 1.1) : 1 });
    before = irregular
      ? unevenInterval(spec.modifier === "slow", before, finding)
      : sinus * (1 + 0.012 * anatomy.normal());
    at += before;
  }
  return times;
}

/** Irregularly irregular: an interval that differs from the one before by at least a fifth. Mean rates near 50 and 140. */
function unevenInterval(slow: boolean, before: number, random: Random): number {
  const [low, high] = slow ? [0.82, 1.65] : [0.3, 0.62];
  for (;;) {
    const next = random.range(low, high);
    if (Math.abs(next - before) > 0.2 * before) return next;
  }
}

/** Fibrillatory waves: three oscillations of 5–8 per second, out of step. */
function fibrillation(random: Random): (seconds: number) => number {
  const waves = Array.from({ length: 3 }, () => ({
    size: random.range(0.02, 0.045),
    hertz: random.range(5, 8),
    phase: random.range(0, 6.28),
  }));
  return (seconds) =>
    waves.reduce((sum, w) => sum + w.size * Math.sin(w.phase + 6.283 * w.hertz * seconds), 0);
}

function bump(seconds: number, at: number, sd: number): number {
  const u = (seconds - at) / sd;
  return u > 4 || u < -4 ? 0 : Math.exp(-0.5 * u * u);
}

function beatShape(spec: Strip, anatomy: Random, finding: Random): Beat {
  const p = anatomy.range(0.11, 0.17);
  const pr = anatomy.range(0.15, 0.18);
  const r = anatomy.range(1.0, 1.35);
  const s = anatomy.range(0.12, 0.3);
  const t = anatomy.range(0.2, 0.32);
  const atria: Beat = (x) => p * bump(x, -pr, 0.022);
  const narrow: Beat = (x) =>
    -0.08 * bump(x, -0.03, 0.009) + r * bump(x, 0, 0.0125) - s * bump(x, 0.034, 0.011);
  const repolarised: Beat = (x) => t * bump(x, 0.27, x < 0.27 ? 0.06 : 0.042);
  const mild = spec.modifier === "mild";
  switch (spec.finding) {
    case "st-elevation": {
      const j = mild ? finding.range(0.2, 0.27) : finding.range(0.48, 0.62);
      const dome = mild ? finding.range(0.14, 0.2) : finding.range(0.26, 0.36);
      const q = finding.range(0.05, 0.25);
      return (x) =>
        atria(x) - q * bump(x, -0.03, 0.011) + r * 0.85 * bump(x, 0, 0.0125) + convexSegment(x, j, dome);
    }
    case "peaked-t": {
      const height = mild ? finding.range(0.68, 0.85) : finding.range(1.2, 1.5);
      const flat = mild ? 0.8 : 0.35;
      return (x) => flat * atria(x) + 0.75 * narrow(x) + height * tent(x, 0.26, 0.088);
    }
    case "irregular-rhythm":
      return (x) => narrow(x) + 0.7 * repolarised(x);
    case "wide-qrs": {
      const width = mild ? finding.range(0.13, 0.15) : finding.range(0.22, 0.26);
      const notch = finding.range(0.75, 0.95);
      const inverted = mild ? finding.range(0.15, 0.25) : finding.range(0.35, 0.5);
      const st = 0.5 * width;
      return (x) =>
        atria(x + 0.5 * width) * (mild ? 1 : 0.6) +
        0.8 * r * plateau(x, width, notch) -
        inverted * bump(x, st + 0.19, x < st + 0.19 ? 0.075 : 0.05);
    }
  }
}

/** From the J point at height `j`, domed upwards, down to the baseline 0.36 s later: convex, with the T wave in it. */
function convexSegment(seconds: number, j: number, dome: number): number {
  const u = (seconds - 0.015) / 0.36;
  if (u < 0 || u > 1) return 0;
  return Math.min(1, u * 12) * (j * (1 - u ** 4) + dome * Math.sin(Math.PI * u ** 1.15));
}

/** A tall T wave: symmetric, pointed, on a narrow base. */
function tent(seconds: number, at: number, half: number): number {
  const u = Math.abs(seconds - at) / half;
  return u >= 1 ? 0 : 0.55 * (1 - u) ** 1.3 + 0.45 * bump(seconds, at, 0.36 * half) * (1 - u ** 4);
}

/** A broad QRS with a notched top: two overlapping humps within `width` seconds, the second the taller. */
function plateau(seconds: number, width: number, notch: number): number {
  return notch * bump(seconds, -0.2 * width, 0.15 * width) + bump(seconds, 0.2 * width, 0.15 * width);
}
