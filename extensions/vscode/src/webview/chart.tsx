import { useEffect, useRef } from "preact/hooks";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Curve } from "../protocol/run-messages.ts";

export interface ChartLine {
  readonly label: string;
  /** Class of the little bar that stands for it, where there are several. */
  readonly swatch?: string;
  readonly curve: Curve;
  readonly colour: string;
}

export interface ChartProps {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly ChartLine[];
  readonly smoothing: number;
  readonly logarithmic: boolean;
}

const height = 170;

/** Curves of one metric on a canvas: the mean of each bucket, and the band from its lowest to its highest value when there is one line. */
export function Chart({ title, unit, lines, smoothing, logarithmic }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const shape = `${lines.map(({ label, colour }) => `${label} ${colour}`).join()} ${logarithmic}`;
  const data = columns(lines, smoothing, logarithmic);

  useEffect(() => {
    const element = box.current!;
    const made = new UPlot(settings(lines, unit, element.clientWidth, logarithmic), data, element);
    plot.current = made;
    const watcher = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [shape]);
  useEffect(() => plot.current?.setData(data), [lines, smoothing]);

  const shown = (value: number | undefined) =>
    unit === "bytes" && value !== undefined ? bytes(value) : number(value);
  const last = lines
    .map(({ label, curve }) => `${lines.length > 1 ? `${label} ` : ""}${shown(curve.mean.at(-1))}`)
    .join(", ");
  return (
    <figure class="chart">
      <figcaption>
        {title}
        <span class="dim">{unit === "" || unit === "bytes" ? "" : ` ${unit}`}</span>
        <span class="at" />
        <span class="now">
          {lines.length === 1
            ? last
            : lines.map(({ label, swatch, curve }, index) => (
                <span key={`${index}${label}`} title={label}>
                  <span class={`swatch ${swatch ?? ""}`} /> {shown(curve.mean.at(-1))}
                </span>
              ))}
        </span>
      </figcaption>
      <div ref={box} role="img" aria-label={`${title} over the steps, now ${last} ${unit}`} />
    </figure>
  );
}

/** Steps of all lines, and for each line its values at them; one line has its band as well. */
function columns(lines: readonly ChartLine[], smoothing: number, logarithmic: boolean): UPlot.AlignedData {
  const positive = (value: number | undefined) =>
    value === undefined || (logarithmic && value <= 0) ? null : value;
  if (lines.length === 1) {
    const { step, mean, low, high } = lines[0]!.curve;
    return [[...step], smoothed(mean, smoothing).map(positive), low.map(positive), high.map(positive)];
  }
  const steps = [...new Set(lines.flatMap(({ curve }) => curve.step))].sort((a, b) => a - b);
  return [
    steps,
    ...lines.map(({ curve }) => {
      const values = smoothed(curve.mean, smoothing);
      const at = new Map(curve.step.map((step, index) => [step, values[index]]));
      return steps.map((step) => (at.has(step) ? positive(at.get(step)) : undefined));
    }),
  ] as UPlot.AlignedData;
}

/** Exponential moving average with its start made good, as in Adam. */
export function smoothed(values: readonly number[], weight: number): number[] {
  if (weight <= 0) return [...values];
  let [mean, share] = [0, 1];
  return values.map((value) => {
    mean = weight * mean + (1 - weight) * value;
    share *= weight;
    return mean / (1 - share);
  });
}

function settings(
  lines: readonly ChartLine[],
  unit: string,
  width: number,
  logarithmic: boolean,
): UPlot.Options {
  const style = getComputedStyle(document.body);
  const named = (name: string, otherwise: string) => style.getPropertyValue(name).trim() || otherwise;
  const [text, grid] = [
    named("--vscode-descriptionForeground", "gray"),
    named("--vscode-panel-border", "rgba(128,128,128,0.3)"),
  ];
  const axis = {
    stroke: text,
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1 },
    font: `11px ${named("--vscode-font-family", "sans-serif")}`,
  };
  const one = lines.length === 1;
  const series: UPlot.Series[] = lines.map(({ label, colour }) => ({
    label,
    stroke: named(colour, "#3794ff"),
    width: 1.6,
    spanGaps: true,
    points: { show: false },
  }));
  const band: UPlot.Series = { stroke: "transparent", points: { show: false } };
  const fill = named(lines[0]!.colour, "#3794ff");
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, points: { size: 6 } },
    scales: { x: { time: false }, y: logarithmic ? { distr: 3 } : {} },
    axes: [
      { ...axis, size: 28 },
      {
        ...axis,
        size: 62,
        values: (_, ticks) => ticks.map((tick) => (unit === "bytes" ? bytes(tick) : number(tick))),
      },
    ],
    series: one
      ? [{}, series[0]!, { ...band, label: "lowest" }, { ...band, label: "highest" }]
      : [{}, ...series],
    ...(one ? { bands: [{ series: [3, 2], fill: `color-mix(in srgb, ${fill} 18%, transparent)` }] } : {}),
    hooks: { setCursor: [tell] },
  };
}

/** The values under the cursor, in the caption's own place for them; empty again when the cursor has left. */
function tell(plot: UPlot): void {
  const place = plot.root.closest("figure")?.querySelector(".at");
  if (place === null || place === undefined) return;
  const { idx } = plot.cursor;
  if (idx === null || idx === undefined) {
    place.textContent = "";
    return;
  }
  const lines = plot.series.slice(1).filter(({ label }) => label !== "lowest" && label !== "highest");
  const shown = lines.flatMap(({ label }, index) => {
    const value = plot.data[index + 1]?.[idx];
    if (value === null || value === undefined) return [];
    return [`${lines.length > 1 ? `${String(label)} ` : ""}${number(value)}`];
  });
  place.textContent = `${shown.join(", ")} at step ${Math.round(plot.data[0][idx] ?? 0)}`;
}

export function number(value: number | undefined | null): string {
  if (value === undefined || value === null) return "–";
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6)
    ? value.toExponential(1)
    : String(Number(value.toPrecision(4)));
}

const bytes = (value: number) => (value >= 1e9 ? `${number(value / 1e9)} GB` : `${number(value / 1e6)} MB`);
