import { hypothetical } from "../lexicon.ts";
import type { TraceContext } from "../trace-context.ts";
import type { Flip } from "./flips.ts";

/** Words of which a thing can be one or the other. Forms of a stem follow one another. */
const opposites: readonly (readonly [readonly string[], readonly string[]])[] = [
  [["left"], ["right"]],
  [
    ["high", "raised", "elevated", "increased", "increases", "increase", "higher", "rising"],
    ["low", "lowered", "reduced", "decreased", "decreases", "decrease", "lower", "falling"],
  ],
  [["normal"], ["abnormal"]],
  [["present"], ["absent"]],
  [["positive"], ["negative"]],
  [["upper", "superior"], ["inferior"]],
  [["anterior"], ["posterior"]],
  [["acute"], ["chronic"]],
  [
    ["large", "enlarged", "dilated"],
    ["small", "shrunken", "narrowed"],
  ],
  [
    ["more", "many"],
    ["fewer", "few", "less"],
  ],
  [["bilateral"], ["unilateral"]],
  [["benign"], ["malignant"]],
  [["open"], ["closed"]],
  [["before"], ["after"]],
  [["inside"], ["outside"]],
  [["proximal"], ["distal"]],
  [["medial"], ["lateral"]],
];
const side = new Map<string, { pair: number; which: number }>();
for (const [pair, sides] of opposites.entries())
  for (const [which, words] of sides.entries()) for (const word of words) side.set(word, { pair, which });

const negators = new Set([
  "no",
  "not",
  "never",
  "without",
  "neither",
  "nor",
  "cannot",
  "none",
  "nothing",
  "isn",
  "aren",
  "doesn",
  "don",
  "wasn",
  "hasn",
  "haven",
  "can",
]);
/** Words that carry no statement of their own. */
const loose = new Set(
  "a an the of in on at to for with and or but is are was were be been has have had does do did can will it its this that these those as by from then so there here also he she his her they their".split(
    " ",
  ),
);

interface Said {
  negative: boolean;
  sides: string;
  numbers: string;
  start: number;
  end: number;
}

/**
 * Sentences that share all their words but differ in a denial, in one of two opposites, or in a number. Thoughts ("would", "if") and sums do not
 * count. Linear: sentences meet by a key of their words.
 */
export function reversals({ sentences, shown }: TraceContext): Flip[] {
  const seen = new Map<string, Said>();
  const found: Flip[] = [];
  for (const { start, end, text } of sentences) {
    if (text.length > 400 || hypothetical.test(text) || /[=×]|\+/.test(text)) continue;
    const words = text.toLowerCase().match(/\p{L}+|\d+(?:[.,]\d+)*/gu) ?? [];
    const key: string[] = [];
    const sides: string[] = [];
    const numbers: string[] = [];
    let negations = 0;
    for (const word of words) {
      const opposite = side.get(word);
      if (/^\d/.test(word)) {
        numbers.push(word);
        key.push("#");
      } else if (opposite !== undefined) {
        sides.push(`${opposite.pair}:${opposite.which}`);
        key.push(`~${opposite.pair}`);
      } else if (negators.has(word)) negations += word === "can" ? 0 : 1;
      else if (!loose.has(word)) key.push(stem(word));
    }
    if (key.length < 2) continue;
    const id = key.sort().join(" ");
    const said: Said = {
      negative: negations % 2 === 1,
      sides: sides.join(" "),
      numbers: numbers.join(" "),
      start,
      end,
    };
    const known = seen.get(id);
    if (known === undefined) {
      seen.set(id, said);
      continue;
    }
    const reason = difference(known, said, key.length, shown);
    if (reason !== null)
      found.push({ reason, ranges: [known, said].map(({ start, end }) => ({ start, end })) });
  }
  return found;
}

function difference(a: Said, b: Said, words: number, shown: string): string | null {
  if (a.negative !== b.negative) return "it is said and denied";
  if (a.sides !== b.sides) return "the opposite is said";
  if (a.numbers === b.numbers || words < 3) return null;
  // numbers that the case holds both may belong to two times or places
  const told = [...a.numbers.split(" "), ...b.numbers.split(" ")].every((number) => shown.includes(number));
  return told ? null : "the number changes";
}

/** Third persons and plurals count as one word. */
const stem = (word: string) => (word.length > 3 ? word.replace(/(?:es|s)$/, "") : word);
