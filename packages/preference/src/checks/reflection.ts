import { z } from "zod";
import { contentWords, sharesStem } from "../content-words.ts";
import { signs } from "../lexicon.ts";
import { quote, type Sentence, type TraceContext } from "../trace-context.ts";
import { fails, traceCheck } from "./check.ts";

const checking =
  /\b(?:(?:double|cross|re)?-?check(?:s|ed|ing)?|verif(?:y|ies|ied|ying)|re-?examin\w*|re-?assess\w*|re-?consider\w*|re-?evaluat\w*|on (?:review|reflection)|look(?:ing)? (?:again|back)|going back|to confirm|confirm(?:s|ing)? (?:that|this)|is (?:this|that) consistent|does (?:this|that) fit|sanity)\b/i;
const weighing =
  /\b(?:would|could|might|alternative\w*|alternatively|differential|rather than|instead of|as opposed to|whereas|unlike|less likely|unlikely|exclud\w*|rul\w* out|argues? against|against|eliminat\w*)\b/i;
const reason =
  /\b(?:because|since|as|so|due to|given|but|however|without|lack\w*|absen\w*|not|no|would (?:need|require|cause|show|have|give|be|expect\w*|produce|present|fill|blunt|pull|widen)|need\w*|require\w*|expect\w*)\b/i;

/** Checks of self-examination. Filler ("wait", "hmm") counts as neither; more than one of each counts once. */
export const reflectionChecks = {
  "evidence-checked": traceCheck({
    about: "a sentence checks, and goes back to evidence: a number, a sign, or words of the stem",
    settings: z.strictObject({}),
    run: (context) => {
      const checks = inThought(context).filter(({ text }) => checking.test(text));
      if (checks.length === 0) return fails("nothing is checked");
      const grounded = checks.filter((sentence) => speaksOfEvidence(context, withNext(context, sentence)));
      return grounded.length > 0
        ? { value: 1, spans: grounded.slice(0, 3).map((sentence) => quote(context, sentence)) }
        : fails(
            "a check without evidence",
            checks.slice(0, 3).map((sentence) => quote(context, sentence)),
          );
    },
  }),

  "alternative-weighed": traceCheck({
    about: "another possibility is weighed with a reason (1), or an option is set aside without one (0.5)",
    settings: z.strictObject({}),
    run: (context) => {
      const thoughts = inThought(context);
      const weighed = thoughts.filter(
        ({ text }) => weighing.test(text) && reason.test(text) && contentWords(text).length >= 3,
      );
      if (weighed.length > 0)
        return { value: 1, spans: weighed.slice(0, 3).map((sentence) => quote(context, sentence)) };
      const aside = context.mentions.filter(({ option, negated }) => negated && option !== context.final);
      return aside.length > 0
        ? {
            value: 0.5,
            spans: aside.slice(0, 3).map((at) => quote(context, at)),
            reason: "set aside without a reason",
          }
        : fails("no alternative is weighed");
    },
  }),
};

function inThought({ sentences, thought }: TraceContext): Sentence[] {
  return sentences.filter(({ start, end }) => start >= thought.start - 1 && end <= thought.end + 1);
}

function withNext({ sentences }: TraceContext, sentence: Sentence): string {
  const next = sentences[sentences.indexOf(sentence) + 1];
  return sentence.text.replace(checking, "") + (next === undefined ? "" : ` ${next.text}`);
}

/** Options are no evidence. */
function speaksOfEvidence({ question }: TraceContext, text: string): boolean {
  const stem = question.stem.toLowerCase();
  return (
    /\d/.test(text) ||
    text.search(signs) >= 0 ||
    contentWords(text).some((word) => word.length >= 4 && sharesStem(word, stem))
  );
}
