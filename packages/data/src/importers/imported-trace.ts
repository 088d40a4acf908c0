import { makeTrace } from "@mede2/answers";
import { type Question, sha256Hex, type Trace } from "@mede2/schemas";

/**
 * A trace of an answer that somebody published. The prompt is not known, so its hash is that of the question; neither are token counts, which
 * the record needs as numbers: they stand as 0 with `counted: false`.
 */
export function importedTrace(question: Question, text: string, by: string, multimodal = false): Trace {
  const trace = makeTrace({
    question,
    by: { kind: "import", name: by },
    stage: null,
    images: multimodal ? "real" : "none",
    promptHash: sha256Hex(question.stem),
    sample: null,
    text,
    finish: "stop",
    tokens: { prompt: 0, completion: 0, counted: false } as Trace["tokens"],
  });
  return trace;
}

/** Reasoning and response in the format that is written everywhere here. */
export const reasoned = (reasoning: string, response: string): string =>
  `<think>\n${reasoning}\n</think>\n\n${response}`;
