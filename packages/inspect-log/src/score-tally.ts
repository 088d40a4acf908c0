/** What a scorer gave. */
export interface Tally {
  scorer: string;
  /** Samples (not epochs) with a score, and without. */
  scored: number;
  unscored: number;
  mean: number | null;
  /** Of the mean, taking samples as independent, as Inspect's `stderr`; null for fewer than two. */
  standardError: number | null;
}

/** Counts scores by sample: the epochs of a sample are averaged first, as Inspect's reducer "mean" does. */
export function tally(): {
  add(scorer: string, id: string | number, value: number | null): void;
  scores(): Tally[];
} {
  const scorers = new Map<string, Map<string | number, { sum: number; n: number }>>();
  return {
    add(scorer, id, value) {
      const samples = scorers.get(scorer) ?? new Map<string | number, { sum: number; n: number }>();
      scorers.set(scorer, samples);
      const known = samples.get(id) ?? { sum: 0, n: 0 };
      samples.set(id, value === null ? known : { sum: known.sum + value, n: known.n + 1 });
    },
    scores: () =>
      [...scorers].map(([scorer, samples]) => {
        const means = [...samples.values()].flatMap(({ sum, n }) => (n === 0 ? [] : [sum / n]));
        const n = means.length;
        const mean = n === 0 ? null : means.reduce((sum, value) => sum + value, 0) / n;
        const variance =
          mean === null || n < 2
            ? null
            : means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
        return {
          scorer,
          scored: n,
          unscored: samples.size - n,
          mean,
          standardError: variance === null ? null : Math.sqrt(variance / n),
        };
      }),
  };
}
