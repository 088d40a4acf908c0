/** Python's json writes NaN and Infinity bare. They become texts; texts that hold these words stay as they are. */
export function parseLenientJson(text: string): unknown {
  return JSON.parse(
    text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (part) => (part.startsWith('"') ? part : `"${part}"`)),
  );
}

/** A number as programs of the Hugging Face family write it: a number, or a text such as "1.5e-05", "nan" or "inf". */
export function foreignNumber(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  const text = value.trim().toLowerCase();
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/.test(text)) return Number(text);
  const match = /^([+-]?)(nan|inf|infinity)$/.exec(text);
  if (match === null) return undefined;
  return match[2] === "nan"
    ? Number.NaN
    : match[1] === "-"
      ? Number.NEGATIVE_INFINITY
      : Number.POSITIVE_INFINITY;
}

/** Seconds of a duration such as "1d 2h 3m 4s", "1:02:03" or "3s". */
export function foreignSeconds(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  const clock = /^(?:(\d+) days?, )?(\d+):(\d\d):(\d\d)$/.exec(value.trim());
  if (clock !== null) {
    const [, days = "0", hours = "0", minutes = "0", seconds = "0"] = clock;
    return Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  }
  const units: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 };
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)\s*([dhms])/g)];
  if (parts.length === 0) return undefined;
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit!]!, 0);
}
