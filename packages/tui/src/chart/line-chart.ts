import { type Bucket, type Series, seriesWindow } from "@mede2/runs";
import { fit } from "../text/cells.ts";
import { axisNumber, number } from "../text/format.ts";
import { type Line, type Role, span } from "../text/line.ts";
import { drawLine, openCanvas } from "./canvas.ts";
import { smoothed } from "./smooth.ts";

export interface ChartSeries {
  title: string;
  series: Series;
  /** Which of the four series colours. */
  colour: number;
}

export interface ChartSettings {
  title: string;
  unit?: string | undefined;
  series: readonly ChartSeries[];
  /** Few values, such as those of evaluations, drawn as signs. */
  overlay?: readonly { title: string; series: Series }[];
  from: number;
  to: number;
  log: boolean;
  /** Weight of the moving average, 0 for none. */
  smooth: number;
  format?: ((value: number) => string) | undefined;
  /** Of the vertical axis: seven cells at most. */
  axis?: ((value: number) => string) | undefined;
}

export interface ChartLook {
  columns: number;
  rows: number;
  ascii: boolean;
  /** Without colours several series are told apart by signs. */
  colours: boolean;
}

const axisCells = 9;

/** A chart in exactly `rows` lines: a title with the newest values, the curves, and the steps below. */
export function lineChart(settings: ChartSettings, look: ChartLook): Line[] {
  const { from, to, format = number, axis = axisNumber } = settings;
  const columns = Math.max(4, look.columns - axisCells);
  const lines = Math.max(1, look.rows - 2);
  const ascii = look.ascii || (!look.colours && settings.series.length > 1);
  const canvas = openCanvas(columns, lines, ascii);
  const curves = settings.series.map(({ series, colour }) => {
    const buckets = seriesWindow(series, { from, to, buckets: canvas.width });
    return {
      colour,
      buckets,
      means: smoothed(
        buckets.map(({ mean }) => mean),
        settings.smooth,
      ),
    };
  });
  const points = (settings.overlay ?? []).map(({ series }) =>
    seriesWindow(series, { from, to, buckets: columns }),
  );
  const range = rangeOf(curves, points, settings);
  const title = titleOf(settings, curves, format);
  if (range === null) return [title, ...emptyBody(columns, lines), footer(from, to, columns)];
  const place = (step: number) => Math.round(((step - from) / Math.max(1, to - from)) * (canvas.width - 1));
  const height = (value: number) =>
    Math.round(
      (1 - (scaled(value, settings.log) - range.low) / (range.high - range.low || 1)) * (canvas.height - 1),
    );
  for (const { buckets, means, colour } of curves) {
    let before: [number, number] | undefined;
    for (const [index, bucket] of buckets.entries()) {
      const x = place((bucket.first + bucket.last) / 2);
      // the extremes are drawn, too: a spike of one step is seen in a picture of a million
      const [top, bottom] = [height(bucket.high), height(bucket.low)];
      if (bucket.count > 1 && bottom - top > 1)
        drawLine(canvas, [x, top], [x, bottom], settings.smooth > 0 ? -1 : colour);
      else if (settings.smooth > 0) canvas.dot(x, height(bucket.mean), -1);
      const at: [number, number] = [x, height(means[index]!)];
      drawLine(canvas, before ?? at, at, colour);
      before = at;
    }
  }
  for (const buckets of points)
    for (const bucket of buckets) canvas.sign(place(bucket.last), height(bucket.mean), "●", "title");
  const labels = labelsOf(range, lines, settings.log, axis);
  const body = canvas
    .rows()
    .map(
      (row, index): Line => [
        span(`${fit(labels.get(index) ?? "", axisCells - 2, "right")} │`, "dim"),
        ...row,
      ],
    );
  return [title, ...body, footer(from, to, columns)];
}

const scaled = (value: number, log: boolean) => (log ? Math.log10(Math.max(value, 1e-12)) : value);

interface Curve {
  colour: number;
  buckets: Bucket[];
  means: number[];
}

/** Lowest and highest value that are shown, with a little room where they are equal; scaled. */
function rangeOf(
  curves: readonly Curve[],
  points: readonly Bucket[][],
  { log, smooth }: ChartSettings,
): { low: number; high: number } | null {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const see = (value: number) => {
    if (log && value <= 0) return;
    low = Math.min(low, value);
    high = Math.max(high, value);
  };
  for (const { buckets, means } of curves)
    for (const [index, bucket] of buckets.entries()) {
      see(means[index]!);
      if (smooth > 0.9) continue; // strong smoothing looks at the course, not at the noise
      see(bucket.low);
      see(bucket.high);
    }
  for (const buckets of points) for (const { mean } of buckets) see(mean);
  if (low > high) return null;
  if (low === high) {
    const room = Math.abs(low) * 0.1 || 1;
    [low, high] = [log ? low / 2 : low - room, log ? high * 2 : high + room];
  }
  return { low: scaled(low, log), high: scaled(high, log) };
}

function titleOf(settings: ChartSettings, curves: readonly Curve[], format: (value: number) => string): Line {
  const line: (string | ReturnType<typeof span>)[] = [span(settings.title, "title")];
  if (settings.unit !== undefined) line.push(span(` ${settings.unit}`, "dim"));
  for (const [index, { title, colour }] of settings.series.entries()) {
    const last = curves[index]!.means.at(-1);
    const role = `series${colour}` as Role;
    const sign = ["●", "○", "+", "×"][colour] ?? "●";
    if (settings.series.length > 1) line.push("  ", span(`${sign} ${title}`, role));
    line.push(" ", span(last === undefined ? "–" : format(last), role, { bold: true }));
  }
  for (const { title, series } of settings.overlay ?? []) {
    const last = series.levels[0]?.sum.at(-1);
    if (last !== undefined) line.push("  ", span(`● ${title} ${format(last)}`, "title"));
  }
  const notes = [settings.log ? "log" : "", settings.smooth > 0 ? `smooth ${settings.smooth}` : ""].filter(
    (note) => note !== "",
  );
  if (notes.length > 0) line.push(span(`  ${notes.join(", ")}`, "dim"));
  return line;
}

/** The labels of the vertical axis by row: at the top, at the bottom, and in the middle where there is room. */
function labelsOf(
  range: { low: number; high: number },
  lines: number,
  log: boolean,
  format: (value: number) => string,
): Map<number, string> {
  const at = (row: number) => {
    const value = range.high - ((range.high - range.low) * row) / Math.max(1, lines - 1);
    return format(log ? 10 ** value : value);
  };
  const rows =
    lines >= 9
      ? [
          0,
          Math.round((lines - 1) / 4),
          Math.round((lines - 1) / 2),
          Math.round((3 * (lines - 1)) / 4),
          lines - 1,
        ]
      : lines >= 5
        ? [0, Math.round((lines - 1) / 2), lines - 1]
        : [0, lines - 1];
  return new Map(rows.map((row) => [row, at(row)]));
}

function footer(from: number, to: number, columns: number): Line {
  const [first, middle, last] = [from, Math.round((from + to) / 2), to].map((step) =>
    String(Math.round(step)),
  );
  const room = columns - first!.length - last!.length;
  const center = room > middle!.length + 4 ? middle! : "";
  const left = Math.floor((columns - center.length) / 2) - first!.length;
  const right = room - center.length - left;
  return [
    span(
      `${" ".repeat(axisCells - 1)}${first}${" ".repeat(Math.max(1, left + 1))}${center}${" ".repeat(Math.max(1, right))}${last}`,
      "dim",
    ),
  ];
}

function emptyBody(columns: number, lines: number): Line[] {
  return Array.from(
    { length: lines },
    (_, index): Line => [
      span(
        `${" ".repeat(axisCells - 2)} │${index === Math.floor(lines / 2) ? fit(" no values yet", columns) : ""}`,
        "dim",
      ),
    ],
  );
}
