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
import { filmLabel } from "./film-links.ts";

/** How probable a model finds each answer to a film, in the order of the question's options. They sum to 1. */
export type FilmProbabilities = {
  readonly questionId: string;
  readonly options: readonly number[];
  /** Position of the right option. */
  readonly right: number;
  /** Position of the option that the model answered; after the prompt for a bare answer, of the likeliest. */
  readonly chosen: number;
};

/**
 * Probabilities of the options by the log-probabilities of completions. After the prompt for a bare answer these are the options themselves: what the model believes. After a
 * chain they are the reply with each option in the place of its answer: what it believes given its own chain; films without a found answer are then left out.
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
  const asked =
    style.name === "direct"
      ? questions.map((question) => ({ question, completions: question.options, chosen: undefined }))
      : afterChains(questions, traces, records);
  const replies = await model.logProbs(
    asked.flatMap(({ question, completions }) => {
      const messages = questionPrompt(question, style);
      return completions.map((completion) => ({ messages, completion }));
    }),
  );
  const logProbs = replies.map(({ logProb }) => logProb);
  const result = asked.map(({ question, chosen, completions }): FilmProbabilities => {
    const options = softmax(logProbs.splice(0, completions.length));
    const right = question.options.indexOf(filmLabel(question));
    const likeliest = options.indexOf(Math.max(...options));
    return { questionId: question.id, options, right, chosen: chosen ?? likeliest };
  });
  await writeFileAtomic(path, `${JSON.stringify(result)}\n`);
  return result;
}

type Asked = {
  readonly question: Question;
  readonly completions: readonly string[];
  readonly chosen: number;
};

function afterChains(
  questions: readonly Question[],
  traces: ReadonlyMap<string, Trace>,
  records: readonly EvaluationRecord[],
): Asked[] {
  const byId = new Map(questions.map((question) => [question.id, question]));
  return records.flatMap(({ images, questionId, traceId, answer }) => {
    const question = byId.get(questionId);
    const trace = traces.get(traceId);
    const label = answer.status === "found" && answer.labels?.length === 1 ? answer.labels[0]! : undefined;
    if (images !== "real" || question === undefined || trace === undefined || label === undefined) return [];
    const chosen = optionIndex(label, question.options.length)!;
    const said = question.options[chosen]!;
    const completions = question.options.flatMap((option) => withAnswer(trace, said, option) ?? []);
    return completions.length < question.options.length ? [] : [{ question, completions, chosen }];
  });
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
