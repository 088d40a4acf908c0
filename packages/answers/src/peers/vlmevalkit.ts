import { optionLabels } from "@mede2/schemas";
import { type PeerReply, type PeerVerdict, verdictOf } from "./peer-verdict.ts";

const declined = [
  "Sorry, I can't help with images of people yet.",
  "I can't process this file.",
  "I'm sorry, but without the image provided",
  "Cannot determine the answer",
];

/**
 * VLMEvalKit (`vlmeval/utils/matching_util.py`, `can_infer`) without its judge: one label among the words, within the last four; else the only option
 * whose words occur in a reply not twice as long as all options. Where it reads nothing it asks a judge three times and then draws among the options
 * and "Z" (`vlmeval/dataset/utils/multiple_choice.py`).
 */
export function vlmevalkitVerdict({ text, options, gold }: PeerReply): PeerVerdict {
  const labels = optionLabels(options.length);
  if (labels.length === 0) return verdictOf(null, gold); // it reads options alone
  const drawn: PeerVerdict = {
    label: null,
    correct: false,
    guess: { kind: "drawn", among: labels.length + 1 },
  };
  if (!text.includes("Failed to obtain answer via API")) {
    if (declined.some((phrase) => text.includes(phrase))) return verdictOf(null, gold);
    const words = text
      .replace(/[.()[\],:;!*#{}]/g, " ")
      .split(/\s+/)
      .filter((word) => word !== "");
    const present = new Set(words);
    const named = labels.filter((label) => present.has(label));
    if (named.length === 1 && words.indexOf(named[0]!) > words.length - 5) return verdictOf(named[0]!, gold);
    if (named.length === 0 && present.has("Z")) return verdictOf(null, gold);
  }
  const lower = text.toLowerCase();
  if (lower.length > 2 * options.reduce((sum, option) => sum + option.length, 0)) return drawn;
  const mentioned = labels.filter((_, option) => lower.includes(options[option]!.toLowerCase()));
  return mentioned.length === 1 ? verdictOf(mentioned[0]!, gold) : drawn;
}
