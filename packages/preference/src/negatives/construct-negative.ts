import { makeTrace } from "@mede2/answers";
import { optionLabel, type Question, type Trace } from "@mede2/schemas";
import { createRandom, type Random } from "@mede2/stats";
import { contradicted } from "./contradict.ts";
import { blindEndings, fabrications, fillers, imaginedSigns, type TemplateSet } from "./templates.ts";
import {
  answerWords,
  putTogether,
  reflects,
  speaksOfPicture,
  type TraceText,
  takeApart,
} from "./trace-text.ts";

/** The kinds of negative that can be made from a good trace. */
export const constructedKinds = [
  "no-image-completion",
  "corrupted-image",
  "swapped-image",
  "fabricated-fact",
  "contradiction",
  "reflection-removed",
] as const;
export type ConstructedKind = (typeof constructedKinds)[number];

export interface NegativeInput {
  question: Question;
  /** A good trace of the question, with closed reasoning. */
  trace: Trace;
  /** A trace of another question, whose sentences about its picture go into a swapped-image negative. */
  donor?: Trace | undefined;
}

export interface NegativeSettings {
  seed: number | string;
  /** Which words are used; default all sets. */
  templates?: TemplateSet | "all";
  /** Sentences about other patients, for fabricated facts in place of the templates' own. */
  facts?: readonly string[];
}

/** What the key `negative` of a constructed trace holds. */
export interface NegativeOrigin {
  kind: string;
  /** The trace that it was made from. */
  from: string;
  method: "template" | "model";
  /** Which words were used. */
  templates?: TemplateSet;
}

const sets: readonly TemplateSet[] = ["a", "b", "c", "d", "e", "f"];

type Draft = {
  text: string;
  sentences: string[];
  trace: Trace;
  parts: TraceText;
  answer: string;
  random: Random;
  set: TemplateSet;
  facts: readonly string[] | undefined;
} & NegativeInput;

/**
 * A worse form of a trace, made by rules alone, of about its length and with the same answer. Deterministic in trace and seed. Null when the trace offers no place
 * for it (no reasoning, no answer, no sentence of that sort).
 */
export function constructNegative(
  kind: ConstructedKind,
  input: NegativeInput,
  settings: NegativeSettings,
): Trace | null {
  const { question, trace } = input;
  const parts = takeApart(trace.text);
  const answer = answerWords(question, trace);
  if (parts === null || answer === null) return null;
  const random = createRandom(`${settings.seed}/negative/${kind}/${trace.id}`);
  const which = settings.templates ?? "all";
  const set = which === "all" ? sets[random.below(sets.length)]! : which;
  const sentences = constructors[kind]({
    ...input,
    parts,
    answer,
    random,
    set,
    facts: settings.facts,
    text: trace.text,
    sentences: parts.sentences,
  });
  if (sentences === null) return null;
  const text = putTogether({ ...parts, sentences }, trace.text);
  return text === trace.text
    ? null
    : negativeTrace(input, text, { kind, from: trace.id, method: "template", templates: set });
}

/** A constructed trace as a record: its tokens are scaled by the lengths of the texts, which is an estimate. */
export function negativeTrace(
  { question, trace }: NegativeInput,
  text: string,
  negative: NegativeOrigin,
  more: Partial<Pick<Trace, "by" | "images" | "imageHashes" | "finish" | "sample">> = {},
): Trace {
  const completion = Math.round((trace.tokens.completion * text.length) / Math.max(1, trace.text.length));
  const settings = {
    question,
    text,
    negative,
    by: { kind: "template" as const, name: "mede2 negatives" },
    stage: trace.stage,
    images: trace.images,
    imageHashes: trace.imageHashes,
    promptHash: trace.promptHash,
    sample: null,
    finish: "stop" as const,
    tokens: { prompt: trace.tokens.prompt, completion, estimated: true },
    ...more,
  };
  return makeTrace(settings);
}

/** A wrong answer with a chain that leads there: the right option's words give way to another option's, in the conclusion ("a") or everywhere ("b"). Null without options. */
export function fabricateWrongAnswer(
  { question, trace }: NegativeInput,
  { seed, templates = "all" }: NegativeSettings,
): Trace | null {
  const parts = takeApart(trace.text);
  const answer = answerWords(question, trace);
  if (parts === null || answer === null || question.options.length < 2) return null;
  const random = createRandom(`${seed}/wrong-answer/${trace.id}`);
  const set = templates === "all" ? sets[random.below(sets.length)]! : templates;
  const others = question.options.filter((option) => option !== answer);
  const other = others[random.below(others.length)]!;
  const swap = (text: string) => replaceWords(text, answer, other);
  const from = set !== "a" ? 0 : Math.floor(parts.sentences.length * 0.6);
  const label = optionLabel(question.options.indexOf(other));
  const after = /\\boxed\{\s*\(?[A-Z]\)?\s*\}/.test(parts.after)
    ? swap(parts.after).replace(/\\boxed\{[^}]*\}/, `\\boxed{${label}}`)
    : swap(parts.after);
  const text = putTogether(
    { ...parts, after, sentences: parts.sentences.map((one, at) => (at < from ? one : swap(one))) },
    trace.text,
  );
  return text === trace.text
    ? null
    : negativeTrace({ question, trace }, text, {
        kind: "wrong-answer",
        from: trace.id,
        method: "template",
        templates: set,
      });
}

const constructors: Readonly<Record<ConstructedKind, (draft: Draft) => string[] | null>> = {
  "fabricated-fact": ({ question, sentences, random, set, facts: told, text }) => {
    const known =
      `${question.stem} ${question.options.join(" ")} ${question.findings ?? ""} ${text}`.toLowerCase();
    const written = random.shuffled(fabrications[set]).map(({ text, fill }) => {
      const words = Array.isArray(fill)
        ? random.shuffled(fill as string[])[0]!
        : number(fill as { low: number; high: number; digits: number }, random);
      return text.replace("{}", words);
    });
    const facts = told === undefined ? written : random.shuffled(told);
    // a word that the case holds would be no fabrication
    const fact = facts.find((one) => !subjectOf(one).some((word) => known.includes(word)));
    if (fact === undefined) return null;
    const at = 1 + random.below(sentences.length - 1);
    const lower = /^[a-z]/.test(sentences[0]!);
    return [...sentences.slice(0, at), lower ? fact.toLowerCase() : fact, ...sentences.slice(at)];
  },

  contradiction: contradicted,

  "reflection-removed": ({ sentences, random, set }) => {
    if (!sentences.some(reflects)) return null;
    const kept = sentences.filter((sentence) => !reflects(sentence));
    let missing = sentences.join(" ").length - kept.join(" ").length;
    const filler = random.shuffled(fillers[set]);
    const added: string[] = [];
    for (let at = 0; missing > 20 && at < filler.length; at++) {
      added.push(filler[at]!);
      missing -= filler[at]!.length;
    }
    const last = Math.max(0, kept.length - 1);
    return kept.length === 0 ? added : [...kept.slice(0, last), ...added, ...kept.slice(last)];
  },

  "no-image-completion": ({ sentences, answer, random, set, question }) => {
    if (question.images.length === 0 && !sentences.some(speaksOfPicture)) return null;
    const half = Math.ceil(sentences.length / 2);
    const missing = sentences.slice(half).join(" ").length;
    const endings = random.shuffled(blindEndings[set]).map((text) => text.replaceAll("{}", answer));
    const added: string[] = [];
    while (added.length < endings.length && added.join(" ").length < missing)
      added.push(endings[added.length]!);
    return [...sentences.slice(0, half), ...added];
  },

  "corrupted-image": ({ sentences, random, set, question }) => {
    const known = `${question.findings ?? ""} ${question.stem}`.toLowerCase();
    const signs = random.shuffled(imaginedSigns[set]).filter((text) => !known.includes(text.toLowerCase()));
    return replaceVisual(sentences, signs);
  },

  "swapped-image": ({ sentences, donor }) => {
    const other = donor === undefined ? null : takeApart(donor.text);
    return other === null ? null : replaceVisual(sentences, other.sentences.filter(speaksOfPicture));
  },
};

/** Sentences about the picture, one after the other, in place of the trace's own; null when there is nothing to replace or to put there. */
function replaceVisual(sentences: readonly string[], others: readonly string[]): string[] | null {
  const own = sentences.filter(speaksOfPicture);
  if (own.length === 0 || others.length === 0) return null;
  let next = 0;
  const replaced = sentences.flatMap((sentence) =>
    speaksOfPicture(sentence) ? (next < others.length ? [others[next++]!] : []) : [sentence],
  );
  return replaced.join(" ") === sentences.join(" ") ? null : replaced;
}

function number(
  { low, high, digits }: { low: number; high: number; digits: number },
  random: Random,
): string {
  return (low + random.uniform() * (high - low)).toFixed(digits);
}

/** The rare words of a sentence, by which it is told whether a case holds it. */
function subjectOf(sentence: string): string[] {
  return (sentence.toLowerCase().match(/[\p{L}-]{5,}|\d+(?:\.\d+)?/gu) ?? []).filter(
    (word) => !common.has(word),
  );
}
const common = new Set(
  "patient history examination there showed every three weeks years recently reports returned tests laboratory temperature degrees family positive earlier found underwent cigarettes smokes takes biopsy mmol".split(
    " ",
  ),
);

/** Whole words, in any case. */
function replaceWords(text: string, from: string, to: string): string {
  const escaped = from.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return text.replace(new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, "giu"), () => to);
}
