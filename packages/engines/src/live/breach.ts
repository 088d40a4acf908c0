/** Something that must hold of a run and does not: the run is not the one that the plan describes, whatever its exit code will be. */
export type Breach = {
  /** Kebab-case, as in the event `invariant-broken`. */
  readonly name: string;
  readonly expected?: number | string;
  readonly actual?: number | string;
  /** What went wrong, in one sentence. */
  readonly cause: string;
  readonly next: string;
};
