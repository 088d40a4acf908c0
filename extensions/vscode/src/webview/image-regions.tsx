import type { RegionView } from "../protocol/case-view.ts";

/** Frames over the picture. They keep their place as it zooms and moves, and their line its width. */
export function RegionFrames({
  regions,
  chosen,
  width,
  height,
  transform,
}: {
  readonly regions: readonly RegionView[];
  readonly chosen: string | undefined;
  readonly width: number;
  readonly height: number;
  readonly transform: string;
}) {
  return (
    <svg
      class="regions"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="xMidYMid meet"
      style={{ transform }}
      aria-hidden="true"
    >
      {regions.map(({ name, x, y, width: across, height: down }, index) => (
        <rect
          key={`${index}${name}`}
          class={name === chosen ? "region chosen" : chosen === undefined ? "region" : "region faint"}
          x={x * width}
          y={y * height}
          width={across * width}
          height={down * height}
          vector-effect="non-scaling-stroke"
        />
      ))}
    </svg>
  );
}

/** The names of the regions: one may be chosen, and then stands out in the picture and in the steps that name it. */
export function RegionNames({
  regions,
  chosen,
  shown,
  onChoose,
  onShow,
}: {
  readonly regions: readonly RegionView[];
  readonly chosen: string | undefined;
  readonly shown: boolean;
  onChoose(name: string | undefined): void;
  onShow(shown: boolean): void;
}) {
  return (
    <fieldset class="region-names" aria-label="Regions">
      <label>
        <input type="checkbox" checked={shown} onChange={() => onShow(!shown)} /> Regions
      </label>
      {[...new Set(regions.map(({ name }) => name))].map((name) => (
        <button
          key={name}
          type="button"
          class="region-name"
          disabled={!shown}
          aria-pressed={name === chosen}
          onClick={() => onChoose(name === chosen ? undefined : name)}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}
