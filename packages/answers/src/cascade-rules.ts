/**
 * The rules of the strict cascade, each a function from a folded text and a range to the places that claim to be the answer.
 * Every regular expression runs on a bounded window or cannot backtrack, so time is linear in the length of the text.
 */
import type { AnswerContext, Candidate } from "./answer-context.ts";
import { optionMentions } from "./option-mentions.ts";
import { findQuantity } from "./quantity.ts";
import {
  labelAndText,
  leadingOption,
  optionsWithWords,
  plainText,
  readAnswer,
  readChoice,
  readLabels,
} from "./read-answer.ts";
import { readPolar } from "./read-polar.ts";
import type { Range } from "./trace-parts.ts";

export type FindCandidates = (text: string, range: Range, context: AnswerContext) => Candidate[];

const longestMark = 2000; // code units inside a box or a tag
const longestLine = 400;

/** `<answer>B</answer>`. */
export const findAnswerTags: FindCandidates = (text, { start, end }, context) => {
  const found: Candidate[] = [];
  for (const match of text.slice(start, end).matchAll(/<answer>/gi)) {
    const inside = start + match.index + match[0].length;
    const length = text.slice(inside, Math.min(end, inside + longestMark)).search(/<\/answer>/i);
    if (length < 0) continue;
    const content = text.slice(inside, inside + length);
    found.push({ start: inside, end: inside + length, reading: readBoxOrContent(content, context) });
  }
  return found;
};

/** `\boxed{B}`, also `\fbox{B}`; braces may nest. */
export const findBoxes: FindCandidates = (text, { start, end }, context) => {
  const found: Candidate[] = [];
  for (const match of text.slice(start, end).matchAll(/\\f?box(?:ed)? ?\{/g)) {
    const inside = start + match.index + match[0].length;
    const close = closingBrace(text, inside, Math.min(end, inside + longestMark));
    if (close >= 0)
      found.push({ start: inside, end: close, reading: readAnswer(text.slice(inside, close), context) });
  }
  return found;
};

function readBoxOrContent(content: string, context: AnswerContext) {
  const box = findBoxes(content, { start: 0, end: content.length }, context).at(-1);
  return box ? box.reading : readAnswer(content, context);
}

function closingBrace(text: string, start: number, end: number): number {
  let depth = 1;
  for (let at = start; at < end; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth === 0) return at;
  }
  return -1;
}

/**
 * "The answer is B", "Final answer: (B) amoxicillin", "I would choose B", "B is correct", "答案：B": the last that can be read, among the
 * last 200.
 */
export const findAnnounced: FindCandidates = (text, { start, end }, context) => {
  const part = text.slice(start, end);
  const places = [
    ...part.matchAll(announcement),
    ...(context.kind === "choice" || context.kind === "yes-no" ? part.matchAll(verdict) : []),
  ];
  let unread: Candidate | null = null;
  for (const match of places.sort((a, b) => b.index - a.index).slice(0, 200)) {
    const at = start + match.index;
    const label = match.groups?.label;
    const before = text.slice(Math.max(start, at - 50), at);
    if ((label === undefined ? conditional : joinedOrDenied).test(before)) continue;
    if (label !== undefined) {
      const reading = context.labels.includes(label) ? { labels: [label] } : null;
      if (reading) return [{ start: at, end: at + match[0].length, reading }];
      continue;
    }
    const tail = announcedTail(text, at + match[0].length, end, match.groups?.joined !== undefined);
    if (tail === null) continue;
    const reading = readTail(text.slice(tail.start, tail.end), context);
    if (reading) return [{ ...tail, reading }];
    unread ??= { ...tail, reading };
  }
  return unread ? [unread] : [];
};

/** Words that announce the answer; after `joined` ones it follows at once, after the others "is", a colon and the like stand between. */
const announcement =
  /\banswer\b|\b(?:correct|my|best|final) (?:option|choice|selection|pick)\b|答案|正确选项|(?<joined>\bI(?: would|['’]d| will|['’]ll)? (?:choose|select|pick|go with)\b|(?:应|故|因此|所以|我)选)/gi;

/** "B is correct", "Option (B) is therefore the best answer". */
const verdict =
  /(?<![\w'’])\(?(?<label>[A-Z])\)? is (?:therefore |thus |clearly |indeed )?(?:the )?(?:single )?(?:most likely |most )?(?:correct|right|best|appropriate)\b/g;

const conditional =
  /\b(?:if|whether|unless|why|suppose|assuming)\s+(?:that\s+)?(?:the\s+)?(?:\w{1,12}\s+)?$/i;

/** Before a verdict also what denies it or joins another label to it: "neither A nor B is correct", "A or B is right". */
const joinedOrDenied =
  /(?:\b(?:if|whether|unless|neither|nor|not)\s+|(?<![\w'’])[A-Z]\)?\s*(?:[,/]|,?\s*\b(?:or|and)\b)\s*)(?:option\s+|choice\s+)?$/i;

/** What follows "answer" up to the end of its line, or the next line when its own is empty; null when nothing joins them. */
function announcedTail(text: string, from: number, end: number, joined: boolean): Range | null {
  const window = text.slice(from, Math.min(end, from + 2 * longestLine));
  const join =
    /^[\s*_"')\]]{0,6}(?:(?:to|for|of) [^.:\n]{0,80}?(?= is\b|:))?[ *_]{0,4}(?:is most likely|is likely|is therefore|is thus|would be|should be|must be|will be|is|are|was|:|为|是|应为|应是|=>?|-{1,2}>?|→)[ *_]{0,4}:?/i.exec(
      window,
    );
  if (!join && !joined) return null;
  let start = from + (join?.[0].length ?? 0);
  start += /^\s{0,80}/.exec(text.slice(start, Math.min(end, start + 80)))![0].length;
  const line = text.slice(start, Math.min(end, start + longestLine));
  const stop = line.search(/\n|<\//);
  const length = (stop < 0 ? line : line.slice(0, stop)).trimEnd().length;
  return length === 0 ? null : { start, end: start + length };
}

function readTail(tail: string, context: AnswerContext) {
  const plain = plainText(tail);
  const sentence = firstSentence(plain);
  if (context.kind === "text") return sentence === "" ? null : { text: sentence };
  if (context.kind === "number") return findQuantity(sentence) === null ? null : { text: sentence };
  if (context.kind === "yes-no")
    // By word or by label alone: a "no" inside a sentence ("that there is no effusion") is not the option No.
    return readPolar(plain, context) ?? readLabels(sentence, context) ?? letterThenStop(plain, context);
  if (
    /^(?:not|neither|none of (?:these|them)\b|unclear|unknown|uncertain)\b/i.test(plain) &&
    optionsWithWords(sentence, context).length === 0
  )
    return null;
  const whole = readChoice(sentence, context);
  if (whole && "labels" in whole && (!whole.conflict || singleLetter(plain))) return whole;
  const leading = labelAndText(plain, context) ?? letterThenStop(plain, context);
  if (leading) return leading;
  const named = leadingOption(plain, context);
  if (named.length === 1) return { labels: [context.labels[named[0]!]!] };
  return whole;
}

const singleLetter = (text: string) => /^[A-Za-z]$/.test(text);

/** "B." and then another sentence; "(B) because" is `labelAndText`. */
function letterThenStop(text: string, { labels }: AnswerContext) {
  const label = /^([A-Z])(?:[,;!]|\.?\s*$|\.\s+(?=[A-Z]))/.exec(text)?.[1];
  return label !== undefined && labels.includes(label) ? { labels: [label] } : null;
}

function firstSentence(text: string): string {
  const stop = text.slice(3).search(/[.!?;。；](?:\s|$)/);
  return stop < 0 ? text : text.slice(0, 3 + stop);
}

/** The whole reply is a label, an option's words, both, yes or no, a number, or a short text; else its first or last line is. */
export const findBare: FindCandidates = (text, range, context) => {
  const whole = trimmed(text, range);
  if (whole.end - whole.start <= longestMark && !text.slice(whole.start, whole.end).includes("\n")) {
    const reading = readLine(text.slice(whole.start, whole.end), context);
    return reading ? [{ ...whole, reading }] : [];
  }
  if (context.kind === "text") return [];
  const lines = [firstLine(text, whole), lastLine(text, whole)];
  return lines.flatMap((line) => {
    const reading = readLine(text.slice(line.start, line.end), context);
    return reading ? [{ ...line, reading }] : [];
  });
};

function readLine(line: string, context: AnswerContext) {
  const plain = plainText(line);
  if (plain === "" || plain.length > longestMark) return null;
  if (context.kind === "text") return plain.length <= 200 ? { text: plain } : null;
  if (context.kind === "number")
    return /^(?:[~≈≃=]\s*)?[-+−]?[\d.]/.test(plain) && plain.length <= 60 ? { text: plain } : null;
  const polar = context.kind === "yes-no" ? readPolar(plain, context) : null;
  if (polar || context.options.length === 0) return polar;
  const words = optionsWithWords(plain, context);
  const labelled = labelAndText(plain, context);
  if (
    words.length === 0 &&
    labelled &&
    !/^\W?[A-Z]\W{1,3}because\b/i.test(plain) &&
    leadingOption(plain.replace(/^\W?[A-Za-z]\W*/, ""), context).length === 0
  )
    return null;
  if (words.length === 0 && !labelled && plain.length > 40) return null;
  const reading = words.length > 0 || !labelled ? readChoice(plain, context) : labelled;
  // A short line that merely mentions an option is left to the rule for mentions.
  return reading &&
    "labels" in reading &&
    (words.length > 0 ||
      labelled ||
      /^[^A-Za-z]*(?:(?:option|choice|选项)\s*)?[^A-Za-z]*[A-Za-z](?:[^A-Za-z]+(?:and|or|[A-Z]))*[^A-Za-z]*$|^[A-Z]{1,12}$/i.test(
        plain,
      ))
    ? reading
    : null;
}

/** Exactly one option is named, and not denied, in the whole conclusion. */
export const findOptionText: FindCandidates = (text, range, context) => {
  if (context.kind !== "choice") return [];
  // In prose these words and bare numbers say nothing about an option of that name.
  const words = context.words.map((word) =>
    /^(?:\d[\d.]*|\p{L}|all|none|both|any|either|neither|others?|yes|no|maybe|true|false|normal|not|only)$/u.test(
      word,
    )
      ? ""
      : word,
  );
  const mentions = optionMentions(text, range, words).filter(({ negated }) => !negated);
  return mentions.map(({ start, end, option }) => ({
    start,
    end,
    reading: { labels: [context.labels[option]!] },
  }));
};

function trimmed(text: string, { start, end }: Range): Range {
  let [from, to] = [start, end];
  while (from < to && /\s/.test(text[from]!)) from++;
  while (to > from && /\s/.test(text[to - 1]!)) to--;
  return { start: from, end: to };
}

function firstLine(text: string, { start, end }: Range): Range {
  const stop = text.indexOf("\n", start);
  return trimmed(text, { start, end: stop < 0 || stop > end ? end : stop });
}

function lastLine(text: string, { start, end }: Range): Range {
  return trimmed(text, { start: Math.max(start, text.lastIndexOf("\n", end - 1) + 1), end });
}
