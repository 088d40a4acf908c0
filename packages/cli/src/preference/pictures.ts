import type { PictureVariants } from "@mede2/preference";
import { candidatesSchema, type ImageRef, type Question, readJsonl } from "@mede2/schemas";

/** Blank, noisy and swapped pictures for the questions of a file, put into the store when they are wanted. A swap is never with a picture of the same group. */
export async function pictureVariants(candidates: string, storeFolder: string, seed: number) {
  const { blankImage, encodePng, noiseImage, openImageStore, swapPartners } = await import("@mede2/images");
  const store = openImageStore(storeFolder);
  const items: { key: string; group: string; images: ImageRef[] }[] = [];
  for await (const { question } of readJsonl(candidates, candidatesSchema))
    if (question.images.length > 0)
      items.push({
        key: question.id,
        group: question.group.image ?? question.images[0]!.sha256,
        images: question.images,
      });
  const partners = items.length < 2 ? [] : swapPartners(items, seed);
  const partnerOf = new Map(items.map(({ key }, at) => [key, items[partners[at] ?? -1]?.images]));
  const made = new Map<string, Promise<ImageRef>>();
  const variant = (kind: "blank" | "noise", image: ImageRef) => {
    const key = `${kind}/${image.sha256}`;
    const known = made.get(key);
    if (known !== undefined) return known;
    const work = store
      .pixels(image)
      .then((pixels) => encodePng(kind === "blank" ? blankImage(pixels) : noiseImage(pixels, key)))
      .then((bytes) => store.put(bytes));
    made.set(key, work);
    return work;
  };
  const swapped = ({ id, images }: Question) => {
    const partner = partnerOf.get(id);
    return partner?.length === images.length ? partner : undefined;
  };
  return {
    counterfactual: async (question: Question): Promise<PictureVariants> => ({
      blank: await Promise.all(question.images.map((image) => variant("blank", image))),
      swapped: swapped(question),
    }),
    negative: async (question: Question) => ({
      noise: await Promise.all(question.images.map((image) => variant("noise", image))),
      swapped: swapped(question),
    }),
  };
}
