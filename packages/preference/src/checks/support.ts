import type { Range } from "@mede2/answers";
import { z } from "zod";
import { contentWords, sharesStem } from "../content-words.ts";
import type { NumberMention } from "../number-mentions.ts";
import { quote, type TraceContext } from "../trace-context.ts";
import { type CheckResult, holds, traceCheck } from "./check.ts";
import { findingsAgree } from "./findings-agree.ts";
import { numericAnswer } from "./number-concluded.ts";

/** Checks of whether what a trace says of the case stands in the case. */
export const supportChecks = {
  "numbers-in-stem": traceCheck({
    about: "every number stands in the stem, and beside the same name where the stem names it",
    settings: z.strictObject({
      /** Numbers of rules ("above 11") need not stand in the stem. */
      thresholds: z.boolean().default(true),
      /** Numbers that stand after "=" or "≈" are results, wherever they come again; and where the answer is a number, nothing is said. */
      computed: z.boolean().default(false),
      /** As many unsupported numbers bring the value to 0. */
      tolerance: z.int().min(1).default(2),
    }),
    run: (context, { thresholds, tolerance, computed }) => {
      // the constants and steps of a formula stand in no stem, and who computes more names more of them
      if (computed && numericAnswer(context) !== null) return { notApplicable: "a-number-is-asked" };
      const claims = context.numbers.filter(
        (mention) => !mention.ordinal && !(thresholds && mention.threshold),
      );
      if (claims.length === 0) return holds;
      const results = new Set(
        computed ? claims.filter(({ start }) => isResult(context.text, start)).map(({ value }) => value) : [],
      );
      const wrong = claims.filter(
        (mention) => !results.has(mention.value) && !supported(mention, context.shownNumbers),
      );
      return share(context, wrong, tolerance, "not in the stem");
    },
  }),

  "history-in-stem": traceCheck({
    about: "every history and habit that it tells of this patient stands in the stem",
    settings: z.strictObject({}),
    run: (context) => {
      const wrong = [...context.text.matchAll(history)].flatMap((match) => {
        const said = contentWords(match[1]!);
        if (said.length === 0 || said.some((word) => sharesStem(word, context.shown))) return [];
        return [{ start: match.index, end: match.index + match[0].length }];
      });
      return share(context, wrong, 1, "not in the stem");
    },
  }),

  "findings-agree": findingsAgree,
};

const history =
  /\b(?:history of|known (?:to have|for|case of)|(?:he|she|patient|man|woman|child) (?:has a history of|smokes|drinks|takes|denies|underwent|was treated with|was exposed to)) ((?:[\p{L}-]{2,24} ?){1,3})/giu;

const isResult = (text: string, start: number) =>
  /[=≈]\s{0,3}\$?$/.test(text.slice(Math.max(0, start - 5), start));

/** The number occurs; and where the word before it names a value of the stem, it is one of that value's numbers. */
function supported(mention: NumberMention, shown: readonly NumberMention[]): boolean {
  const named = mention.name === "" ? [] : shown.filter(({ name }) => name === mention.name);
  return (named.length > 0 ? named : shown).some(({ value }) => Math.abs(value) === Math.abs(mention.value));
}

function share(
  context: TraceContext,
  wrong: readonly Range[],
  tolerance: number,
  reason: string,
): CheckResult {
  if (wrong.length === 0) return holds;
  const spans = wrong.map((range) => quote(context, range));
  return {
    value: Math.max(0, 1 - wrong.length / tolerance),
    spans,
    reason: `${spans
      .map((span) => span.quote)
      .slice(0, 3)
      .join(", ")}: ${reason}`,
  };
}
