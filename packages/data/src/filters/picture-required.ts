import { dropped, type Filter, kept } from "./filter.ts";

/** Drops a question without pictures (`no-picture`), or with one that is not in the store (`picture-missing`). */
export function pictureRequired(has?: (sha256: string) => boolean): Filter {
  return {
    name: "picture-required",
    about:
      has === undefined
        ? "there is a picture"
        : "there is a picture, and every picture is in the image store",
    judge({ images }) {
      if (images.length === 0) return dropped("no-picture", "the question has no picture");
      const missing = has === undefined ? undefined : images.find(({ sha256 }) => !has(sha256));
      return missing === undefined
        ? kept
        : dropped("picture-missing", `${missing.sha256} is not in the image store`);
    },
  };
}
