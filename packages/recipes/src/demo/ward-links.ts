import { checkWardTrace, type WardTraceCheck, wardCaseOf } from "@mede2/data";
import { type LinkResult, linkResults } from "@mede2/preference";
import type { Question, Trace } from "@mede2/schemas";

/** What the ward's checker says of a trace. */
export function wardCheck(question: Pick<Question, "facts">, text: string): WardTraceCheck {
  const id = String(question.facts?.case);
  const wardCase = wardCaseOf(id);
  if (wardCase === undefined) throw new Error(`${id} is no case of the ward`);
  return checkWardTrace(wardCase, text);
}

/** The links of a ward trace for the preference: each step of the chain, and whether it follows from the step before. */
export function wardLinks(question: Question, trace: Trace): LinkResult[] {
  return linkResults(wardCheck(question, trace.text), {
    holds: ["diagnosisFollows", "groupFollows", "drugFollows", "answerFollows", "valuesInStem"],
    breaks: ["contradiction"],
  });
}
