import { filmDemonstrations } from "@mede2/data";

/** Words of chest films, for the tokenizer. */
export function* radiologyTexts(): Generator<string> {
  for (const { question, trace } of filmDemonstrations({ count: 400, seed: 0 }))
    yield `${question.stem}\noptions: ${question.options.join("; ")}\n${trace.text}`;
}
