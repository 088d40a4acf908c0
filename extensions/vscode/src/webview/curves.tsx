import { Chart, type ChartProps } from "./chart.tsx";

/** How curves are drawn: smoothed, and on which axis. */
export type CurveLook = Pick<ChartProps, "smoothing" | "logarithmic">;

export interface CurvesProps {
  readonly charts: readonly (Omit<ChartProps, keyof CurveLook> & { readonly name: string })[];
  readonly look: CurveLook;
  onLook(look: CurveLook): void;
  /** What is to be said of them, beside their controls. */
  readonly note?: string;
}

/** A chart a metric, and the two controls over all of them. */
export function Curves({ charts, look: { smoothing, logarithmic }, onLook, note }: CurvesProps) {
  return (
    <section aria-label="Curves">
      <div class="bar">
        <h2>Curves</h2>
        <label>
          Smoothing
          <input
            type="range"
            min={0}
            max={0.99}
            step={0.01}
            value={smoothing}
            onInput={(event) => onLook({ logarithmic, smoothing: Number(event.currentTarget.value) })}
          />
        </label>
        <label>
          <input
            type="checkbox"
            checked={logarithmic}
            onChange={() => onLook({ smoothing, logarithmic: !logarithmic })}
          />{" "}
          Logarithmic
        </label>
        {note !== undefined && <span class="dim">{note}</span>}
      </div>
      {charts.length === 0 && <p class="dim">No step has ended yet.</p>}
      <div class="charts">
        {charts.map(({ name, ...chart }) => (
          <Chart key={name} {...{ ...chart, smoothing, logarithmic }} />
        ))}
      </div>
    </section>
  );
}
