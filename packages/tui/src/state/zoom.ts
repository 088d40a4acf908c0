import type { Model } from "./model.ts";

/** The steps that all charts show: of the run, or of all compared runs. */
export function allSteps({ run, compare }: Model): { from: number; to: number } {
  const runs =
    compare === undefined ? (run === undefined ? [] : [run]) : compare.runs.map(({ run: each }) => each);
  const last = Math.max(1, ...runs.map(({ state, series }) => Math.max(state.step, series.step)));
  return { from: 1, to: Math.max(2, last) };
}

/** The stretch after a zoom around the end of what is shown, or after moving by a share of it. All steps become null: the chart grows with the run. */
export function zoomed(
  zoom: { from: number; to: number } | null,
  model: Model,
  { factor = 1, pan = 0 }: { factor?: number; pan?: number },
): { from: number; to: number } | null {
  const all = allSteps(model);
  const { from, to } = zoom ?? all;
  const width = Math.max(1, Math.round((to - from) * factor));
  if (width >= all.to - all.from) return null;
  const move = Math.round(width * pan);
  const end = Math.min(all.to, Math.max(all.from + width, to + move));
  return { from: end - width, to: end };
}
