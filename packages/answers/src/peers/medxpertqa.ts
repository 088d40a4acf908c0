import { optionLabels } from "@mede2/schemas";
import { type PeerReply, type PeerVerdict, verdictOf } from "./peer-verdict.ts";

/**
 * MedXpertQA (`eval/utils.py`, `answer_cleansing`, zero-shot): what stands between the first and the second trigger, else between the first two
 * " answer is "; without "A through E" and "I understand"; then the first label that is a word. None is wrong, nothing is guessed.
 */
export function medxpertqaVerdict({ text, options, gold }: PeerReply): PeerVerdict {
  const labels = optionLabels(options.length);
  const trigger = `Therefore, among A through ${labels.at(-1)}, the answer is`;
  let said = (text.split(trigger)[1] ?? text.split(" answer is ")[1])?.trim() ?? text;
  for (const phrase of ["I understand", "A through J", "A through E", "A through D"])
    said = said.replaceAll(phrase, "");
  const first =
    labels.length === 0
      ? null
      : new RegExp(`(?<![\\p{L}\\p{N}_])[A-${labels.at(-1)}](?![\\p{L}\\p{N}_])`, "u").exec(said);
  return verdictOf(first?.[0] ?? null, gold);
}
