import type { Range } from "@mede2/answers";
import { areOpposite, wordStem } from "../antonyms.ts";
import { isAmong, stemOf } from "../content-words.ts";
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

/** Negators of several words. With the absolute and the approximate ones below they are a closed class (Huddleston and Pullum, The Cambridge Grammar of the English Language, chapter 9). */
const negatingPhrases =
  /\b(?:by no means|in no way|no longer|not at all|on no account|under no circumstances|in no case|far from|anything but)\b/g;
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
  "t",
  "nobody",
  "nowhere",
  "hardly",
  "scarcely",
  "barely",
  "rarely",
  "seldom",
  "fail",
  "fails",
  "failed",
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

/** Two sentences that cannot both hold; or, `altered`, of which one is the other with a word changed, whatever the two words mean. */
export interface Reversal extends Flip {
  altered: boolean;
}

/**
 * Sentences that share all their words but differ in a denial, in one of two opposites, or in a number; and sentences of four words or more that share all but one, unless the case holds both of
 * these (then they are two things that it tells of). Thoughts ("would", "if") and sums do not count. Linear: sentences meet by a key of their words, and of all their words but one.
 */
export function reversals({ sentences, shown, knownWords }: TraceContext): Reversal[] {
  const seen = new Map<string, Said>();
  const frames = new Map<number, FrameUse[]>();
  const found: Reversal[] = [];
  for (const { start, end, text } of sentences) {
    if (text.length > 400 || hypothetical.test(text) || /[=×]|\+/.test(text)) continue;
    const words =
      text
        .toLowerCase()
        .replace(negatingPhrases, " not ")
        .replace(/\b(?:has|have|had) no need of\b/g, " not need ")
        .match(/\p{L}+|\d+(?:[.,]\d+)*/gu) ?? [];
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
      } else if (negators.has(word)) negations += word === "can" || word === "t" ? 0 : 1;
      else if (!loose.has(word)) key.push(wordStem(word));
    }
    if (key.length < 2) continue;
    const other = otherInFrame(frames, key, { start, end }, knownWords);
    if (other !== null) {
      const { reason, range, altered } = other;
      found.push({ reason, altered, ranges: [range, { start, end }] });
      if (!altered) continue;
    }
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
      found.push({ reason, altered: false, ranges: [known, said].map(({ start, end }) => ({ start, end })) });
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

/** A sentence without one of its words, and that word. */
interface FrameUse {
  word: string;
  range: Range;
}

/** An earlier sentence with the same words but for one, which is the opposite there, or at least another. Frames are told apart by sums of hashes of their words. */
function otherInFrame(
  frames: Map<number, FrameUse[]>,
  words: readonly string[],
  range: Range,
  told: ReadonlySet<string>,
): { reason: string; range: Range; altered: boolean } | null {
  if (words.length < 3) return null;
  const hashes = words.map(hash);
  const total = hashes.reduce((sum, one) => sum + one, 0) % modulus;
  let found: { reason: string; range: Range; altered: boolean } | null = null;
  for (const [at, word] of words.entries()) {
    if (word.startsWith("~") || word === "#") continue;
    const key = (total - hashes[at]! + modulus) % modulus;
    const uses = frames.get(key);
    const other = uses?.find((use) => areOpposite(use.word, word));
    const altered: FrameUse | undefined =
      other === undefined && found === null && words.length >= 4
        ? uses?.find((use) => isAlteration(use.word, word, told))
        : undefined;
    const use: FrameUse | undefined = other ?? altered;
    if (use !== undefined && (found === null || (found.altered && other !== undefined)))
      found = {
        reason: `${use.word}, then ${word}`,
        range: use.range,
        altered: other === undefined,
      };
    if (uses === undefined) frames.set(key, [{ word, range }]);
    else if (uses.length < 8) uses.push({ word, range });
  }
  return found;
}

function isAlteration(one: string, other: string, told: ReadonlySet<string>): boolean {
  return stemOf(one) !== stemOf(other) && !(isAmong(one, told) && isAmong(other, told));
}

const modulus = 2 ** 46;

/** 46 bits of a word, so that the sum of a hundred is exact: two 32-bit hashes (FNV-1a), of which one gives its low 14 bits. */
function hash(word: string): number {
  let [a, b] = [2166136261, 3339675911];
  for (let at = 0; at < word.length; at++) {
    const unit = word.charCodeAt(at);
    a = Math.imul(a ^ unit, 16777619);
    b = Math.imul(b ^ unit, 668265263);
  }
  return (a >>> 0) * 2 ** 14 + (b & 0x3fff);
}
