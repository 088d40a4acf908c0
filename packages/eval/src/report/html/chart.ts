import { html, type Markup, type Piece } from "./markup.ts";

/** Charts are drawn 480 wide and scaled to their card, so that letters stay readable on a telephone. */
export const width = 480;

/** A drawing with its name and what it says, for those who don't see it. */
export function chart(height: number, title: string, description: string, body: Piece): Markup {
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${`${title}. ${description}`}">${body}</svg>`;
}

/** From values to pixels, with round marks. */
export interface Axis {
  at(value: number): number;
  ticks: number[];
  low: number;
  high: number;
}

/** An axis over the values, its ends and marks on 1, 2 or 5 times a power of ten. */
export function axis(values: readonly number[], from: number, to: number, most = 5): Axis {
  const finite = values.filter(Number.isFinite);
  let low = Math.min(...finite);
  let high = Math.max(...finite);
  if (!(high > low)) [low, high] = [low - 0.05, high + 0.05];
  const step = roundStep((high - low) / most);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  const ticks = Array.from({ length: last - first + 1 }, (_, at) =>
    Number(((first + at) * step).toPrecision(12)),
  );
  [low, high] = [ticks[0]!, ticks.at(-1)!];
  return { low, high, ticks, at: (value) => round(from + ((value - low) / (high - low)) * (to - from)) };
}

function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5, 10].find((step) => step * power >= rough * 0.999) ?? 10);
}

export const round = (value: number) => Math.round(value * 100) / 100;

/** Lines of the grid with their labels, for a horizontal axis at the bottom. */
export function grid(
  { ticks, at }: Axis,
  top: number,
  bottom: number,
  label: (value: number) => string,
): Markup[] {
  return ticks.map(
    (tick) =>
      html`<line class="grid" x1="${at(tick)}" x2="${at(tick)}" y1="${top}" y2="${bottom}"/><text class="tick" x="${at(tick)}" y="${bottom + 17}" text-anchor="middle">${label(tick)}</text>`,
  );
}

const seriesCount = 8;

/** The class that gives a series its colour. */
export const seriesClass = (series: number) => `s${series % seriesCount}`;

/** A mark of a series: each has its own colour and its own shape. */
export function mark(series: number, x: number, y: number, size = 6): Markup {
  const [cx, cy] = [round(x), round(y)];
  const name = seriesClass(series);
  const path = (points: readonly (readonly [number, number])[]) =>
    points.map(([dx, dy]) => `${round(cx + dx * size)},${round(cy + dy * size)}`).join(" ");
  switch (series % seriesCount) {
    case 1:
      return html`<rect class="${name} mark" x="${cx - size * 0.9}" y="${cy - size * 0.9}" width="${size * 1.8}" height="${size * 1.8}"/>`;
    case 2:
      return html`<polygon class="${name} mark" points="${path([
        [0, -1.25],
        [1.25, 0],
        [0, 1.25],
        [-1.25, 0],
      ])}"/>`;
    case 3:
      return html`<polygon class="${name} mark" points="${path([
        [0, -1.2],
        [1.15, 0.9],
        [-1.15, 0.9],
      ])}"/>`;
    case 4:
      return html`<polygon class="${name} mark" points="${path([
        [0, 1.2],
        [1.15, -0.9],
        [-1.15, -0.9],
      ])}"/>`;
    case 5:
      return html`<polygon class="${name} mark" points="${path([
        [-0.45, -1.2],
        [0.45, -1.2],
        [0.45, -0.45],
        [1.2, -0.45],
        [1.2, 0.45],
        [0.45, 0.45],
        [0.45, 1.2],
        [-0.45, 1.2],
        [-0.45, 0.45],
        [-1.2, 0.45],
        [-1.2, -0.45],
        [-0.45, -0.45],
      ])}"/>`;
    case 6:
      return html`<circle class="${name} mark hollow" cx="${cx}" cy="${cy}" r="${round(size * 0.85)}"/>`;
    case 7:
      return html`<rect class="${name} mark hollow" x="${cx - size * 0.8}" y="${cy - size * 0.8}" width="${size * 1.6}" height="${size * 1.6}"/>`;
    default:
      return html`<circle class="${name} mark" cx="${cx}" cy="${cy}" r="${size}"/>`;
  }
}

/** An interval: a line with ends. */
export function whisker(series: string, low: number, high: number, y: number): Markup {
  const [a, b] = [round(low), round(high)];
  return html`<g class="${series} whisker"><line x1="${a}" x2="${b}" y1="${y}" y2="${y}"/><line x1="${a}" x2="${a}" y1="${y - 5}" y2="${y + 5}"/><line x1="${b}" x2="${b}" y1="${y - 5}" y2="${y + 5}"/></g>`;
}

/** A piece of text that may not take more room than this many letters. */
export const fit = (text: string, most: number) =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;
