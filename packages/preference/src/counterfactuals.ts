import { type LogProbModel, type PromptStyle, questionPrompt } from "@mede2/llm";
import type { Candidates, ImageRef, Question } from "@mede2/schemas";
import type { Counterfactual } from "./trace-context.ts";

/** What stands in the place of a question's pictures: as many as it has, or undefined when there is none. */
export interface PictureVariants {
  blank?: readonly ImageRef[] | undefined;
  swapped?: readonly ImageRef[] | undefined;
}

export interface CounterfactualSettings {
  model: LogProbModel;
  /** The prompt under which the traces were drawn. */
  style: PromptStyle;
  variants: (question: Question) => Promise<PictureVariants>;
  signal?: AbortSignal;
}

/**
 * Log-probabilities of each trace of a question under the real pictures, blank ones and those of another case, for `scoreCandidates`. Questions without
 * pictures and traces that were drawn without them have none. One call of the model for a question.
 */
export function counterfactualsBy({
  model,
  style,
  variants,
  signal,
}: CounterfactualSettings): (candidates: Candidates) => Promise<ReadonlyMap<string, Counterfactual>> {
  return async ({ question, traces }) => {
    const found = new Map<string, Counterfactual>();
    if (question.images.length === 0) return found;
    const { blank, swapped } = await variants(question);
    const kinds = Object.entries({ real: question.images, blank, swapped }).filter(
      (kind): kind is [string, readonly ImageRef[]] => kind[1]?.length === question.images.length,
    );
    if (kinds.length < 2) return found;
    const asked = traces.filter(
      ({ images, text }) => images !== "none" && images !== "options-only" && text !== "",
    );
    const requests = asked.flatMap(({ text }) =>
      kinds.map(([, images]) => ({
        messages: questionPrompt({ ...question, images: [...images] }, style),
        completion: text,
      })),
    );
    const replies = await model.logProbs(requests, signal === undefined ? {} : { signal });
    for (const [at, { id }] of asked.entries()) {
      const own = replies.slice(at * kinds.length, (at + 1) * kinds.length);
      const values = Object.fromEntries(kinds.map(([name], index) => [name, own[index]!.logProb]));
      found.set(id, values as unknown as Counterfactual);
    }
    return found;
  };
}
