import type { Question } from "@mede2/schemas";
import { plainStem } from "../records/question-keys.ts";
import { dropped, type Filter, kept } from "./filter.ts";

/** How long a text is, in a unit that has a name: "words", or "tokens of MODEL". */
export interface TextMeasure {
  unit: string;
  measure(text: string): number;
}

export const wordMeasure: TextMeasure = {
  unit: "words",
  measure: (text) => text.match(/\S+/g)?.length ?? 0,
};

/** Stem and options as one text. */
export const askedText = ({ stem, options }: Question): string => [plainStem(stem), ...options].join("\n");

/** Drops a question whose stem and options are too short or too long: `too-short`, `too-long`. */
export function textLength(
  { unit, measure }: TextMeasure,
  { least, most }: { least: number; most: number },
): Filter {
  return {
    name: "length",
    about: `stem and options have ${least} to ${most} ${unit}`,
    judge(question) {
      const length = measure(askedText(question));
      if (length < least) return dropped("too-short", `${length} ${unit}`);
      return length > most ? dropped("too-long", `${length} ${unit}`) : kept;
    },
  };
}
