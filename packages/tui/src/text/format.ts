/** A number in at most about seven characters: three digits that count, or 1.2e-5. */
export function number(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return value.toExponential(1).replace("e+", "e").replace(/\.0e/, "e");
  if (size >= 1000) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

/** A number in seven characters at most, for axes. */
export function axisNumber(value: number): string {
  for (const digits of [3, 2, 1]) {
    const text = number(Number(value.toPrecision(digits)));
    if (text.length <= 7) return text;
  }
  return value.toExponential(0).replace("e+", "e");
}

/** Bytes in binary units: "1.4 GiB". */
export function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let [value, at] = [count, 0];
  while (value >= 1024 && at < units.length - 1) {
    value /= 1024;
    at += 1;
  }
  return `${at === 0 ? value : value.toFixed(1)} ${units[at]}`;
}

/** The same in six characters at most, for axes: "1.4G". */
export function shortBytes(count: number): string {
  const [value = "0", unit = "B"] = bytes(count).split(" ");
  return `${value.length > 4 ? Math.round(Number(value)) : value}${unit.replace("iB", "")}`;
}

/** Seconds in the two largest units: "3m 20s", "2h 05m", "4d 03h". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)}h ${two(Math.floor((whole % 3600) / 60))}m`;
  return `${Math.floor(whole / 86_400)}d ${two(Math.floor((whole % 86_400) / 3600))}h`;
}

export const percent = (share: number, digits = 0): string => `${(100 * share).toFixed(digits)} %`;

/** The time of day in UTC of an ISO time, and its day when it is another one than `today`. */
export function clock(ts: string, today?: string): string {
  const [day = "", time = ""] = ts.split("T");
  return today === undefined || day === today ? time.slice(0, 8) : `${day.slice(5)} ${time.slice(0, 5)}`;
}
