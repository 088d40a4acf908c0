import { extractAnswer, sentences, traceParts } from "@mede2/answers";
import type { Answer, Check } from "@mede2/schemas";
import { type FilmAnswer, type FilmFinding, filmOptions } from "./film-findings.ts";

export interface FilmTruth {
  /** The right answer. */
  label: FilmAnswer;
  /** What the film shows, where it is known (it is for our own cases; the published films have labels alone). */
  finding?: FilmFinding;
  /** The question's options in their order; default those of the part that the label belongs to, in its order. */
  options?: readonly string[];
}

export interface FilmTraceCheck {
  answer: Answer;
  correct: boolean;
  /** The finding that the trace asserts in the end; null when it names none. */
  finding: FilmFinding | null;
  /** One entry each: well-formed, finding-named, finding-consistent, finding-right, alternative-weighed, check-made, no-age. */
  checks: Check[];
  /** Right, with a finding named that leads to the answer. */
  correctWithFinding: boolean;
}

/** How findings are called in traces, ours and those of models. The first pattern that fits a sentence counts. */
const names: readonly (readonly [FilmFinding, RegExp])[] = [
  [
    "patchy consolidation",
    /\b(?:patchy|multifocal|scattered) (?:consolidations?|opacit(?:y|ies)|shadows?|infiltrates?)|\bbronchopneumonia/i,
  ],
  [
    "perihilar streaks",
    /\b(?:perihilar|interstitial|peribronchial) (?:streaks?|lines?|markings?|opacit(?:y|ies)|infiltrates?|patterns?|thickening|changes)/i,
  ],
  [
    "lobar consolidation",
    /\b(?:lobar|focal|airspace|dense) (?:consolidation|opacit(?:y|ies)|opacification|infiltrate)|\bconsolidation\b/i,
  ],
  ["clear lungs", /\bclear lungs?\b|\blungs? (?:fields? )?(?:is|are) clear\b|\blungs that are clear\b/i],
];

/** Words that make a sentence a thought rather than an assertion. */
const hypothetical = /\b(?:would|could|might|may|if|were it|suppose|alternatively|instead of|rather than)\b/i;
/** A finding is denied when such words precede it within its clause. */
const denial = /\b(?:no|not|without|never|neither|nor|rules? out|excludes?|free of|absence of|against)\b/i;
const contrast =
  /\b(?:but|yet|however|although|though|whereas|not|no|none|nor|without|rules? out|excludes?|unlikely)\b/i;
const age =
  /\b(?:aged?|years?|months?|old(?:er)?|young(?:er)?|child(?:ren|hood)?|paediatric|pediatric|infants?|bab(?:y|ies)|neonat\w*|newborn|toddler|adults?|adolescen\w*|elderly|boy|girl)\b/i;

/**
 * Reads an answer to a film: is a finding named, does it lead to the answer, was an alternative weighed and the answer
 * checked. Nothing is judged from the picture; `finding-right` is left out when the truth does not tell the finding.
 */
export function checkFilmTrace(text: string, truth: FilmTruth): FilmTraceCheck {
  const part = truth.label === "normal" || truth.label === "pneumonia" ? "pneumonia" : "cause";
  const options = truth.options ?? filmOptions[part];
  const answer = extractAnswer(text, { options });
  const said =
    answer.status === "found"
      ? options["ABCDEFGHIJKLMNOPQRSTUVWXYZ".indexOf(answer.labels?.[0] ?? "?")]
      : undefined;
  const { reasoning } = traceParts(text);
  const spoken = sentences(text).map(({ start, end }) => ({
    text: text.slice(start, end).replace(/\\boxed\{[^{}]*\}/g, ""),
    inReasoning: reasoning !== null && start >= reasoning.start && end <= reasoning.end,
  }));
  const asserted = spoken.flatMap((sentence) => assertedFinding(sentence.text) ?? []);
  const finding = asserted.at(-1) ?? null;
  const consistent = said !== undefined && asserted.length > 0 && asserted.every((f) => fits(f, said));
  const thoughts = spoken.filter((sentence) => sentence.inReasoning).map((sentence) => sentence.text);
  const entry = (name: string, passed: boolean, reason: string): Check =>
    passed ? { name, passed } : { name, passed, reason };
  const checks = [
    entry(
      "well-formed",
      wellFormed.test(text),
      "expected <think>, reasoning, </think>, a conclusion and one box at the end",
    ),
    entry("finding-named", finding !== null, "no finding is asserted"),
    entry(
      "finding-consistent",
      consistent,
      `the findings named (${asserted.join(", ") || "none"}) do not all lead to the answer ${said ?? answer.status}`,
    ),
    ...(truth.finding === undefined
      ? []
      : [
          entry(
            "finding-right",
            finding === truth.finding,
            `it names ${finding ?? "none"}; the film shows ${truth.finding}`,
          ),
        ]),
    entry(
      "alternative-weighed",
      thoughts.some((t) => hypothetical.test(t) && contrast.test(t)),
      "no alternative is weighed against the film",
    ),
    entry(
      "check-made",
      thoughts.some((t) =>
        /^check\b|\b(?:re-?check|check(?:ing)? again|look(?:ing)? again|on review|double-check)/i.test(t),
      ),
      "the answer is not checked",
    ),
    entry(
      "no-age",
      !age.test(text),
      `the film does not tell an age, but the trace says ${JSON.stringify(age.exec(text)?.[0])}`,
    ),
  ];
  const correct = said === truth.label;
  return { answer, correct, finding, checks, correctWithFinding: correct && finding !== null && consistent };
}

const wellFormed =
  /^<think>\n(?:(?!<\/?think>)[\s\S])+\n<\/think>\n\n(?:(?!<\/?think>|\\boxed)[\s\S])*\\boxed\{[^{}]+\}\s*$/;

/** The finding that a sentence asserts: named, and neither denied nor only thought of. */
function assertedFinding(sentence: string): FilmFinding | undefined {
  if (hypothetical.test(sentence)) return undefined;
  for (const [finding, name] of names) {
    const found = name.exec(sentence);
    if (found !== null && !denial.test(clauseBefore(sentence, found.index))) return finding;
  }
  return undefined;
}

/** The words before `end` since the last mark that ends a clause. */
function clauseBefore(sentence: string, end: number): string {
  let start = end;
  while (start > 0 && !".;:,".includes(sentence[start - 1]!)) start--;
  return sentence.slice(start, end);
}

function fits(finding: FilmFinding, answer: string): boolean {
  if (finding === "clear lungs" || answer === "normal")
    return finding === "clear lungs" && answer === "normal";
  if (answer === "pneumonia") return true;
  // A cause goes with its pattern; patchy shadows go with either.
  return (
    finding === "patchy consolidation" ||
    (finding === "lobar consolidation") === (answer === "bacterial pneumonia")
  );
}
