import { normalise, occurrences, standsAlone } from "./normalised-text.ts";
import type { Range } from "./trace-parts.ts";

/** A place where the text names an option in its own words. `negated`: the clause says that it is not the answer. */
export type Mention = Range & { option: number; negated: boolean };

const denialBefore =
  /(?:\b(?:not|no|never|without|neither|nor|except|against|less likely|unlikely|more likely than|differ\w* from|exclud\w*|eliminat\w*|rul\w* out|wrong|incorrect|cannot be|different from)\b|n't\b|n’t\b|不|排除|并非|而非)[\s\S]{0,40}$|\b(?:rather than|instead of|unlike)\b[^,]{0,40}$/i;
/** What is arrived at "by elimination" is affirmed, though the word eliminates. */
const byElimination = /\bby (?:a |the )?(?:process of |way of )?(?:elimination|exclusion)\b/gi;
const denialAfter =
  /^[\s)*_'"”]*(?:(?:is|are|was|were|would be|seems?|appears?|can be|could be|has been|have been|should be)\s*)?(?:(?:\w+ly|also|therefore|thus)\s+)?(?:not\b|n't|n’t|unlikely|less likely|less common|incorrect|wrong|ruled out|excluded|eliminated|false\b|不|可排除|排除|错)/i;

/**
 * Every mention of an option in `source[start, end)`, in order. Where one option's words lie inside another's ("pneumonia" in
 * "bacterial pneumonia") the longer one has them. Linear in the length of the text for a fixed set of options.
 */
export function optionMentions(
  source: string,
  { start, end }: Range,
  normalisedOptions: readonly string[],
): Mention[] {
  const { text, origin } = normalise(source, start, end);
  const taken = new Uint8Array(text.length);
  const mentions: Mention[] = [];
  const longestFirst = normalisedOptions
    .map((words, option) => ({ words, option }))
    .sort((a, b) => b.words.length - a.words.length);
  let previous = "";
  for (const { words, option } of longestFirst) {
    const equalToLast = words === previous; // two options with the same words are both mentioned
    previous = words;
    for (const from of occurrences(text, words)) {
      const to = from + words.length;
      if (!standsAlone(text, from, to) || (!equalToLast && taken[from] === 1 && taken[to - 1] === 1))
        continue;
      taken.fill(1, from, to);
      const range = {
        start: origin[from]!,
        end:
          to < text.length ? endOf(source, origin[to - 1]!) : Math.min(end, endOf(source, origin[to - 1]!)),
      };
      mentions.push({ ...range, option, negated: isNegated(source, range) });
    }
  }
  return mentions.sort((a, b) => a.start - b.start);
}

function endOf(source: string, at: number): number {
  return at + String.fromCodePoint(source.codePointAt(at)!).length;
}

/** Looks at the clause only: at most 80 code units before and 60 after, up to the nearest stop. A question asserts nothing. */
function isNegated(source: string, { start, end }: Range): boolean {
  const before = lastPiece(
    source.slice(Math.max(0, start - 80), start),
    /[.;!?。；！？\n]|, (?=but|so|and|it|this)|\bbut\b/gi,
  ).replace(byElimination, "");
  const after = source.slice(end, end + 60);
  const stop = after.search(/[.;!?,。；！？，\n]/);
  const question = stop >= 0 && /[?？]/.test(after[stop]!);
  return question || denialBefore.test(before) || denialAfter.test(stop < 0 ? after : after.slice(0, stop));
}

function lastPiece(text: string, separator: RegExp): string {
  return text.split(separator).at(-1)!;
}
