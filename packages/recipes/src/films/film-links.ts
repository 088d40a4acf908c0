import { checkFilmTrace, type FilmAnswer, type FilmTraceCheck } from "@mede2/data";
import type { LinkResult } from "@mede2/preference";
import type { Question, Trace } from "@mede2/schemas";
import { filmLabel } from "./films-data.ts";

/** What the checker of film traces says of a trace. The published films tell the label, not the finding. */
export function filmCheck(question: Question, text: string): FilmTraceCheck {
  return checkFilmTrace(text, { label: filmLabel(question) as FilmAnswer, options: question.options });
}

/** What is not there is absent; what is there and does not hold is wrong. */
const absentWhenMissing = new Set(["finding-named", "alternative-weighed", "check-made"]);

/** The links of a film trace for the preference. A finding that leads elsewhere than the answer breaks the chain. */
export function filmLinks(question: Question, trace: Trace): LinkResult[] {
  const { checks, finding } = filmCheck(question, trace.text);
  return checks.map(({ name, passed, reason }): LinkResult => {
    const absent = absentWhenMissing.has(name) || (name === "finding-consistent" && finding === null);
    return {
      name,
      status: passed ? "right" : absent ? "absent" : "wrong",
      ...(reason === undefined ? {} : { reason }),
    };
  });
}
