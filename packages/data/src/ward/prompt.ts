import type { Question } from "@mede2/schemas";
import type { WardCase } from "./case.ts";
import { wardFact } from "./facts.ts";

/** Stands in the stem of the image form where the picture is. */
export const WARD_IMAGE_PLACE = "<image>";

export type WardPromptPart = { readonly type: "text"; readonly text: string } | { readonly type: "image" };

/** The prompt of a question: `parts` in order, and the same as one text with `<image>` where the picture stands. */
export interface WardPrompt {
  readonly parts: readonly WardPromptPart[];
  readonly text: string;
}

/** The stem: the picture (or its words), the patient, perhaps an earlier picture, the chart. */
export function wardStem(wardCase: WardCase, form: "image" | "text"): string {
  const picture = form === "image" ? WARD_IMAGE_PLACE : wardCase.look;
  const { earlier } = wardCase;
  const chart = wardCase.values.map(({ fact, value }) => `${wardFact(fact).name} ${value}`).join(", ");
  return [
    `picture: ${picture}`,
    `${wardCase.sex} of ${wardCase.age}, ${wardCase.history}, ${wardCase.factorPhrase}.`,
    ...(earlier === null ? [] : [`${earlier.time} a picture showed ${earlier.look}.`]),
    `chart: ${chart}`,
  ].join("\n");
}

/** `reason` asks for a chain, `direct` for the bare answer. At most about 110 word-like tokens without the picture. */
export function wardPrompt(
  question: Pick<Question, "stem" | "options">,
  { style }: { style: "reason" | "direct" },
): WardPrompt {
  return promptOf(
    [
      question.stem,
      `options: ${question.options.join("; ")}`,
      style === "reason" ? "reason first." : "answer only.",
    ].join("\n"),
  );
}

/** Splits a text at `<image>`. */
export function promptOf(text: string): WardPrompt {
  const parts = text
    .split(WARD_IMAGE_PLACE)
    .flatMap((piece, index): WardPromptPart[] => [
      ...(index > 0 ? [{ type: "image" } as const] : []),
      ...(piece === "" ? [] : [{ type: "text", text: piece } as const]),
    ]);
  return { parts, text };
}
