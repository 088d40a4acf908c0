import { blankImage, encodePng, type ImageStore, noiseImage, swapPartners } from "@mede2/images";
import type { ImageCondition, ImageRef, Question } from "@mede2/schemas";
import { EvaluationError } from "../evaluation-error.ts";

/** What an image may be swapped with. */
export interface SwapSettings {
  /** Images are swapped within a group; default the modality. */
  group?: (question: Question) => string;
  /** Images with the same key never stand for each other; default the images' hashes. Give the finding, and a swap always changes it. */
  key?: (question: Question) => string;
}

/** The question as it is put under a condition: with other images, without them, or with the options alone. */
export type ConditionOf = (question: Question, condition: ImageCondition) => Promise<Question>;

/**
 * How questions look under each condition. Blank (mean grey of the same size) and noise images are made from the real ones and put into the store;
 * a swapped question gets the images of another one, by a derangement that depends on the questions, the seed and `swap` alone. Of
 * the images a swapped question has as many as its own has.
 */
export function imageConditions(
  questions: readonly Question[],
  store: ImageStore,
  { seed, swap = {} }: { seed: number; swap?: SwapSettings },
): ConditionOf {
  let partners: Map<string, Question> | undefined;
  const made = new Map<string, Promise<ImageRef>>();
  const variant = (ref: ImageRef, name: "blank" | "noise"): Promise<ImageRef> => {
    const key = `${name} ${ref.sha256}`;
    const known = made.get(key);
    if (known !== undefined) return known;
    const image = store.pixels(ref).then(async (pixels) => {
      const other = name === "blank" ? blankImage(pixels) : noiseImage(pixels, `${seed}/noise/${ref.sha256}`);
      return store.put(await encodePng(other), ref.role);
    });
    made.set(key, image);
    return image;
  };
  return async (question, condition) => {
    const { images } = question;
    if (condition === "none") return { ...question, images: [] };
    if (condition === "options-only") return { ...question, images: [], stem: "" };
    const missing = images.find(({ sha256 }) => !store.has(sha256));
    if (missing !== undefined)
      throw new EvaluationError(
        "image-missing",
        `the image ${missing.sha256} of ${question.id} is not in the store ${store.folder}: import the data set's images into it first`,
      );
    if (condition === "real" || images.length === 0) return question;
    if (condition === "swapped") {
      partners ??= findPartners(questions, seed, swap);
      const others = partners.get(question.id)!.images;
      return { ...question, images: images.map((_, at) => others[at % others.length]!) };
    }
    return { ...question, images: await Promise.all(images.map((ref) => variant(ref, condition))) };
  };
}

function findPartners(
  questions: readonly Question[],
  seed: number,
  swap: SwapSettings,
): Map<string, Question> {
  const shown = questions.filter(({ images }) => images.length > 0);
  const items = shown.map((question) => ({
    key: swap.key?.(question) ?? question.images.map(({ sha256 }) => sha256).join(" "),
    group: swap.group?.(question) ?? question.tags.modality ?? "",
  }));
  const partner = swapPartners(items, seed);
  return new Map(
    shown.map((question, at) => {
      const other = partner[at]!;
      if (items[other]!.key === items[at]!.key)
        throw new EvaluationError(
          "no-swap-partner",
          `${question.id} has no partner with another image: all ${shown.length} questions share the key ${JSON.stringify(items[at]!.key.slice(0, 40))}; leave out the condition "swapped", or give more questions`,
        );
      return [question.id, shown[other]!];
    }),
  );
}
