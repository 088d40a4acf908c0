import { type ChatMessage, questionPrompt, textOf } from "@mede2/llm";
import type { Question } from "@mede2/schemas";
import { MASK, maskAnswer } from "./mask-answer.ts";
import type { Orchestration } from "./orchestration.ts";

/**
 * What answer-masked reconstruction does. `check`: a chain stays when a reader who sees it with its answer masked comes to the right answer, so that the reasoning carries it. `rewrite`: the chain
 * is written anew from the masked one, and must pass every check itself. How InfiMed2 reconstructs is not published; both are our reading.
 */
export const reconstructionModes = ["off", "check", "rewrite"] as const;
export type ReconstructionMode = (typeof reconstructionModes)[number];

/** Stands before the masked reasoning in the prompt, so that a stand-in for a teacher finds it. */
export const MASKED_REASONING = "Reasoning with its answer masked:";

export function reconstructionPrompt(
  question: Question,
  chain: string,
  orchestration: Orchestration,
  mode: "check" | "rewrite",
): ChatMessage[] {
  const { options, sections, words } = orchestration;
  const box = `Put ${options === "labels" ? "the letter" : "the words"} of that option in \\boxed{}`;
  const instruction = [
    MASKED_REASONING,
    maskAnswer(question, chain),
    "",
    mode === "check"
      ? `${MASK} stands where an answer was named. Which option does this reasoning lead to? ${box} and write nothing else. If it leads to none, write none.`
      : `${MASK} stands where an answer was named. Write the reasoning anew between <think> and </think> in ${words[0]} to ${words[1]} words, in this order: ${sections.map(({ ask }) => ask).join(" ")} Come to your own conclusion. ${box} after </think>, and nothing else in a box.`,
  ].join("\n");
  return questionPrompt(question, { name: `reconstruct-${mode}`, options, instruction });
}

/** The masked reasoning of such a prompt; undefined when it is another prompt. */
export function maskedReasoning(messages: readonly ChatMessage[]): string | undefined {
  const text = messages.map(textOf).join("\n");
  const start = text.indexOf(MASKED_REASONING);
  return start < 0
    ? undefined
    : text.slice(start + MASKED_REASONING.length, text.lastIndexOf(`\n\n${MASK} stands`)).trim();
}
