import type { RegionView, TraceView } from "../protocol/case-view.ts";

/** An answer, and what of it stands out: a criterion, a marked part of the pictures. */
export interface ColumnProps {
  readonly trace: TraceView;
  readonly criteria: readonly string[];
  /** The criterion whose quotes stand out. */
  readonly chosen: string | undefined;
  onChoose(name: string | undefined): void;
  /** Marked parts of the pictures: a step that names one leads to it. */
  readonly regions: readonly RegionView[];
  readonly region: string | undefined;
  onRegion(name: string | undefined): void;
  /** Steps in the order of the page, `null` where the other answer has one more. */
  readonly rows?: readonly (number | null)[];
}

const criterionColours = 6;
/** The colour of a criterion: by its place in the rating, so that it is the same in both columns. */
export const colourOf = (criteria: readonly string[], name: string): number =>
  Math.max(0, criteria.indexOf(name)) % criterionColours;
