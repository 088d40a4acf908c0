import { z } from "zod";
import { contentWords, sharesStem } from "../content-words.ts";
import { assertedSigns } from "../visual-claims.ts";
import { traceCheck } from "./check.ts";

/** Against the reference description of the images, where the question has one. Words of the stem count as told. */
export const findingsAgree = traceCheck({
  about: "the signs that it asserts stand in the reference findings or in the stem",
  settings: z.strictObject({}),
  run: (context) => {
    const { findings } = context.question;
    if (findings === undefined) return { notApplicable: "no-reference-findings" };
    const told = `${findings.toLowerCase()}\n${context.shown}`;
    const claimed = assertedSigns(context);
    if (claimed.length === 0) return { notApplicable: "no-signs-asserted" };
    const wrong = claimed.filter(({ quote }) => !contentWords(quote).every((word) => sharesStem(word, told)));
    const value = 1 - wrong.length / claimed.length;
    return wrong.length === 0
      ? { value, spans: claimed }
      : { value, spans: wrong, reason: `${wrong[0]!.quote} is not among the findings` };
  },
});
