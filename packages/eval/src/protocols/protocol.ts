import type { PeerName } from "@mede2/answers";
import type { PromptStyle, Sampling } from "@mede2/llm";

/** Where a part of a protocol comes from, and where we differ from it. */
export interface Provenance {
  part: "prompt" | "reading" | "sampling";
  /** Repository and file, paper, or "ours". */
  source: string;
  differs?: string;
}

/** The user's messages as text: `{question}`, `{options}`, `{letters}`, `{first}` and `{last}` (labels) are filled in. All but the first follow the reply to the one before. */
export interface PromptTurns {
  system?: string;
  turns: readonly string[];
  /** One option, with `{label}` and `{text}`, and what stands between two. Null: no options are printed where `{options}` stands. */
  option: { form: string; between: string } | null;
  /** Questions whose options are yes and no, and open ones, where they are put otherwise. */
  yesNo?: readonly string[];
  open?: readonly string[];
}

/**
 * How a question is put, how the reply is read, and with what settings: plain data. Its name stands in every record, so that two numbers are compared only when
 * they were made alike. `reading`: our strict cascade, or the rule of another harness as it stands, guesses marked.
 */
export interface Protocol {
  name: string;
  version: string;
  about: string;
  prompt: { style: PromptStyle } | PromptTurns;
  reading: "strict" | PeerName;
  sampling: Sampling;
  provenance: readonly Provenance[];
}

/** A prompt style of `llm` as a protocol: read by the strict cascade, greedy, at most 256 tokens unless told otherwise. */
export function styleProtocol(style: PromptStyle, sampling: Partial<Sampling> = {}): Protocol {
  return {
    name: style.name,
    version: "1",
    about: `prompt style ${style.name}, read by the strict cascade`,
    prompt: { style },
    reading: "strict",
    sampling: { temperature: 0, topP: 1, maxTokens: 256, ...sampling },
    provenance: [
      { part: "prompt", source: "ours" },
      { part: "reading", source: "ours" },
    ],
  };
}
