import { swapPartners } from "@mede2/images";
import { type Candidates, type Question, type Trace, withId } from "@mede2/schemas";

/** The same questions with the picture of another one: of the same modality, with another finding. */
export function withSwappedImages(questions: readonly Question[], seed: number): Question[] {
  const partners = swapPartners(
    questions.map(({ facts, tags }) => ({ key: String(facts?.finding), group: String(tags.modality) })),
    seed,
  );
  return questions.map((question, index) => ({ ...question, images: questions[partners[index]!]!.images }));
}

/**
 * Rated candidates with what the model said to a swapped picture as one more answer: a negative of the kind `swapped-image`, made from the best answer to the real one. It reads well
 * and fits the stem; only the picture speaks against it. Candidates without an answer that may be chosen get none. Ratings are left out: the new answer needs one too.
 */
export function withSwappedNegative(rated: Candidates, swapped: Trace): Candidates {
  const best = rated.traces
    .map((trace) => ({ trace, rating: rated.ratings.find(({ traceId }) => traceId === trace.id) }))
    .filter(({ rating }) => rating !== undefined && !Object.values(rating.gates).includes("failed"))
    .sort((a, b) => (b.rating?.total ?? 0) - (a.rating?.total ?? 0))[0];
  const { id: _, ...said } = swapped;
  const negative =
    best === undefined
      ? []
      : [
          withId({
            ...said,
            images: "swapped" as const,
            negative: { kind: "swapped-image", from: best.trace.id },
          }),
        ];
  return { ...rated, traces: [...rated.traces, ...negative], ratings: [] };
}
