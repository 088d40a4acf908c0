import { optionIndex, optionLabels } from "@mede2/schemas";
import { goldLabels, type PeerReply, type PeerVerdict } from "./peer-verdict.ts";

/**
 * MedVLThinker (`extract_answer`, `grade_answer`): the inside of the first `<answer>…</answer>`, or the whole reply, must be the label, "label. words", or
 * the option's words, whatever the case. Nothing is searched for and nothing guessed.
 */
export function medvlthinkerVerdict({ text, options, gold }: PeerReply): PeerVerdict {
  const said = firstInside(text).trim().toLowerCase();
  const equals = (label: string, words: string) =>
    said === label.toLowerCase() ||
    said === `${label}. ${words}`.trim().toLowerCase() ||
    said === words.trim().toLowerCase();
  const [label] = goldLabels(gold);
  if (label === undefined) {
    const correct = "text" in gold && said === gold.text.trim().toLowerCase();
    return { label: null, correct, guess: null };
  }
  const index = optionIndex(label, options.length);
  const correct = goldLabels(gold).length === 1 && index !== undefined && equals(label, options[index]!);
  const named = optionLabels(options.length).find((each, option) => equals(each, options[option]!));
  return { label: correct ? label : (named ?? null), correct, guess: null };
}

/** The inside of the first `<answer>…</answer>`, else all. */
function firstInside(text: string): string {
  const open = text.indexOf("<answer>");
  const close = open < 0 ? -1 : text.indexOf("</answer>", open);
  return close < 0 ? text : text.slice(open + "<answer>".length, close);
}
