/** How curves are drawn: smoothed, and on which axis. */
export interface CurveLook {
  readonly smoothing: number;
  readonly logarithmic: boolean;
}

/** The two controls over curves. */
export function CurveControls({
  look: { smoothing, logarithmic },
  onChange,
}: {
  readonly look: CurveLook;
  onChange(look: CurveLook): void;
}) {
  return (
    <>
      <label>
        Smoothing
        <input
          type="range"
          min={0}
          max={0.99}
          step={0.01}
          value={smoothing}
          onInput={(event) => onChange({ logarithmic, smoothing: Number(event.currentTarget.value) })}
        />
      </label>
      <label>
        <input
          type="checkbox"
          checked={logarithmic}
          onChange={() => onChange({ smoothing, logarithmic: !logarithmic })}
        />{" "}
        Logarithmic
      </label>
    </>
  );
}
