import { normalQuantile } from "./distributions.ts";
import { tail } from "./interval.ts";
import { require } from "./stats-error.ts";

/** Power of a paired comparison of two proportions by McNemar's test, Connor 1987 (Biometrics 43:207). */
export type PowerOptions = {
  /** Share of items, 0–1, on which the two conditions disagree. */
  discordance: number;
  power?: number;
  level?: number;
  /** Variance of the difference relative to independent items; items are worth n / designEffect. */
  designEffect?: number;
};

/**
 * The smallest true difference in accuracy, 0–1, that n pairs would show with the wanted power; null when even the largest possible
 * one (all disagreements in one direction) would not do.
 */
export function minimumDetectableDifference(
  n: number,
  { discordance, power = 0.8, level = 0.95, designEffect = 1 }: PowerOptions,
): number | null {
  require(n > 0, "a power analysis needs at least one pair", "STATS_NO_DATA");
  const { zAlpha, zBeta } = check(discordance, power, level, designEffect);
  const pairs = n / designEffect;
  // (δ√n − zα√ψ)² = zβ²(ψ − δ²), solved for δ
  const linear = zAlpha * Math.sqrt(pairs * discordance);
  const root = Math.sqrt(linear ** 2 - (pairs + zBeta ** 2) * (zAlpha ** 2 - zBeta ** 2) * discordance);
  const difference = (linear + root) / (pairs + zBeta ** 2);
  return difference <= discordance ? difference : null;
}

/** Pairs needed to show a difference. */
export function requiredPairs(
  difference: number,
  { discordance, power = 0.8, level = 0.95, designEffect = 1 }: PowerOptions,
): number {
  const { zAlpha, zBeta } = check(discordance, power, level, designEffect);
  require(difference > 0 &&
    difference <=
      discordance, `a difference of ${difference} cannot come from a discordance of ${discordance}`);
  const pairs =
    ((zAlpha * Math.sqrt(discordance) + zBeta * Math.sqrt(discordance - difference ** 2)) / difference) ** 2;
  return Math.ceil(pairs * designEffect);
}

function check(discordance: number, power: number, level: number, designEffect: number) {
  require(discordance > 0 && discordance <= 1, `the discordance must lie in (0, 1], not ${discordance}`);
  require(power > 0.5 && power < 1, `the power must lie between 0.5 and 1, not ${power}`);
  require(designEffect > 0, `the design effect must be positive, not ${designEffect}`);
  return { zAlpha: -normalQuantile(tail(level)), zBeta: normalQuantile(power) };
}
