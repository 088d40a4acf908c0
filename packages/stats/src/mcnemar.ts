import { binomialCdf, binomialPmf } from "./distributions.ts";
import { require } from "./stats-error.ts";

/**
 * McNemar's exact test on the discordant items: `lost` were right before and wrong after, `won` the other way round. `p` is the
 * conditional exact test, `midP` the mid-p variant, less conservative (Fagerland, Lydersen & Laake 2013, BMC Med. Res. Methodol. 13:91). Items must be independent; for clusters use `pairedClusterBootstrap` or `pairedSignFlip`.
 */
export function mcnemarExact(lost: number, won: number): { p: number; midP: number } {
  require([lost, won].every(
    (count) => Number.isInteger(count) && count >= 0,
  ), `discordant counts must be whole numbers, not ${lost} and ${won}`);
  const n = lost + won;
  if (n === 0) return { p: 1, midP: 1 };
  const fewer = Math.min(lost, won);
  const p = Math.min(1, 2 * binomialCdf(fewer, n, 0.5));
  const point = binomialPmf(fewer, n, 0.5);
  return { p, midP: lost === won ? 1 - point / 2 : p - point };
}

/** Holm's step-down adjustment (1979, Scand. J. Stat. 6:65): adjusted p-values in the order given; controls the family-wise error. */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const adjusted = new Array<number>(pValues.length);
  let running = 0;
  for (const [rank, { p, index }] of order.entries()) {
    require(p >= 0 && p <= 1, `${p} is no p-value`);
    running = Math.max(running, Math.min(1, (pValues.length - rank) * p));
    adjusted[index] = running;
  }
  return adjusted;
}
