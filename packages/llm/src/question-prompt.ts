import { optionLabel, type Question } from "@mede2/schemas";
import type { ChatMessage, ContentPart } from "./chat.ts";

/** How a question is put to a model. Training and evaluation must use the same style: it is named in the plan and in every record. */
export type PromptStyle = {
  readonly name: string;
  /** Whether an option is shown, and answered, by its label or by its own words. */
  readonly options: "labels" | "names";
  /** The last line of the prompt. */
  readonly instruction: string;
};

/** The styles that recipes use. */
export const promptStyles = {
  reason: { name: "reason", options: "names", instruction: "reason first." },
  direct: { name: "direct", options: "names", instruction: "answer only." },
  /** The stem alone: for pretraining questions that say themselves what is wanted. */
  plain: { name: "plain", options: "names", instruction: "" },
  "reason-labels": {
    name: "reason-labels",
    options: "labels",
    instruction:
      "Think step by step between <think> and </think>, then put the letter of the right option in \\boxed{}.",
  },
  "direct-labels": {
    name: "direct-labels",
    options: "labels",
    instruction: "Put the letter of the right option in \\boxed{} and write nothing else.",
  },
} as const satisfies Record<string, PromptStyle>;

/**
 * The user's message for a question. Images stand where the stem says `<image>`, in order; images that the stem does not place come first.
 */
export function questionPrompt(question: Question, style: PromptStyle): ChatMessage[] {
  const pieces = question.stem.split("<image>");
  const placed = Math.min(pieces.length - 1, question.images.length);
  const parts: ContentPart[] = question.images.slice(placed).map((image) => ({ type: "image", image }));
  pieces.forEach((text, index) => {
    if (text !== "") parts.push({ type: "text", text });
    const image = index < placed ? question.images[index] : undefined;
    if (image !== undefined) parts.push({ type: "image", image });
  });
  const rest = `${optionLines(question, style)}${style.instruction}`;
  if (rest !== "") parts.push({ type: "text", text: `\n${rest}` });
  return [{ role: "user", content: merged(parts) }];
}

function optionLines({ options }: Question, style: PromptStyle): string {
  if (options.length === 0) return "";
  if (style.options === "names") return `options: ${options.join("; ")}\n`;
  return options.map((option, index) => `${optionLabel(index)}. ${option}\n`).join("");
}

function merged(parts: readonly ContentPart[]): ContentPart[] {
  return parts.reduce<ContentPart[]>((all, part) => {
    const last = all.at(-1);
    if (part.type === "text" && last?.type === "text")
      all[all.length - 1] = { type: "text", text: last.text + part.text };
    else all.push(part);
    return all;
  }, []);
}
