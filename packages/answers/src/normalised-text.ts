/**
 * Texts made comparable: case, accents, width, ligatures, Greek letters, hyphens, punctuation and runs of white space do not count;
 * letters, digits, decimal points, signs before digits and the symbols `% + < > ≤ ≥ = ± ↑ ↓` do.
 */

/** The normalised form, and for each of its code units the place in the source that it came from. */
export type NormalisedText = { text: string; origin: Uint32Array };

const greek: Readonly<Record<string, string>> = {
  α: "alpha",
  β: "beta",
  γ: "gamma",
  δ: "delta",
  κ: "kappa",
  λ: "lambda",
  μ: "u",
  ω: "omega",
};
const minus = /[-−–]/;

/** Normalises `source[start, end)`. The result has no white space at its ends and single spaces inside. */
export function normalise(source: string, start = 0, end: number = source.length): NormalisedText {
  const parts: string[] = [];
  const origin: number[] = [];
  let last = " ";
  const push = (piece: string, at: number) => {
    parts.push(piece);
    for (let unit = 0; unit < piece.length; unit++) origin.push(at);
    last = piece.at(-1)!;
  };
  for (let at = start; at < end; ) {
    const point = String.fromCodePoint(source.codePointAt(at)!);
    const piece = normalisedPoint(source, at, point, last, end);
    if (piece !== " ") push(piece, at);
    else if (last !== " ") push(" ", at);
    at += point.length;
  }
  if (last === " " && parts.length > 0) {
    parts.pop();
    origin.pop();
  }
  return { text: parts.join(""), origin: Uint32Array.from(origin) };
}

/** The normalised form alone. */
export function normalisedText(source: string): string {
  return normalise(source).text;
}

function normalisedPoint(source: string, at: number, point: string, last: string, end: number): string {
  if (/[a-z0-9]/.test(point)) return point;
  const next = at + point.length < end ? source[at + point.length]! : "";
  if (point === "." && /\d/.test(last) && /\d/.test(next)) return ".";
  if (point === "," && /\d/.test(last) && /^\d{3}(?!\d)/.test(source.slice(at + 1, at + 5))) return ""; // thousands
  if (minus.test(point)) return last === " " && /[\d.]/.test(next) ? "-" : " ";
  if (/[%+<>≤≥=±↑↓]/.test(point)) return point;
  const plain = point.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "");
  if (greek[plain] !== undefined) return greek[plain];
  return /^[\p{L}\p{N}]+$/u.test(plain) ? plain : plain === "" ? "" : " ";
}

/**
 * The normalised form without a leading article: "the appendix" is the option "Appendix". The A of "A. Appendix" is a label and
 * that of the blood group "A positive" a name: they stay.
 */
export function withoutArticle(source: string): string {
  const words = normalisedText(source);
  return /^\s*(?:the|an?)\s/i.test(source)
    ? words.replace(/^(?:the|an|a(?! (?:positive|negative)\b)) (?=\S)/, "")
    : words;
}

/** Starts of every occurrence of `needle`, overlaps included (Knuth, Morris, Pratt 1977): linear whatever the texts are. */
export function occurrences(haystack: string, needle: string): number[] {
  if (needle.length === 0 || needle.length > haystack.length) return [];
  const fallback = new Int32Array(needle.length);
  for (let at = 1, matched = 0; at < needle.length; at++) {
    while (matched > 0 && needle[at] !== needle[matched]) matched = fallback[matched - 1]!;
    if (needle[at] === needle[matched]) matched++;
    fallback[at] = matched;
  }
  const found: number[] = [];
  for (let at = 0, matched = 0; at < haystack.length; at++) {
    while (matched > 0 && haystack[at] !== needle[matched]) matched = fallback[matched - 1]!;
    if (haystack[at] === needle[matched]) matched++;
    if (matched === needle.length) {
      found.push(at - matched + 1);
      matched = fallback[matched - 1]!;
    }
  }
  return found;
}

/** Whether `[start, end)` is not inside a longer word or number. Han characters have no word boundaries. */
export function standsAlone(text: string, start: number, end: number): boolean {
  const joins = (a: string | undefined, b: string | undefined) =>
    a !== undefined && b !== undefined && wordUnit.test(a) && wordUnit.test(b);
  return !joins(text[start - 1], text[start]) && !joins(text[end - 1], text[end]);
}

const wordUnit = /[^\s%+<>≤≥=±↑↓\p{Script=Han}]/u;
