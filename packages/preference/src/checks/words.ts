import { z } from "zod";
import { quote } from "../trace-context.ts";
import { fails, holds, traceCheck } from "./check.ts";

// All quantifiers are bounded, so that no text makes them slow.
const keyLeaks: readonly RegExp[] = [
  /\b(?:given|knowing|since|as|because|told|told us|know|seeing) (?:that )?(?:the )?(?:correct|right|gold|true|expected|reference|given|provided) (?:answer|option|choice|diagnosis) (?:is|was|must be)\b/gi,
  /\b(?:the )?(?:answer|solution) key\b/gi,
  /\b(?:provided|supplied|gold|ground[- ]truth|reference) (?:answer|solution|label)\b/gi,
  /\bwe (?:are|were) (?:given|told) (?:that )?(?:the )?(?:correct )?answer\b/gi,
  /\bthe (?:correct )?answer (?:is|was) (?:already )?(?:given|provided|known|stated|listed) (?:as|to be|above|in)\b/gi,
  /\b(?:to|must) (?:justify|reach|arrive at|match) the (?:given|provided|correct|expected) answer\b/gi,
];

const contextMention =
  /\b(?:the|this|its|given|provided|accompanying|attached|supplied) (?:figure |image |radiology |imaging |pathology |clinical |original |accompanying |provided )?(caption|legend|report|context|passage|article|abstract|annotation|ground truth)s?\b(?! of\b)/gi;

/** Checks of what a trace may not say. */
export const wordChecks = {
  "no-key-leak": traceCheck({
    about: "does not speak of an answer that it was given",
    settings: z.strictObject({}),
    run: ({ text }) => {
      const spans = keyLeaks.flatMap((pattern) =>
        [...text.matchAll(pattern)].map(({ index, 0: said }) =>
          quote({ text }, { start: index, end: index + said.length }),
        ),
      );
      return spans.length > 0 ? fails("it speaks of a given answer", spans) : holds;
    },
  }),

  "no-unseen-context": traceCheck({
    about: "speaks of no caption, report or context, unless the stem does",
    settings: z.strictObject({}),
    run: ({ text, shown }) => {
      const spans = [...text.matchAll(contextMention)]
        .filter((match) => !shown.includes(match[1]!.toLowerCase()))
        .map(({ index, 0: said }) => quote({ text }, { start: index, end: index + said.length }));
      return spans.length > 0 ? fails("it speaks of a text that was not shown", spans) : holds;
    },
  }),

  pattern: traceCheck({
    about: "a regular expression of the rubric's own occurs, or does not",
    settings: z.strictObject({
      pattern: z.string().min(1),
      want: z.enum(["present", "absent"]).default("present"),
    }),
    run: ({ text }, { pattern, want }) => {
      const spans = [...text.matchAll(new RegExp(pattern, "giu"))]
        .slice(0, 20)
        .map(({ index, 0: said }) => quote({ text }, { start: index, end: index + said.length }));
      const present = spans.length > 0;
      return present === (want === "present")
        ? { value: 1, spans }
        : fails(present ? "it says what it may not" : "it does not say what it should", spans);
    },
  }),
};
