import type { AnswerExample } from "../examples/example.ts";

/** log π_ref of an answer, and of another question's answer behind the same prompt. */
export type AnswerReference = { readonly own: number; readonly mismatched: number };

/** An answer of a step with what the reference says of it. */
export type PlannedAnswer = { readonly answer: AnswerExample; readonly reference: AnswerReference };
