import type { Range } from "@mede2/answers";
import { contentWords, sharesStem } from "../content-words.ts";
import { signs } from "../lexicon.ts";
import { plainWord } from "../report-words.ts";
import type { Sentence, TraceContext } from "../trace-context.ts";

/** Words that speak against something. */
const against =
  /\b(?:not|never|no|nothing|nobody|nowhere|none|neither|nor|cannot|without|hardly|scarcely|barely|little|few|less|least|last|wrong|incorrect|false|untrue|impossible|implausible|improbable|unlikely|untenable|unfit|unsuit\w*|ill-\w+|against|counter|contradict\w*|exclud\w*|reject\w*|eliminat\w*|rule[sd]?|out|off|away|aside|fail\w*|drop\w*|discard\w*|dismiss\w*|abandon\w*|omit\w*|remov\w*|withdraw\w*|cross\w*|struck|strike|anything but|far from|poor\w*|weak\w*|bad\w*|doubt\w*|questionable|mistak\w*|error|refut\w*|disprov\w*|rebut\w*|den(?:y|ies|ied)|lack\w*|miss\w*|unconvinc\w*|unsupport\w*|inconsisten\w*|incompatib\w*|unreasonabl\w*|except|instead|avoid\w*|forget|skip\w*|worse|worst|problem\w*)\b|n['’]t\b/i;

/** Words that leave a verdict open. "Would" does not before the option ("everybody would settle on it"), only after it. */
const hedge =
  /\b(?:could|might|may|if|were it|suppose|consider|alternative\w*|rather than|instead of|perhaps|maybe|possibl[ey])\b/i;

/** What is arrived at in this way is affirmed. */
const byElimination = /\bby (?:a |the )?(?:process of |way of )?(?:elimination|exclusion)\b/i;

const mostWords = 4;

/**
 * What a sentence in the second half of a chain says of an option when it says nothing of the case: no word of the stem, no sign, no number. "for": that it is the answer;
 * "against": that it is not. Null for any other sentence, and for a line of a list.
 */
export function bareVerdict(
  { text, thought, question }: TraceContext,
  sentence: Sentence,
  option: Range,
): "for" | "against" | null {
  if (sentence.start < thought.start + 0.5 * (thought.end - thought.start)) return null;
  const before = text.slice(sentence.start, option.start);
  const after = text.slice(option.end, sentence.end);
  const rest = `${before} ${after}`.replace(byElimination, " ");
  if (/^\s*(?:[-*•]|\(?[A-L1-9][.):])/.test(before) || /\d/.test(rest)) return null;
  if (!/\p{L}{2,}/u.test(rest) || hedge.test(rest) || /\bwould\b/i.test(after) || rest.search(signs) >= 0)
    return null;
  const told = `${question.stem}\n${question.findings ?? ""}`.toLowerCase();
  const words = contentWords(rest).filter((word) => word.length >= 4 && !plainWord.test(word));
  if (words.length > mostWords || words.some((word) => sharesStem(word, told))) return null;
  return against.test(rest) ? "against" : "for";
}
