import { type Range, sentences, traceParts } from "@mede2/answers";
import type { Question, Trace } from "@mede2/schemas";
import { optionIndex } from "@mede2/schemas";

/** A trace's reasoning as sentences, and what stands around it. */
export interface TraceText {
  before: string;
  sentences: string[];
  /** From the end of the reasoning to the end of the text. */
  after: string;
}

/** Takes a trace's text apart; null when it has no closed reasoning of two sentences or more. */
export function takeApart(text: string): TraceText | null {
  const { reasoning, closed } = traceParts(text);
  if (reasoning === null || !closed) return null;
  const found = sentences(text, reasoning).map(({ start, end }: Range) => text.slice(start, end).trim());
  const said = found.filter((sentence) => sentence !== "");
  return said.length < 2
    ? null
    : { before: text.slice(0, reasoning.start), sentences: said, after: text.slice(reasoning.end) };
}

/** The text again, a sentence a line where the original had lines, else in one paragraph. */
export function putTogether({ before, sentences, after }: TraceText, original: string): string {
  const { reasoning } = traceParts(original);
  const inner = reasoning === null ? "" : original.slice(reasoning.start, reasoning.end).trim();
  const lines = inner.split("\n").filter((line) => line.trim() !== "").length;
  return `${before.trimEnd()}\n${sentences.join(lines > 2 ? "\n" : " ")}\n${after.trimStart()}`;
}

/** What a trace answers, in words: the option's text, or the answer's own; null without one. */
export function answerWords({ options }: Question, { answer }: Trace): string | null {
  if (answer.status !== "found") return null;
  if (options.length === 0) return answer.text ?? null;
  const index = answer.labels?.length === 1 ? optionIndex(answer.labels[0]!, options.length) : undefined;
  return index === undefined ? null : (options[index] ?? null);
}

/** Whether a sentence speaks of what is seen. */
export const speaksOfPicture = (sentence: string): boolean =>
  /\b(?:picture|image|film|radiograph|x-?ray|scan|ct|mri|smear|strip|tracing|fundus|photograph|figure|view|shows?|seen|visible|visuali[sz]ed)\b/i.test(
    sentence,
  );

/** Whether a sentence examines itself or weighs something else. */
export const reflects = (sentence: string): boolean =>
  /\b(?:(?:double|cross|re)?-?check\w*|verif\w*|confirm\w*|re-?(?:examin|assess|consider|evaluat|view)\w*|consider\w*|alternativ\w*|however|would|could|might|unlikely|exclud\w*|rul\w* out|against|differential|instead|rather than|look\w* (?:again|back)|wait|on reflection|less likely|not seen|eliminat\w*|does not fit|consistent with)\b/i.test(
    sentence,
  );
