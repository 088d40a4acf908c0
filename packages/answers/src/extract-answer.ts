import type { Answer } from "@mede2/schemas";
import {
  type AnswerContext,
  type AnswerKind,
  answerContext,
  type Candidate,
  foldWidth,
} from "./answer-context.ts";
import { type AnswerRule, type AnswerRuleName, answerRuleNames, answerRules } from "./answer-rules.ts";
import { normalisedText } from "./normalised-text.ts";
import { findRefusal } from "./refusal.ts";
import { type Range, traceParts } from "./trace-parts.ts";

export type ExtractOptions = {
  /** The question's options; labels are A, B, C … by position. Empty for an open question. */
  options: readonly string[];
  /** Why the model stopped, when known. */
  finish?: "stop" | "length" | "refused" | "error";
  /** What is wanted; by default told from the options (see `answerContext`). */
  kind?: AnswerKind;
  /** Several options may be right at once. Otherwise a reply that names several is ambiguous. */
  multiple?: boolean;
};

/**
 * The final answer of a trace by the strict cascade (evaluation rules: reasoning stripped; tag; box; announced; bare; the only option
 * named; else why not). Never a guess:
 * - `ambiguous`: the rule that applies names different answers (in `labels`);
 * - `truncated`: cut off before an answer was marked, also inside the reasoning;
 * - `refused`: the model declines; `unparsed`: nothing is recognised; `error`: the request failed.
 * The span tells what was matched, or what claims to be an answer and is not understood. Linear in the length of the text.
 */
export function extractAnswer(text: string, options: ExtractOptions): Answer {
  return extract(
    text,
    options,
    answerRuleNames.filter((name) => answerRules[name].origin === "cascade"),
    true,
  );
}

/** The answer under one rule alone; `strict` is the whole cascade. The reasoning is stripped and cut-off texts are treated alike. */
export function extractByRule(
  rule: AnswerRuleName | "strict",
  text: string,
  options: ExtractOptions,
): Answer {
  return rule === "strict"
    ? extractAnswer(text, options)
    : extract(text, options, [rule], answerRules[rule].origin === "cascade");
}

function extract(
  text: string,
  { options, finish, kind, multiple }: ExtractOptions,
  names: readonly AnswerRuleName[],
  strict: boolean,
): Answer {
  const context = answerContext(options, kind, multiple);
  if (finish === "error") return absent("error", "finish");
  if (finish === "refused") return absent("refused", "finish");
  const folded = foldWidth(text);
  const { reasoning, conclusion, closed } = traceParts(folded);
  if (!closed && finish !== "stop") return absent("truncated", "reasoning");
  const cut = finish === "length";
  const region = closed ? conclusion : reasoning!;

  let misread: { rule: AnswerRuleName; candidate: Candidate } | null = null;
  for (const name of names) {
    const rule: AnswerRule = answerRules[name];
    if (!closed && name !== "boxed" && name !== "answer-tag") continue; // in reasoning only explicit marks count
    if (strict && !rule.marked) {
      if (cut) return absent("truncated", "finish");
      if (misread) break; // something else was marked as the answer: a weaker rule would guess
      const refusal = name === "option-text" ? findRefusal(folded, region.start, region.end, options) : null;
      if (refusal) return { status: "refused", rule: "refusal", span: spanOf(text, refusal) };
    }
    // A mark that ends where the text was cut may be half a word.
    const candidates = rule
      .find(folded, region, context)
      .filter(({ end }) => !(cut && name === "announced" && end >= text.trimEnd().length));
    const answer = decide(text, name, rule, candidates, context);
    if (answer) return answer;
    misread ??= candidates.length > 0 ? { rule: name, candidate: candidates.at(-1)! } : null;
  }
  if (cut) return absent("truncated", "finish");
  const refusal = findRefusal(folded, region.start, region.end, options);
  if (refusal) return { status: "refused", rule: "refusal", span: spanOf(text, refusal) };
  if (misread) return { status: "unparsed", rule: misread.rule, span: spanOf(text, misread.candidate) };
  return absent("unparsed", closed ? (names.length === 1 ? names[0]! : "none") : "reasoning");
}

function decide(
  text: string,
  name: AnswerRuleName,
  rule: AnswerRule,
  candidates: readonly Candidate[],
  context: AnswerContext,
): Answer | null {
  const read = candidates.flatMap(({ start, end, reading }) =>
    reading === null ? [] : [{ start, end, reading }],
  );
  const chosen = read.at(-1);
  if (!chosen) return null;
  const considered = rule.among === "last" ? [chosen] : read;
  const keys = new Set(
    considered.map(({ reading }) =>
      "labels" in reading ? reading.labels.join() : normalisedText(reading.text),
    ),
  );
  const span = spanOf(text, chosen);
  const labels = [
    ...new Set(considered.flatMap(({ reading }) => ("labels" in reading ? reading.labels : []))),
  ].sort();
  const conflict =
    considered.some(({ reading }) => "conflict" in reading) || (labels.length > 1 && !context.multiple);
  if (keys.size > 1 || conflict)
    return { status: "ambiguous", ...(labels.length > 0 ? { labels } : {}), rule: name, span };
  if (!("labels" in chosen.reading)) return { status: "found", text: chosen.reading.text, rule: name, span };
  const option = labels.length === 1 ? context.options[context.labels.indexOf(labels[0]!)] : undefined;
  return { status: "found", labels, ...(option === undefined ? {} : { text: option }), rule: name, span };
}

function absent(status: "truncated" | "refused" | "unparsed" | "error", rule: string): Answer {
  return { status, rule, span: null };
}

function spanOf(text: string, { start, end }: Range): NonNullable<Answer["span"]> {
  return { field: "text", start, end, quote: text.slice(start, end) };
}
