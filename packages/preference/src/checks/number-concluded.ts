import { z } from "zod";
import { quote, type TraceContext } from "../trace-context.ts";
import { fails, traceCheck } from "./check.ts";

/** The number that an open question is answered with; null for any other answer. */
export function numericAnswer({ question, trace }: TraceContext): number | null {
  const said = question.options.length === 0 ? (trace.answer.text?.trim() ?? "") : "";
  if (!/^[-−+]?\d[\d.,]*\s*\S{0,12}$/.test(said)) return null;
  const value = Number(
    /^[-−+]?\d[\d.,]*/
      .exec(said)![0]
      .replace("−", "-")
      .replace(/,(?=\d{3})/g, "")
      .replace(/[.,]$/, ""),
  );
  return Number.isFinite(value) ? value : null;
}

export const numberChecks = {
  "number-concluded": traceCheck({
    about:
      "a number that is answered is what the reasoning ends with: among its last six numbers (1), somewhere in it (0.5), or nowhere (0); rounding of half a per cent is let off",
    settings: z.strictObject({
      /** How many of the last numbers count as its end. */
      last: z.int().min(1).default(6),
    }),
    run: (context, { last }) => {
      const answer = numericAnswer(context);
      if (answer === null) return { notApplicable: "no-number-asked" };
      const { thought, numbers } = context;
      const inside = numbers.filter(({ start, end }) => start >= thought.start && end <= thought.end);
      if (inside.length === 0) return { notApplicable: "no-number-in-reasoning" };
      const slack = Math.abs(answer) * 0.005 + 1e-9;
      const at = inside.findLastIndex(({ value }) => Math.abs(Math.abs(value) - Math.abs(answer)) <= slack);
      if (at < 0) return fails("the reasoning never comes to the number that it answers");
      const spans = [quote(context, inside[at]!)];
      return at >= inside.length - last
        ? { value: 1, spans }
        : { value: 0.5, spans, reason: "the reasoning ends with other numbers than the answer" };
    },
  }),
};
