import { chatMessage, type PromptStyle, questionPrompt } from "@mede2/llm";
import type { RatedAnswer } from "@mede2/schemas";
import { encodeMessages } from "../examples/encode-example.ts";
import type { AnswerExample, Example } from "../examples/example.ts";
import { checked, fault, type Place, type RecordEncoder } from "./encode-records.ts";

/** A rated answer as it was read. */
export type ReadAnswer = {
  readonly answer: RatedAnswer;
  readonly style: PromptStyle;
  readonly place: Place;
};

/**
 * Answers behind their prompts, and behind each prompt the answer to another question too (KTO, arXiv 2402.01306 §4.1: their log-ratios tell how far the policy is from the
 * reference): that of the nearest record before it, around the end, which is about another question and not too long.
 */
export function answerExamples(context: RecordEncoder, read: readonly ReadAnswer[]): AnswerExample[] {
  const encode = ({ answer: { id, question }, style }: ReadAnswer, text: string, name: string): Example =>
    encodeMessages(context.encoder, `${id}${name}`, [
      ...questionPrompt(question, style),
      chatMessage("assistant", text),
    ]);
  return read.map((each, at) => {
    const { answer, place } = each;
    if (answer.weight === 0)
      throw fault(
        "answer-weight",
        place,
        "the answer's weight is 0",
        "leave the answer out, or give it a weight",
      );
    const example = checked(context, place, () => encode(each, answer.trace.text, ""));
    for (let back = 1; back < read.length; back++) {
      const other = read[(at - back + read.length) % read.length]!.answer;
      if (other.question.id === answer.question.id) continue;
      const mismatched = encode(each, other.trace.text, ":mismatched");
      if (mismatched.tokens.length > context.maxTokens) continue;
      const { id, desirable, weight } = answer;
      return { id, example, mismatched, desirable, weight };
    }
    throw fault(
      "one-question",
      place,
      "no answer to another question fits behind this prompt",
      "give the plan answers to more questions, or raise batch.maxTokens",
    );
  });
}
