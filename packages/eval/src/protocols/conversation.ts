import { type ChatMessage, type ContentPart, chatMessage, questionPrompt } from "@mede2/llm";
import { optionLabel, optionLabels, type Question } from "@mede2/schemas";
import type { PromptTurns, Protocol } from "./protocol.ts";

/** What is sent first, and the user's later messages. */
export interface Conversation {
  messages: ChatMessage[];
  followUps: string[];
}

/**
 * A question under a protocol. Images stand where the stem says `<image>`, in order, and else before the text. The question's own text is put in last, so that
 * braces in it mean nothing.
 */
export function conversationOf(question: Question, { prompt }: Protocol): Conversation {
  if ("style" in prompt) return { messages: questionPrompt(question, prompt.style), followUps: [] };
  const [first = "", ...later] = turnsFor(question, prompt).map((turn) => filled(turn, question, prompt));
  const pieces = first.split("<image>");
  const placed = Math.min(pieces.length - 1, question.images.length);
  const content: ContentPart[] = question.images.slice(placed).map((image) => ({ type: "image", image }));
  pieces.forEach((text, at) => {
    if (text !== "") content.push({ type: "text", text });
    const image = at < placed ? question.images[at] : undefined;
    if (image !== undefined) content.push({ type: "image", image });
  });
  return {
    messages: [
      ...(prompt.system === undefined ? [] : [chatMessage("system", prompt.system)]),
      { role: "user", content },
    ],
    followUps: later,
  };
}

function turnsFor({ options }: Question, { turns, yesNo, open }: PromptTurns): readonly string[] {
  if (options.length === 0) return open ?? turns;
  return yesNo !== undefined && options.every((option) => /^(?:yes|no)$/i.test(option.trim()))
    ? yesNo
    : turns;
}

function filled(turn: string, question: Question, prompt: PromptTurns): string {
  const { stem, options } = question;
  // some sources print the options in the stem: not twice
  const printed = options.length > 0 && /\bAnswer Choices:\s*\(A\)/i.test(stem);
  const lines =
    prompt.option === null || printed || options.length === 0
      ? ""
      : options
          .map((text, at) =>
            prompt.option!.form.replace("{label}", optionLabel(at)).replace("{text}", () => text),
          )
          .join(prompt.option.between);
  const inline = turn.includes("{question}{options}");
  const values: Record<string, string> = {
    question: stem,
    options: lines === "" ? "" : inline ? `\nAnswer Choices: ${lines}` : lines,
    letters: optionLabels(options.length).join(","),
    first: "A",
    last: optionLabel(Math.max(0, options.length - 1)),
  };
  return turn.replace(/\{(question|options|letters|first|last)\}/g, (_, key: string) => values[key]!);
}
