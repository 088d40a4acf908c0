import type { WardFactId } from "./facts.ts";

/** One value of the chart, as it stands in the stem. */
export interface WardValue {
  readonly fact: WardFactId;
  readonly value: string;
  readonly decisive: boolean;
}
