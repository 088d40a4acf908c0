/**
 * Numbers with units. Units are compared after their SI prefixes are taken out, so 1200 mg is 1.2 g and 1 mg/dL is 10 mg/L; units of
 * different kinds (mg and mmol) never compare, for that needs the substance.
 */
export type Quantity = { value: number; unit: string };

const number =
  /[-+−]?(?:\d{1,3}(?:[,\u202f]\d{3})+|\d+)?(?:\.\d+|(?<=\d))(?:\s?(?:[x×*]|\\times)\s?10\s?\^?\s?[{(]?[-−]?\d{1,3}[)}]?|e[-+]?\d{1,3})?/iu;

/** The first number in a text with the unit after it, or null. Reads `1,234.5`, `−3e-4`, `1.2 × 10^3`, `3/4`, `12 %`. */
export function findQuantity(text: string): (Quantity & { start: number; end: number }) | null {
  const match = number.exec(text);
  if (!match) return null;
  if (
    /^[/-]\d{1,2}[/-]\d{2,4}(?!\d)/.test(
      text.slice(match.index + match[0].length, match.index + match[0].length + 12),
    )
  )
    return null; // a date
  let value = numberValue(match[0]);
  let end = match.index + match[0].length;
  const fraction = /^\s?\/\s?(\d+(?:\.\d+)?)(?![\w.])/.exec(text.slice(end, end + 40));
  if (fraction && Number(fraction[1]) !== 0) {
    value /= Number(fraction[1]);
    end += fraction[0].length;
  }
  const unit =
    /^\s?((?:[%°µμΩ]|[A-Za-z]{1,8})(?:[A-Za-z%°µμ0-9²³^·*./-]{0,24}[A-Za-z0-9²³%])?)/u.exec(
      text.slice(end, end + 48),
    )?.[1] ?? "";
  const known = unit === "" || scaleOf(unit) !== null;
  return {
    value,
    unit: known ? unit : "",
    start: match.index,
    end: known && unit !== "" ? end + text.slice(end).indexOf(unit) + unit.length : end,
  };
}

/**
 * Whether a quantity equals the gold value within its absolute tolerance, given in the gold's unit. A quantity without a unit is taken
 * to be in the gold's unit; one with a unit of another kind is not equal.
 */
export function quantityMatches(said: Quantity, gold: Quantity & { tolerance: number }): boolean {
  const slack = 1e-9 * Math.max(1, Math.abs(gold.value));
  const near = (value: number) => Math.abs(value - gold.value) <= gold.tolerance + slack;
  if (said.unit === "" || gold.unit === "") return near(said.value);
  const [from, to] = [scaleOf(said.unit), scaleOf(gold.unit)];
  if (from === null || to === null) return bare(said.unit) === bare(gold.unit) && near(said.value);
  return from.kind === to.kind && near((said.value * from.factor) / to.factor);
}

function numberValue(text: string): number {
  const plain = text.replace(/[,\u202f\s]/g, "").replace(/−/g, "-");
  const power = /^(.*?)(?:[x×*]|\\times)10\^?[{(]?(-?\d+)[)}]?$/i.exec(plain);
  return power ? Number(power[1]) * 10 ** Number(power[2]) : Number(plain);
}

const prefixes: Readonly<Record<string, number>> = {
  k: 1e3,
  d: 1e-1,
  c: 1e-2,
  m: 1e-3,
  u: 1e-6,
  n: 1e-9,
  p: 1e-12,
  f: 1e-15,
};
const scalable = [
  "g",
  "l",
  "mol",
  "m",
  "eq",
  "osm",
  "iu",
  "u",
  "s",
  "pa",
  "j",
  "cal",
  "hz",
  "v",
  "sv",
  "gy",
  "bq",
];
const fixed: Readonly<Record<string, { factor: number; kind: string }>> = {
  "%": { factor: 1, kind: "%" },
  percent: { factor: 1, kind: "%" },
  mmhg: { factor: 1, kind: "mmhg" },
  cmh2o: { factor: 1, kind: "cmh2o" },
  s: { factor: 1, kind: "s" },
  sec: { factor: 1, kind: "s" },
  second: { factor: 1, kind: "s" },
  min: { factor: 60, kind: "s" },
  minute: { factor: 60, kind: "s" },
  h: { factor: 3600, kind: "s" },
  hr: { factor: 3600, kind: "s" },
  hour: { factor: 3600, kind: "s" },
  day: { factor: 86400, kind: "s" },
  d: { factor: 86400, kind: "s" },
  week: { factor: 604800, kind: "s" },
  month: { factor: 1, kind: "month" },
  year: { factor: 1, kind: "year" },
  yr: { factor: 1, kind: "year" },
  kg: { factor: 1e3, kind: "g" },
  mcg: { factor: 1e-6, kind: "g" },
  lb: { factor: 453.59237, kind: "g" },
  unit: { factor: 1, kind: "u" },
  point: { factor: 1, kind: "point" },
  bpm: { factor: 1, kind: "bpm" },
  c: { factor: 1, kind: "celsius" },
  f: { factor: 1, kind: "fahrenheit" },
  mm3: { factor: 1e-6, kind: "l" },
  cm3: { factor: 1e-3, kind: "l" },
  m2: { factor: 1, kind: "m2" },
  cm2: { factor: 1e-4, kind: "m2" },
  gram: { factor: 1, kind: "g" },
  liter: { factor: 1, kind: "l" },
  litre: { factor: 1, kind: "l" },
};

/** Factor to the base unit and the kind of a unit such as `mg/dL` or `mL/min/1.73m2`; null when a part is unknown. */
function scaleOf(unit: string): { factor: number; kind: string } | null {
  const parts = bare(unit).split("/");
  let factor = 1;
  const kinds: string[] = [];
  for (const [index, part] of parts.entries()) {
    const one = partScale(part);
    if (one === null) return null;
    factor = index === 0 ? one.factor : factor / one.factor;
    kinds.push(one.kind);
  }
  return { factor, kind: kinds.join("/") };
}

function partScale(part: string): { factor: number; kind: string } | null {
  const exact = fixed[part] ?? fixed[part.replace(/s$/, "")];
  if (exact) return exact;
  if (/^1\.73(?:m2)?$/.test(part)) return { factor: 1, kind: "1.73m2" };
  const base = part
    .replace(
      /^(?:milli|micro|deci|kilo)(?=[gl])/,
      (word) => ({ milli: "m", micro: "u", deci: "d", kilo: "k" })[word]!,
    )
    .replace(/grams?$/, "g")
    .replace(/lit(?:er|re)s?$/, "l");
  if (scalable.includes(base)) return { factor: 1, kind: base };
  const prefix = prefixes[base[0] ?? ""];
  return prefix !== undefined && scalable.includes(base.slice(1))
    ? { factor: prefix, kind: base.slice(1) }
    : null;
}

function bare(unit: string): string {
  return unit
    .toLowerCase()
    .replace(/[µμ]/g, "u")
    .replace(/²/g, "2")
    .replace(/³/g, "3")
    .replace(/[\^°]/g, "")
    .replace(/[·*]/g, "/")
    .replace(/\s/g, "")
    .replace(/\.$/, "")
    .replace(/per/g, "/");
}
