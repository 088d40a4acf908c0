/** A fraction as it is printed: "62.5 %". */
export const percent = (fraction: number): string => `${(100 * fraction).toFixed(1)} %`;

/** A share with its 95 % interval: "62.5 % [58.6, 66.2]". */
export const interval = ({ value, low, high }: { value: number; low: number; high: number }): string =>
  `${percent(value)} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`;

/** A difference of fractions in points: "+3.1". */
export const points = (fraction: number): string =>
  `${fraction < 0 ? "−" : "+"}${Math.abs(100 * fraction).toFixed(1)}`;

/** A p-value: "0.013", or "< 0.001". */
export const pValue = (p: number): string => (p < 0.001 ? "< 0.001" : p.toFixed(3));

/** Bytes in a unit that suits them: "1.4 GB". */
export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let [value, at] = [count, 0];
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at += 1;
  }
  return `${at === 0 ? value : value.toFixed(1)} ${units[at]}`;
}

/** A number with three digits that count. */
export const short = (value: number): string => Number(value.toPrecision(3)).toString();

/** The sum of counts. */
export const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

/** Counts by name in words: "image-missing 2, invalid 1"; "none" when there are none. */
export function countsText(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).filter(([, count]) => count > 0);
  if (entries.length === 0) return "none";
  return entries.map(([name, count]) => `${name} ${count}`).join(", ");
}
