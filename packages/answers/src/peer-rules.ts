/**
 * Rules that other harnesses apply, without the guesses that some of them make when nothing matches. They are not part of our
 * cascade: they show how far a score depends on the rule. Choice questions only.
 */
import type { FindCandidates } from "./cascade-rules.ts";

/** Inspect (`inspect_ai/solver/_multiple_choice.py`): the last line `ANSWER: B`. */
export const findInspectAnswer: FindCandidates = (text, { start, end }, { labels }) => {
  const found = [...text.slice(start, end).matchAll(/^ANSWER[ \t]*:[ \t]*([A-Za-z\d ,]{1,60})/gim)];
  return found.slice(-1).flatMap((match) => {
    const named = match[1]!
      .toUpperCase()
      .split(/[ ,]+/)
      .filter((piece) => piece !== "");
    const at = start + match.index;
    return named.length > 0 && named.every((label) => labels.includes(label))
      ? [{ start: at, end: at + match[0].length, reading: { labels: named } }]
      : [];
  });
};

/** The last capital letter that stands alone and is a label. */
export const findLastCapital: FindCandidates = (text, range, context) =>
  capitals(text, range, context.labels).slice(-1);

/** MedXpertQA (`eval/utils.py`, `answer_cleansing`): the first such letter after the last " answer is ". */
export const findFirstCapital: FindCandidates = (text, { start, end }, context) => {
  const trigger = text.slice(start, end).lastIndexOf(" answer is ");
  return capitals(text, { start: trigger < 0 ? start : start + trigger + 11, end }, context.labels).slice(
    0,
    1,
  );
};

/** MMMU (`mmmu/utils/eval_utils.py`, `parse_multi_choice_response`): `(B)`, else ` B `, else option words; the last occurrence. */
export const findMmmu: FindCandidates = (text, range, context) => {
  const { labels, options } = context;
  const reply = ` ${text.slice(range.start, range.end).replace(/^[,.!?;:']+|[,.!?;:']+$/g, "")} `;
  const lower = reply.toLowerCase();
  const last = (find: (label: string, option: number) => number) => {
    const places = labels
      .map((label, option) => ({ label, at: find(label, option) }))
      .filter(({ at }) => at >= 0);
    return places.sort((a, b) => b.at - a.at)[0];
  };
  const best =
    last((label) => reply.lastIndexOf(`(${label})`)) ??
    last((label) => reply.lastIndexOf(` ${label} `)) ??
    (reply.split(/\s+/).length > 7
      ? last((_, option) => (options[option] === "" ? -1 : lower.lastIndexOf(options[option]!.toLowerCase())))
      : undefined);
  if (!best) return [];
  const at = Math.max(range.start, Math.min(range.end, range.start + best.at - 1));
  return [{ start: at, end: Math.min(range.end, at + 1), reading: { labels: [best.label] } }];
};

function capitals(text: string, { start, end }: { start: number; end: number }, labels: readonly string[]) {
  return [...text.slice(start, end).matchAll(/\b[A-Z]\b/g)]
    .filter((match) => labels.includes(match[0]))
    .map((match) => ({
      start: start + match.index,
      end: start + match.index + 1,
      reading: { labels: [match[0]] },
    }));
}
