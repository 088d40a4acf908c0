import type { Question } from "@mede2/schemas";
import { createRandom } from "@mede2/stats";

/**
 * `count` of the questions, drawn by seed, in the order in which they stood: the first ones of a file may all be of one picture or one kind. A larger count keeps those of a smaller one, so that an evaluation
 * can go on with more. The draw hangs on the ids and the seed, not on the order of the file.
 */
export function drawQuestions(
  questions: readonly Question[],
  count: number,
  seed: number | string = 0,
): Question[] {
  const ids = createRandom(`${seed}/questions`).shuffled(questions.map(({ id }) => id).sort());
  const drawn = new Set(ids.slice(0, count));
  return questions.filter(({ id }) => drawn.has(id));
}
