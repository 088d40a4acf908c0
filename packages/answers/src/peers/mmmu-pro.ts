import { optionLabels } from "@mede2/schemas";
import { type PeerReply, type PeerVerdict, verdictOf } from "./peer-verdict.ts";

/**
 * MMMU-Pro (`mmmu-pro/evaluate.py`, `parse_multi_choice_response`): the only label anywhere after the last "Answer:"; else `(B)`, else `B `, else
 * `B.`, else option words in replies of more than five words; of several the last one; else a draw, unseeded there.
 */
export function mmmuProVerdict({ text, options, gold }: PeerReply): PeerVerdict {
  const labels = optionLabels(options.length);
  if (labels.length === 0) return verdictOf(null, gold); // it reads options alone
  const announced = text.lastIndexOf("Answer:");
  if (announced >= 0) {
    const tail = text.slice(announced + "Answer:".length);
    const named = labels.filter((label) => tail.includes(label));
    if (named.length === 1) return verdictOf(named[0]!, gold);
  }
  let reply = text;
  for (const unit of [",", ".", "!", "?", ";", ":", "'"]) reply = stripUnit(reply, unit);
  reply = ` ${reply} `;
  const lower = reply.toLowerCase();
  const words = (option: number) => options[option]!.toLowerCase();
  const forms: {
    has: (label: string, option: number) => boolean;
    at: (label: string, option: number) => number;
  }[] = [
    { has: (label) => reply.includes(`(${label})`), at: (label) => reply.lastIndexOf(`(${label})`) },
    { has: (label) => reply.includes(`${label} `), at: (label) => reply.lastIndexOf(` ${label} `) },
    { has: (label) => reply.includes(`${label}.`), at: (label) => reply.lastIndexOf(` ${label} `) },
    ...(reply.split(/\s+/).filter((word) => word !== "").length > 5
      ? [
          {
            has: (_: string, option: number) => lower.includes(words(option)),
            at: (_: string, option: number) => lower.lastIndexOf(words(option)),
          },
        ]
      : []),
  ];
  for (const { has, at } of forms) {
    const found = labels
      .map((label, option) => ({ label, option }))
      .filter(({ label, option }) => has(label, option));
    if (found.length === 0) continue;
    if (found.length === 1) return verdictOf(found[0]!.label, gold);
    const places = found.map(({ label, option }) => at(label, option));
    return verdictOf(found[places.indexOf(Math.max(...places))]!.label, gold); // the first of equals, as numpy's argmax
  }
  return { label: null, correct: false, guess: { kind: "drawn", among: labels.length } };
}

function stripUnit(text: string, unit: string): string {
  let [from, to] = [0, text.length];
  while (from < to && text[from] === unit) from++;
  while (to > from && text[to - 1] === unit) to--;
  return text.slice(from, to);
}
