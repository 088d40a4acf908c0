/** A fraction in percent with one digit: "62.5". "–" for none. */
export function percent(fraction: number | null): string {
  return fraction === null ? "–" : (fraction * 100).toFixed(1);
}

/** "[58.4, 65.7]" in percent. */
export function interval(low: number | null, high: number | null): string {
  return low === null || high === null ? "–" : `[${percent(low)}, ${percent(high)}]`;
}

/** A difference in points, with its sign: "+12.8". */
export function points(difference: number | null): string {
  if (difference === null) return "–";
  const text = percent(difference);
  return difference >= 0 ? `+${text}` : text.replace("-", "−");
}

export function signedInterval(low: number, high: number): string {
  return `[${points(low)}, ${points(high)}]`;
}

/** "0.003", "< 0.001". */
export function probability(p: number | null): string {
  if (p === null) return "–";
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}
