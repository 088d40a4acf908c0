import {
  type Mention,
  normalisedText,
  optionMentions,
  type Range,
  sentences,
  traceParts,
} from "@mede2/answers";
import { optionIndex, type Question, type Span, type Trace } from "@mede2/schemas";
import { wordBeginnings } from "./content-words.ts";
import type { LinkResult } from "./link-results.ts";
import { type NumberMention, numberMentions } from "./number-mentions.ts";

/** Log-probabilities of the trace in nats, with the real image and with others in its place; at least one of the others. */
export interface Counterfactual {
  real: number;
  blank?: number;
  swapped?: number;
}

/** What a trace is scored from. */
export interface TraceInput {
  question: Question;
  trace: Trace;
  /** Results of checks of single links, where the case is known well enough. */
  links?: readonly LinkResult[] | undefined;
  counterfactual?: Counterfactual | undefined;
}

export type Sentence = Range & { text: string };

/** A trace taken apart once, for all checks. What is dear to compute is computed at its first use. */
export interface TraceContext {
  readonly question: Question;
  readonly trace: Trace;
  readonly text: string;
  /** The reasoning, or the whole text when it is not marked. */
  readonly thought: Range;
  /** Whether reasoning is marked, and whether it ends. */
  readonly marked: boolean;
  readonly closed: boolean;
  /** Sentences of the whole text. */
  readonly sentences: readonly Sentence[];
  readonly words: readonly string[];
  /** Stem and options in lower case: all the words that the model was shown. */
  readonly shown: string;
  readonly shownNumbers: readonly NumberMention[];
  /** Beginnings of the words that were shown, and of those of the reference findings: for `isAmong`. */
  readonly knownWords: ReadonlySet<string>;
  readonly numbers: readonly NumberMention[];
  /** Position of the option that the trace answers; -1 without one. For an open question the answer's text is option 0. */
  readonly final: number;
  /** Where options are named outside the marked answer. */
  readonly mentions: readonly Mention[];
  readonly links: readonly LinkResult[] | undefined;
  readonly counterfactual: Counterfactual | undefined;
}

export function traceContext({ question, trace, links, counterfactual }: TraceInput): TraceContext {
  const { text, answer } = trace;
  const parts = traceParts(text);
  const asked = askedOf(question);
  const { shown } = asked;
  const open = question.options.length === 0;
  const options = open ? (answer.text === undefined ? [] : [answer.text]) : question.options;
  const box = answer.span ?? { start: -1, end: -1 };
  const boxed = (range: Range) => range.start >= box.start && range.end <= box.end;
  return {
    question,
    trace,
    text,
    thought: parts.reasoning ?? { start: 0, end: text.length },
    marked: parts.reasoning !== null,
    closed: parts.closed,
    links,
    counterfactual,
    shown,
    final: finalOption(question, trace),
    get sentences() {
      return memo(
        this,
        "sentences",
        sentences(text).map((range) => ({ ...range, text: text.slice(range.start, range.end) })),
      );
    },
    get words() {
      return memo(this, "words", text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
    },
    get shownNumbers() {
      return asked.numbers;
    },
    get knownWords() {
      return asked.known;
    },
    get numbers() {
      return memo(
        this,
        "numbers",
        numberMentions(text).filter((mention) => !boxed(mention)),
      );
    },
    get mentions() {
      const words = options.map(normalisedText);
      const all = optionMentions(text, { start: 0, end: text.length }, words);
      return memo(
        this,
        "mentions",
        all.filter(
          (mention) => !boxed(mention) && !(words[mention.option] === "no" && denies(text, mention)),
        ),
      );
    },
  };
}

/** What all answers to a question are compared with. */
interface Asked {
  readonly shown: string;
  readonly numbers: readonly NumberMention[];
  readonly known: ReadonlySet<string>;
}

/** Several answers are given to one question, which is taken apart once. */
const takenApart = new WeakMap<Question, Asked>();

function askedOf(question: Question): Asked {
  const before = takenApart.get(question);
  if (before !== undefined) return before;
  const shown = [question.stem, ...question.options].join("\n").toLowerCase();
  const asked: Asked = {
    shown,
    get numbers() {
      return memo(this, "numbers", numberMentions(shown));
    },
    get known() {
      return memo(this, "known", wordBeginnings(`${shown}\n${question.findings?.toLowerCase() ?? ""}`));
    },
  };
  takenApart.set(question, asked);
  return asked;
}

/** Whether a "no" denies the words after it ("no effusion") and answers nothing. */
function denies(text: string, { start, end }: Range): boolean {
  if (/["'“‘(]\s?$/.test(text.slice(Math.max(0, start - 2), start))) return false;
  if (
    /(?:answer|option|choice|conclusion|reply)(?: is| must be|:)? ?$/i.test(
      text.slice(Math.max(0, start - 24), start),
    )
  )
    return false;
  return !/^(?:[^\p{L}\d\s]|\s*$|\s+(?:it|is|was|has|can|cannot|must|should|would|seems?|fits?|stands?|remains?|wins?|explains?|comes?|follows?|makes?|does|and|or|as|because|since)\b)/iu.test(
    text.slice(end, end + 24),
  );
}

function finalOption({ options }: Question, { answer }: Trace): number {
  if (answer.status !== "found") return -1;
  if (options.length === 0) return answer.text === undefined ? -1 : 0;
  const label = answer.labels?.length === 1 ? answer.labels[0] : undefined;
  return label === undefined ? -1 : (optionIndex(label, options.length) ?? -1);
}

function memo<T>(owner: object, key: string, value: T): T {
  Object.defineProperty(owner, key, { value });
  return value;
}

/** A span of the trace's text. */
export function quote({ text }: { text: string }, { start, end }: Range): Span {
  return { field: "text", start, end, quote: text.slice(start, end) };
}
