import { type Demonstration, sha256Hex, spanOf, withId } from "@mede2/schemas";
import type { WardCase } from "./case.ts";
import { wardChain } from "./chain.ts";
import { wardPrompt } from "./prompt.ts";
import { wardQuestion } from "./question.ts";

/**
 * A text-only demonstration: the case in words, with its reference chain. `promptHash` is that of the bare prompt, before any chat template;
 * `tokens` are 0, as no tokenizer has seen it.
 */
export function wardDemonstration(wardCase: WardCase, seed: number): Demonstration {
  const question = wardQuestion(wardCase, { form: "text" });
  const text = wardChain(wardCase, { seed });
  const at = (piece: string) => {
    const start = text.indexOf(piece);
    return spanOf({ text }, "text", start, start + piece.length);
  };
  const reasoning = text.slice("<think>\n".length, text.indexOf("\n</think>"));
  const trace = withId({
    record: "trace" as const,
    v: 1 as const,
    questionId: question.id,
    by: { kind: "template" as const, name: "ward-chain" },
    stage: null,
    images: "none" as const,
    imageHashes: [],
    promptHash: sha256Hex(wardPrompt(question, { style: "reason" }).text),
    sample: null,
    text,
    reasoning: at(reasoning),
    steps: reasoning.split("\n").map(at),
    answer: {
      status: "found" as const,
      text: wardCase.answer,
      labels: (question.gold as { labels: string[] }).labels,
      rule: "boxed",
      span: at(`\\boxed{${wardCase.answer}}`),
    },
    finish: "stop" as const,
    tokens: { prompt: 0, completion: 0 },
  });
  return withId({
    record: "demonstration" as const,
    v: 1 as const,
    question,
    trace,
    orchestration: { name: "ward-chain", version: "1" },
    checks: [],
  });
}
