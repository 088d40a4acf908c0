import { blankImage, encodePng, type ImageStore, noiseImage } from "@mede2/images";
import type { ImageCondition, ImageRef, Question } from "@mede2/schemas";

/** A picture in which there is nothing to see. */
export type StandIn = { readonly image: ImageRef; readonly condition: ImageCondition };

/**
 * Pictures that show nothing, for cases that are told in words: the grey of a training film, or noise with its mean and spread. Without them a model that has learnt to answer films
 * in a word takes the presence of a picture, not the prompt, for the sign to do so, and never reasons about one.
 */
export async function makeStandIns(
  store: ImageStore,
  films: readonly Question[],
  count: number,
  seed: number,
): Promise<StandIn[]> {
  return Promise.all(
    films.slice(0, count).map(async (film, at): Promise<StandIn> => {
      const pixels = await store.pixels(film.images[0]!);
      const condition = at % 2 === 0 ? "noise" : "blank";
      const picture =
        condition === "noise" ? noiseImage(pixels, `${seed}/stand-in/${at}`) : blankImage(pixels);
      return { image: await store.put(await encodePng(picture), "frontal"), condition };
    }),
  );
}
