import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type LogProbModel, type PromptStyle, questionPrompt } from "@mede2/llm";
import {
  type EvaluationRecord,
  optionIndex,
  type Question,
  type Trace,
  writeFileAtomic,
} from "@mede2/schemas";
import { filmLabel } from "./films-data.ts";

/** How probable a model finds each answer to a film, in the order of the question's options. They sum to 1. */
export type FilmProbabilities = {
  readonly questionId: string;
  readonly options: readonly number[];
  /** Position of the right option. */
  readonly right: number;
  /** Position of the option that the model answered. */
  readonly chosen: number;
};

/**
 * Probabilities of the options by the log-probabilities of whole completions: the reply as it was, with each option in the place of the answer. For a bare answer
 * that is what the model believes; after a chain it is what it believes given its own chain. Films without a found answer are left out.
 */
export async function filmProbabilities(
  path: string,
  model: LogProbModel,
  style: PromptStyle,
  questions: readonly Question[],
  traces: ReadonlyMap<string, Trace>,
  records: readonly EvaluationRecord[],
): Promise<readonly FilmProbabilities[]> {
  if (existsSync(path)) return JSON.parse(await readFile(path, "utf8")) as FilmProbabilities[];
  const byId = new Map(questions.map((question) => [question.id, question]));
  const asked = records.flatMap(({ images, questionId, traceId, answer }) => {
    const question = byId.get(questionId);
    const trace = traces.get(traceId);
    const label = answer.status === "found" && answer.labels?.length === 1 ? answer.labels[0]! : undefined;
    if (images !== "real" || question === undefined || trace === undefined || label === undefined) return [];
    const chosen = optionIndex(label, question.options.length)!;
    const completions = question.options.map((option) =>
      withAnswer(trace, question.options[chosen]!, option),
    );
    return completions.some((text) => text === undefined)
      ? []
      : [{ question, chosen, completions: completions as string[] }];
  });
  const replies = await model.logProbs(
    asked.flatMap(({ question, completions }) => {
      const messages = questionPrompt(question, style);
      return completions.map((completion) => ({ messages, completion }));
    }),
  );
  const logProbs = replies.map(({ logProb }) => logProb);
  const result = asked.map(({ question, chosen, completions }): FilmProbabilities => {
    const options = softmax(logProbs.splice(0, completions.length));
    return { questionId: question.id, options, right: question.options.indexOf(filmLabel(question)), chosen };
  });
  await writeFileAtomic(path, `${JSON.stringify(result)}\n`);
  return result;
}

/** The text with `option` where it says `said` last: in the box, or the bare answer. Undefined when it doesn't say it there. */
export function withAnswer({ text }: Pick<Trace, "text">, said: string, option: string): string | undefined {
  const at = text.lastIndexOf(said);
  const rest = text.slice(at + said.length);
  if (at < 0 || !/^[}.\s]*$/.test(rest)) return undefined;
  return text.slice(0, at) + option + rest;
}

function softmax(logits: readonly number[]): number[] {
  const highest = Math.max(...logits);
  const shares = logits.map((value) => Math.exp(value - highest));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}
