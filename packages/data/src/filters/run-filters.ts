import type { Question } from "@mede2/schemas";
import type { Filter } from "./filter.ts";

/** What happened to a question: `null`, it passed; else which filter dropped it, and why. */
export type Judged = { filter: string; reason: string; detail: string } | null;

/** Judges questions in turn; the first filter that drops one names the reason. Call it for every question, in order, after `survey` has seen all. */
export async function judgeBy(
  filters: readonly Filter[],
  question: Question,
  entered?: (filter: string) => void,
): Promise<Judged> {
  for (const filter of filters) {
    entered?.(filter.name);
    const verdict = await filter.judge(question);
    if ("dropped" in verdict) return { filter: filter.name, reason: verdict.dropped, detail: verdict.detail };
  }
  for (const { admit } of filters) await admit?.(question);
  return null;
}

/** The questions that pass all filters, streamed. Filters that survey the set need `judgeBy` with a pass before. */
export async function* filterQuestions(
  questions: AsyncIterable<Question> | Iterable<Question>,
  filters: readonly Filter[],
): AsyncGenerator<Question> {
  const surveying = filters.find(({ survey }) => survey !== undefined);
  if (surveying !== undefined)
    throw new RangeError(
      `the filter ${surveying.name} looks at the whole set first; call its survey for each question, then judgeBy`,
    );
  for await (const question of questions) if ((await judgeBy(filters, question)) === null) yield question;
}
