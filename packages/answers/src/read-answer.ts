/** What a short piece of text (the inside of a box, a tag, a line) says about the options. Callers bound its length. */
import type { AnswerContext, Reading } from "./answer-context.ts";
import { withoutArticle } from "./normalised-text.ts";
import { optionMentions } from "./option-mentions.ts";
import { findQuantity } from "./quantity.ts";
import { readPolar } from "./read-polar.ts";

/** Reads the content of a marked answer, by the kind of the question. Null: not understood. */
export function readAnswer(content: string, context: AnswerContext): Reading | null {
  const text = plainText(content);
  if (text === "") return null;
  if (context.kind === "text") return { text };
  if (context.kind === "number") return findQuantity(text) === null ? null : { text };
  if (context.kind === "yes-no")
    return readPolar(text, context) ?? (context.options.length > 0 ? readChoice(text, context) : null);
  return readChoice(text, context);
}

/** Labels of a choice, from a label, a label and text, several labels, or the words of one option. */
export function readChoice(text: string, context: AnswerContext): Reading | null {
  const byWords = optionsWithWords(text, context);
  const byLabel = singleLabel(text, context);
  const labels = new Set([...byWords, ...(byLabel === null ? [] : [byLabel])]);
  if (labels.size === 1) return { labels: [...labels] };
  if (labels.size > 1) return { labels: [...labels].sort(), conflict: true }; // option A may be "B", as with blood groups
  return labelAndText(text, context) ?? severalLabels(text, context) ?? mentioned(text, context);
}

/** Labels alone, without a look at words in a sentence: "B", "(b)", "B. no effusion", "A or B". */
export function readLabels(text: string, context: AnswerContext): Reading | null {
  const label = singleLabel(text, context);
  return label !== null ? { labels: [label] } : (labelAndText(text, context) ?? severalLabels(text, context));
}

/** Labels of the options whose words are exactly these. */
export function optionsWithWords(text: string, { words, labels }: AnswerContext): string[] {
  const said = withoutArticle(text);
  return said === "" ? [] : labels.filter((_, option) => words[option] === said);
}

/** "B", "(b)", "[B]", "B.", "Option B". */
function singleLabel(text: string, { labels }: AnswerContext): string | null {
  const match = /^(?:(?:option|choice|answer|选项|选)\s*:?\s*)?[([{]?\s*([A-Za-z])\s*[)\]}]?\s*[.):]?$/i.exec(
    text,
  );
  const label = match?.[1]?.toUpperCase();
  return label !== undefined && labels.includes(label) ? label : null;
}

/** "B. amoxicillin", "(B) amoxicillin", "B: because …", "B amoxicillin". */
export function labelAndText(text: string, context: AnswerContext): Reading | null {
  const match =
    /^(?:(?:option|choice|选项)\s*)?([([{]?)\s*([A-Za-z])(\s*[)\]}.:,;]+|\s+[-–—]+|\s)\s*(?=\S)/i.exec(text);
  if (!match) return null;
  const label = match[2]!.toUpperCase();
  const own = context.labels.indexOf(label);
  if (own < 0) return null;
  const rest = text.slice(match[0].length);
  if (severalLabels(text, context)) return null;
  const named = leadingOption(rest, context);
  if (named.includes(own)) return { labels: [label] };
  const marked = match[1] !== "" || /[)\]}.:,;–—-]/.test(match[3]!);
  const upper = match[2] === label;
  if (named.length > 0)
    return marked && upper
      ? { labels: [label, ...named.map((option) => context.labels[option]!)].sort(), conflict: true }
      : null;
  // A bare letter before a word may be the article "a" or the pronoun "I"; "E. coli" and "A.V. fistula" are names.
  const reason = /^(?:because|since|as|due|given|for|which|with|based|is|and thus|in view)\b/i.test(rest);
  const name = match[3] === "." && (match[0].endsWith(".") || /^[a-z]/.test(rest));
  return upper && (reason || (marked && !name)) ? { labels: [label] } : null;
}

/** Options whose words begin the text; only the longest, several when they are equal. */
export function leadingOption(text: string, { words }: AnswerContext): number[] {
  const said = withoutArticle(
    text.replace(/^\s*(?:(?:the )?(?:most )?(?:likely|probably)|option|the correct)\s/i, ""),
  );
  const found = words.flatMap((word, option) =>
    word !== "" && (said === word || said.startsWith(`${word} `)) ? [option] : [],
  );
  const longest = Math.max(...found.map((option) => words[option]!.length));
  return found.filter((option) => words[option]!.length === longest);
}

/** "B, D", "B and D", "BD" (when several may be right); "B or D" commits to neither. */
function severalLabels(text: string, { labels, multiple }: AnswerContext): Reading | null {
  const compact = multiple && /^[A-Z]{2,12}$/.test(text);
  if (
    !compact &&
    !/^[([]?[A-Z][)\]]?(?:(?:\s*[,;&/]\s*|\s+)(?:(?:and|or|和|或)\s+)?[([]?[A-Z][)\]]?)+\.?$/.test(text)
  )
    return null;
  const named = [...new Set(compact ? text : text.replace(/\b(?:and|or)\b/g, " ").match(/[A-Z]/g))].sort();
  if (!named.every((label) => labels.includes(label))) return null;
  return {
    labels: named,
    ...(multiple && !/\bor\b|或|\//.test(text) ? {} : named.length > 1 ? { conflict: true as const } : {}),
  };
}

/** The one option that the text names without denying it. */
function mentioned(text: string, { words, labels }: AnswerContext): Reading | null {
  const affirmed = optionMentions(text, { start: 0, end: text.length }, words).filter(
    (mention) => !mention.negated,
  );
  const named = [...new Set(affirmed.map(({ option }) => labels[option]!))].sort();
  if (named.length === 0) return null;
  return named.length === 1 ? { labels: named } : { labels: named, conflict: true };
}

/** Without LaTeX and Markdown around the words. Linear: what is taken from the end is looked for from there. */
export function plainText(content: string): string {
  const inner = content
    .replace(/\\d?frac\s*\{([^{}]{1,40})\}\s*\{([^{}]{1,40})\}/g, "$1/$2")
    .replace(/\\(?:text(?:bf|it|rm)?|mathrm|mathbf|mathsf|operatorname|boxed|fbox|emph)\s*\{/g, "{")
    .replace(/\\[()[\]]|\$/g, "")
    .replace(/\\([%&_#{}])/g, "$1")
    .replace(/\\[,;: ~]/g, " ")
    .replace(/[{}`"“”]|\*\*|__|^\s*(?:[*_#]+|>\s+)/g, "");
  return withoutEnd(withoutEnd(inner.trim(), "*_").trim(), " \t\r\n.,;:!").trim();
}

function withoutEnd(text: string, signs: string): string {
  let end = text.length;
  while (end > 0 && signs.includes(text[end - 1]!)) end--;
  return text.slice(0, end);
}
