import type { OpenRecord } from "../data/trace-sources.ts";

/** The criteria that any of the answers is rated by, in the order of the first rating. */
export function criteriaOf({ answers }: OpenRecord): string[] {
  return [...new Set(answers.flatMap(({ rating }) => Object.keys(rating?.criteria ?? {})))];
}
