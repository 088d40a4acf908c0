import { optionLabels } from "@mede2/schemas";
import { withoutArticle } from "./normalised-text.ts";
import type { Range } from "./trace-parts.ts";

/** What kind of answer the question wants. */
export type AnswerKind = "choice" | "yes-no" | "number" | "text";

/** What the rules know of the question. */
export type AnswerContext = {
  kind: AnswerKind;
  options: readonly string[];
  /** A, B, C … one an option. */
  labels: readonly string[];
  /** The options' words, normalised, without a leading article. */
  words: readonly string[];
  /** Several options may be right at once. */
  multiple: boolean;
};

/** What a piece of text says: labels (several when it names several), or a text or number for open questions. */
export type Reading = { labels: string[]; conflict?: true } | { text: string };

/** A place that claims to be the answer; `reading` is null when it cannot be understood. */
export type Candidate = Range & { reading: Reading | null };

/** Contexts of the same options, as several rules read one reply and several replies answer one question. */
const known = new WeakMap<readonly string[], Map<string, AnswerContext>>();

/** The context of a question. Without `kind`: no options means text, options that are all yes, no or maybe mean yes-no, else choice. */
export function answerContext(
  options: readonly string[],
  kind: AnswerKind | undefined,
  multiple = false,
): AnswerContext {
  const all = known.get(options) ?? new Map<string, AnswerContext>();
  known.set(options, all);
  const key = `${kind} ${multiple} ${options.length}`;
  const before = all.get(key);
  if (before?.options.every((option, at) => option === options[at])) return before; // nobody has written into the array since
  const context = newContext([...options], kind, multiple);
  all.set(key, context);
  return context;
}

function newContext(
  options: readonly string[],
  kind: AnswerKind | undefined,
  multiple: boolean,
): AnswerContext {
  if (options.length > 26) throw new RangeError(`${options.length} options have no labels: at most 26`);
  const words = options.map((option) => withoutArticle(option) || option.trim().toLowerCase());
  const polar = words.length > 0 && words.every((word) => /^(?:yes|no|maybe)$/.test(word));
  const chosen = kind ?? (options.length === 0 ? "text" : polar ? "yes-no" : "choice");
  return { kind: chosen, options, labels: optionLabels(options.length), words, multiple };
}

/** Width is folded unit by unit, so positions stay: full-width letters, digits and punctuation become ASCII. */
export function foldWidth(text: string): string {
  return text
    .replace(/[\uFF01-\uFF5E]/g, (unit) => String.fromCharCode(unit.charCodeAt(0) - 0xfee0))
    .replace(/[。、【】]/g, (unit) => folded[unit]!);
}

const folded: Readonly<Record<string, string>> = { "。": ".", "、": ",", "【": "[", "】": "]" };
