import { normalQuantile } from "./distributions.ts";
import { type Interval, tail } from "./interval.ts";
import { require } from "./stats-error.ts";

export type KappaOptions = {
  /** `none` for names; `linear` or `quadratic` for ordered categories. */
  weights?: "none" | "linear" | "quadratic";
  /** The categories in order; needed for weights, and by default those that occur, sorted. */
  categories?: readonly (string | number)[];
  level?: number;
};

/**
 * Cohen's kappa of two raters over the same items, weighted if wanted, with the large-sample interval of Fleiss, Cohen & Everitt 1969
 * (Psychol. Bull. 72:323). Throws `STATS_UNDEFINED` when both raters use one and the same category throughout.
 */
export function cohenKappa(
  a: readonly (string | number)[],
  b: readonly (string | number)[],
  options: KappaOptions = {},
): Interval & { agreement: number; n: number } {
  const { weights = "none", level = 0.95 } = options;
  const n = a.length;
  require(b.length === n, `the raters must judge the same items: ${n} and ${b.length}`);
  require(n > 0, "there are no judgements to compare", "STATS_NO_DATA");
  const categories =
    options.categories ?? [...new Set([...a, ...b])].sort((x, y) => (x < y ? -1 : x > y ? 1 : 0));
  const k = categories.length;
  const at = new Map(categories.map((category, index) => [category, index]));
  const share = new Float64Array(k * k);
  for (let i = 0; i < n; i++) {
    const [row, column] = [at.get(a[i]!), at.get(b[i]!)];
    require(row !== undefined &&
      column !== undefined, `item ${i} is rated ${a[i]} and ${b[i]}, which is not among the categories`);
    share[row * k + column]! += 1 / n;
  }
  const [rows, columns] = [new Float64Array(k), new Float64Array(k)];
  each(k, (i, j) => {
    rows[i]! += share[i * k + j]!;
    columns[j]! += share[i * k + j]!;
  });
  const weight = (i: number, j: number) => {
    if (weights === "none") return i === j ? 1 : 0;
    const distance = k === 1 ? 0 : Math.abs(i - j) / (k - 1);
    return 1 - (weights === "linear" ? distance : distance ** 2);
  };
  let [observed, expected] = [0, 0];
  const [meanRow, meanColumn] = [new Float64Array(k), new Float64Array(k)];
  each(k, (i, j) => {
    observed += weight(i, j) * share[i * k + j]!;
    expected += weight(i, j) * rows[i]! * columns[j]!;
    meanRow[i]! += weight(i, j) * columns[j]!;
    meanColumn[j]! += weight(i, j) * rows[i]!;
  });
  require(1 - expected >
    1e-12, "kappa is undefined: both raters used one category for everything; report the agreement alone", "STATS_UNDEFINED");
  const value = (observed - expected) / (1 - expected);
  let spread = 0;
  each(k, (i, j) => {
    spread +=
      share[i * k + j]! *
      (weight(i, j) * (1 - expected) - (meanRow[i]! + meanColumn[j]!) * (1 - observed)) ** 2;
  });
  const variance =
    (spread - (observed * expected - 2 * expected + observed) ** 2) / (n * (1 - expected) ** 4);
  const half = -normalQuantile(tail(level)) * Math.sqrt(Math.max(0, variance));
  return { value, low: Math.max(-1, value - half), high: Math.min(1, value + half), agreement: observed, n };
}

function each(k: number, visit: (i: number, j: number) => void): void {
  for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) visit(i, j);
}
