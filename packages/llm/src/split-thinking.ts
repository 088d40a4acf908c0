import type { ChatReply } from "./chat.ts";

/** A reply's reasoning and the rest, and where the reasoning was found. */
export interface Thinking {
  reasoning: string | null;
  text: string;
  from: "field" | "tags" | "none";
  /** False when the tag never closes: the reply was cut off while thinking. */
  closed: boolean;
}

const open = "<think>";
const close = "</think>";

/**
 * The reasoning of a reply: from the server's own field, or else from `<think>` tags at the beginning of the text. A chat template may hold the
 * opening tag already, so that a closing tag alone ends the reasoning too.
 */
export function splitThinking({ text, reasoning }: Pick<ChatReply, "text" | "reasoning">): Thinking {
  if (reasoning !== undefined && reasoning !== "") return { reasoning, text, from: "field", closed: true };
  const trimmed = text.trimStart();
  const opened = trimmed.startsWith(open);
  const end = trimmed.indexOf(close);
  if (end < 0)
    return opened
      ? { reasoning: trimmed.slice(open.length).trim(), text: "", from: "tags", closed: false }
      : { reasoning: null, text, from: "none", closed: true };
  const thought = trimmed.slice(opened ? open.length : 0, end).trim();
  return {
    reasoning: thought,
    text: trimmed.slice(end + close.length).trimStart(),
    from: "tags",
    closed: true,
  };
}

/** A reply as one text in the format of our traces, `<think>\n…\n</think>\n\n…`; what has its tags already stays verbatim. */
export function replyText(reply: Pick<ChatReply, "text" | "reasoning">): string {
  const { reasoning, text } = reply;
  return reasoning === undefined || reasoning === ""
    ? text
    : `${open}\n${reasoning.trim()}\n${close}\n\n${text.trimStart()}`;
}

/** The beginning of what `replyText` will give of a reply whose reasoning comes apart and that has not ended: while it thinks, the tag stays open. */
export function replyTextSoFar(reply: { readonly reasoning: string; readonly text: string }): string {
  return reply.text.trim() === "" ? `${open}\n${reply.reasoning.trim()}` : replyText(reply);
}
