import { isCorrect } from "@mede2/answers";
import { z } from "zod";
import { quote } from "../trace-context.ts";
import { fails, holds, traceCheck } from "./check.ts";

/** Checks of the form and of the outcome. */
export const formChecks = {
  parses: traceCheck({
    about: "ended by itself, with reasoning that is closed and an answer that was found",
    settings: z.strictObject({ reasoning: z.boolean().default(true) }),
    run: ({ trace, marked, closed, thought, text }, { reasoning }) => {
      if (trace.finish !== "stop") return fails(`finish is ${trace.finish}`);
      if (trace.answer.status !== "found") return fails(`the answer is ${trace.answer.status}`);
      if (reasoning && !marked) return fails("no reasoning is marked");
      if (!closed) return fails("the reasoning does not end");
      if (reasoning && text.slice(thought.start, thought.end).trim() === "")
        return fails("the reasoning is empty");
      return holds;
    },
  }),

  "answer-correct": traceCheck({
    about: "the answer is the gold answer",
    settings: z.strictObject({}),
    run: ({ trace, question }) =>
      isCorrect(trace.answer, question.gold)
        ? { value: 1, spans: trace.answer.span === null ? [] : [trace.answer.span] }
        : fails(
            trace.answer.status === "found" ? "another answer" : `the answer is ${trace.answer.status}`,
            trace.answer.span === null ? [] : [trace.answer.span],
          ),
  }),

  length: traceCheck({
    about: "its number of words lies within bounds",
    settings: z.strictObject({
      minWords: z.int().min(0).default(8),
      maxWords: z.int().min(1).default(3000),
    }),
    run: ({ words }, { minWords, maxWords }) =>
      words.length < minWords || words.length > maxWords
        ? fails(`${words.length} words, not ${minWords}–${maxWords}`)
        : holds,
  }),

  "no-repetition": traceCheck({
    about: "no loop: no sequence of words three times in a row, and not the same phrases over and over",
    settings: z.strictObject({
      /** Longest period of a loop, in words. */
      period: z.int().min(1).max(200).default(40),
      /** Shortest loop, in words. */
      loop: z.int().min(3).default(12),
      /** Largest share of word 4-grams that occurred before, in texts of at least 40 words. */
      share: z.number().min(0).max(1).default(0.5),
    }),
    run: ({ words, text }, { period, loop, share }) => {
      for (let p = 1; p <= period && p * 3 <= words.length; p++) {
        let run = 0;
        for (let at = p; at < words.length; at++) {
          run = words[at] === words[at - p] ? run + 1 : 0;
          if (run >= 2 * p && run + p >= loop)
            return fails(`${words.slice(at - p + 1, at + 1).join(" ")} … comes three times in a row`, [
              quote({ text }, { start: Math.max(0, text.length - 80), end: text.length }),
            ]);
        }
      }
      if (words.length < 40) return holds;
      const seen = new Set<string>();
      const total = words.length - 3;
      for (let at = 0; at < total; at++) seen.add(words.slice(at, at + 4).join(" "));
      const repeated = 1 - seen.size / total;
      return repeated > share
        ? fails(`${Math.round(repeated * 100)} % of its phrases occurred before`)
        : holds;
    },
  }),
};
