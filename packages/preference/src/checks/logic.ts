import { extractByRule, type Mention } from "@mede2/answers";
import { optionLabel } from "@mede2/schemas";
import { z } from "zod";
import { quote, type TraceContext } from "../trace-context.ts";
import { type CheckResult, fails, traceCheck } from "./check.ts";
import { flips } from "./flips.ts";

const concluding =
  /\b(?:so|therefore|thus|hence|consequently|answer|conclu(?:de|des|sion)|best|choose|chosen|select|stands?|final(?:ly)?)\b|=>|→/i;
const turning =
  /\b(?:but|however|although|yet|on (?:reflection|review)|reconsider\w*|actually|after all|looking again|re-?check\w*|nevertheless|wait|correction)\b/i;

/** Checks of the chain against itself. */
export const logicChecks = {
  "conclusion-agrees": traceCheck({
    about:
      "the last conclusion in words, or else the last option affirmed, is the answer; 0.5 when the chain never names it, or names another without concluding",
    settings: z.strictObject({}),
    run: (context) => {
      if (context.final < 0) return fails("there is no answer");
      const stated = conclusion(context);
      if (stated !== null)
        return stated.options.includes(context.final)
          ? { value: 1, spans: [quote(context, stated)] }
          : fails("it concludes something else", [quote(context, stated)]);
      const letter = announcedLetter(context);
      if (letter !== null) return letter;
      const last = context.mentions.findLast(({ negated }) => !negated);
      const spans = last === undefined ? [] : [quote(context, last)];
      return last?.option === context.final
        ? { value: 1, spans }
        : { value: 0.5, spans, reason: "no conclusion in words" };
    },
  }),

  "eliminated-stay-out": traceCheck({
    about:
      "the answer was not eliminated before, or the turn is told (0.5 when it is taken back without a word)",
    settings: z.strictObject({}),
    run: (context) => {
      const own = context.mentions.filter(({ option }) => option === context.final);
      const out = own.filter(({ negated }) => negated);
      const last = out.at(-1);
      if (last === undefined) return { value: 1, spans: [] };
      const after = own.filter(({ start, negated }) => !negated && start > last.end);
      const spans = [quote(context, sentenceOf(context, last))];
      if (after.length === 0) return fails("it answers what it had eliminated", spans);
      return turning.test(context.text.slice(last.end, after[0]!.start))
        ? { value: 1, spans }
        : { value: 0.5, spans, reason: "an elimination is taken back without a word" };
    },
  }),

  "no-flips": traceCheck({
    about: "no side, number or unit of the same thing changes inside the chain; each change costs a half",
    settings: z.strictObject({
      /** Numbers of a sentence with "=" or "≈" are steps of a calculation, of which the next may be another. */
      computed: z.boolean().default(false),
    }),
    run: (context, { computed }) => {
      const found = flips(context, computed);
      if (found.length === 0) return { value: 1, spans: [] };
      return {
        value: Math.max(0, 1 - found.length / 2),
        spans: found.flatMap(({ ranges }) => ranges.map((range) => quote(context, range))),
        reason: found[0]!.reason,
      };
    },
  }),
};

/** The last sentence that concludes and affirms options, with the options that it affirms. */
function conclusion(context: TraceContext): { start: number; end: number; options: number[] } | null {
  const affirmed = context.mentions.filter(({ negated }) => !negated);
  for (let at = context.sentences.length - 1; at >= 0; at--) {
    const { start, end, text } = context.sentences[at]!;
    if (!concluding.test(text)) continue;
    const options = affirmed.filter((mention) => mention.start >= start && mention.end <= end);
    if (options.length > 0) return { start, end, options: options.map(({ option }) => option) };
  }
  return null;
}

/** "So the answer is B" in the reasoning. */
function announcedLetter(context: TraceContext): CheckResult | null {
  const { options } = context.question;
  const thought = context.text
    .slice(context.thought.start, context.thought.end)
    .replace(/\\boxed\{[^}]{0,200}\}/g, "");
  if (options.length === 0) return null;
  const said = extractByRule("announced", thought, { options });
  if (said.status !== "found" || said.labels?.length !== 1 || said.span === null) return null;
  const start = context.text.indexOf(said.span.quote, context.thought.start);
  const spans = start < 0 ? [] : [quote(context, { start, end: start + said.span.quote.length })];
  return said.labels[0] === optionLabel(context.final)
    ? { value: 1, spans }
    : fails("it concludes something else", spans);
}

function sentenceOf({ sentences }: TraceContext, mention: Mention) {
  return sentences.find(({ start, end }) => start <= mention.start && mention.start < end) ?? mention;
}
