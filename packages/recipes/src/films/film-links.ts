import { checkFilmTrace, type FilmAnswer, type FilmTraceCheck } from "@mede2/data";
import type { LinkResult } from "@mede2/preference";
import { optionIndex, type Question, type Trace } from "@mede2/schemas";

/** The name of the right option: all that is known of a published film. */
export function filmLabel({ id, options, gold }: Question): string {
  const label = "labels" in gold ? gold.labels[0] : undefined;
  const found = label === undefined ? undefined : options[optionIndex(label, options.length) ?? -1];
  if (found === undefined) throw new Error(`${id} has no right option; import the films again`);
  return found;
}

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
