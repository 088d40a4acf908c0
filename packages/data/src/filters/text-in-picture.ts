import type { ImageRef, Question } from "@mede2/schemas";
import { goldTexts } from "../records/question-keys.ts";
import { hash53 } from "../text/hash.ts";
import { createHashSet } from "../text/hash-set.ts";
import { normalisedWords } from "../text/words.ts";
import { dropped, type Filter, kept } from "./filter.ts";

/** The text that stands in a picture; undefined when nobody has read it. */
export type PictureText = (ref: ImageRef) => string | undefined | Promise<string | undefined>;

export interface TextInPictureSettings {
  /** Which options count: the right one alone, or any. */
  options: "right" | "any";
  /** Options with fewer letters and digits say too little to be told from noise. */
  characters: number;
}

/** The option that the text repeats as whole words, spaces apart; undefined when there is none. */
export function repeatedOption(
  question: Question,
  text: string,
  settings: TextInPictureSettings,
): string | undefined {
  const words = ` ${normalisedWords(text)} `;
  const asked =
    settings.options === "right" || question.options.length === 0 ? goldTexts(question) : question.options;
  return asked.find((option) => {
    const said = normalisedWords(option);
    return said.replaceAll(" ", "").length >= settings.characters && words.includes(` ${said} `);
  });
}

/**
 * Drops a question with an option written in its picture: `answer-in-picture`. It sees what `read` gives it, an OCR or the key `ocr` of the record's image reference or
 * tags; pictures that nobody has read are kept, and counted in the card.
 */
export function textInPicture(read: PictureText, settings: TextInPictureSettings): Filter {
  const unread = createHashSet();
  return {
    name: "text-in-picture",
    about: `no picture holds the text of ${settings.options === "right" ? "the right option" : "an option"} of ${settings.characters} or more letters`,
    async judge(question) {
      for (const ref of question.images) {
        const text = (await read(ref)) ?? recordedText(question, ref);
        if (text === undefined) unread.add(hash53(ref.sha256));
        const said = text === undefined ? undefined : repeatedOption(question, text, settings);
        if (said !== undefined)
          return dropped("answer-in-picture", `the picture says ${JSON.stringify(said)}`);
      }
      return kept;
    },
    notes: () =>
      unread.size === 0
        ? []
        : [`text-in-picture: ${unread.size} pictures had no text to look at, as nobody has read them`],
  };
}

/** What the record itself says stands in the picture: `ocr` of the reference, else of the tags when there is one picture. */
function recordedText({ images, tags }: Question, ref: ImageRef): string | undefined {
  const own = (ref as { ocr?: unknown }).ocr;
  if (typeof own === "string") return own;
  const shared = (tags as { ocr?: unknown }).ocr;
  return typeof shared === "string" && images.length === 1 ? shared : undefined;
}
