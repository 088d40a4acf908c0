import type { ImageRef } from "@mede2/schemas";
import type { Fingerprints } from "../pictures/fingerprint.ts";
import { type PictureThresholds, similarPictures } from "../pictures/similar-pictures.ts";
import { textKey } from "../records/question-keys.ts";
import { mix53 } from "../text/hash.ts";
import { createHashSet } from "../text/hash-set.ts";
import { dropped, type Filter, kept } from "./filter.ts";

/**
 * Drops a question that was asked before, word by word, about a picture that looks the same (scaled or encoded anew): `picture-duplicate`. The first picture of
 * those that look the same stands for all. Some 1.3 kB for each different picture.
 */
export function pictureDuplicates(fingerprints: Fingerprints, thresholds: PictureThresholds): Filter {
  const pictures = similarPictures(thresholds);
  const standsFor = new Map<string, string>();
  const asked = createHashSet();
  let unread = 0;
  const representative = async (ref: ImageRef): Promise<string> => {
    const known = standsFor.get(ref.sha256);
    if (known !== undefined) return known;
    const print = await fingerprints(ref);
    if (print === undefined) unread += 1;
    const key = (print === undefined ? undefined : pictures.find(print)[0]?.key) ?? ref.sha256;
    if (print !== undefined && key === ref.sha256) pictures.add(key, print);
    standsFor.set(ref.sha256, key);
    return key;
  };
  const keyOf = async (question: Parameters<Filter["judge"]>[0]): Promise<number> => {
    const keys = new Set<string>();
    for (const ref of question.images) keys.add(await representative(ref));
    const numbers = [...keys].map((sha256) => Number.parseInt(sha256.slice(0, 13), 16)).sort((a, b) => a - b);
    return mix53([textKey(question), ...numbers]);
  };
  return {
    name: "picture-duplicates",
    about: `no question is asked twice about pictures that look the same (difference hash at most ${thresholds.distance} bits apart, structural similarity ${thresholds.similarity} or more)`,
    judge: async (question) =>
      question.images.length > 0 && asked.has(await keyOf(question))
        ? dropped("picture-duplicate", "the same words came before with a picture that looks the same")
        : kept,
    async admit(question) {
      if (question.images.length > 0) asked.add(await keyOf(question));
    },
    notes: () =>
      unread === 0 ? [] : [`${unread} pictures could not be decoded and were compared by their bytes alone`],
  };
}
