import { type PromptStyle, questionPrompt, textOf } from "@mede2/llm";
import type { ImageRef, PreferencePair } from "@mede2/schemas";
import { PreferenceError } from "../preference-error.ts";

/** Engines whose row format is known: TRL 1.9 (vision preference), ms-swift 4.5 (`rejected_response`), LLaMA-Factory 0.9 (sharegpt, ranking). */
export const exportFormats = ["trl", "ms-swift", "llama-factory"] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportSettings {
  /** How questions were put; the same as in sampling and evaluation. */
  style: PromptStyle;
  /** The absolute path of an image's file: engines read no hashes. */
  imagePath: (image: ImageRef) => string;
}

/**
 * A pair as one row of an engine's data set. A literal `<image>` in a text would be taken for a picture by ms-swift and LLaMA-Factory: there it becomes `< image >`. Throws
 * "no-image" when a picture has no path. Weights have no place in these formats: see `exportIndex`.
 */
export function exportPair(
  format: ExportFormat,
  pair: PreferencePair,
  { style, imagePath }: ExportSettings,
): object {
  const { question, chosen, rejected } = pair;
  const images = question.images.map((image) => {
    const path = imagePath(image);
    if (path === "")
      throw new PreferenceError(
        "no-image",
        `${question.id}: the image ${image.sha256} is not in the store: import the source with its pictures`,
      );
    return path;
  });
  const prompt = questionPrompt(question, style);
  if (format === "trl") {
    // TRL puts the pictures itself, before the text
    const assistant = (text: string) => [{ role: "assistant", content: text }];
    return {
      images,
      prompt: prompt.map((message) => ({ role: message.role, content: textOf(message).trim() })),
      chosen: assistant(chosen.text),
      rejected: assistant(rejected.text),
    };
  }
  const placed = prompt.map(({ role, content }) => ({
    role,
    text: content.map((part) => (part.type === "image" ? "<image>" : escaped(part.text))).join(""),
  }));
  const [good, bad] = [escaped(chosen.text), escaped(rejected.text)];
  if (format === "ms-swift")
    return {
      messages: [
        ...placed.map(({ role, text }) => ({ role, content: text })),
        { role: "assistant", content: good },
      ],
      rejected_response: bad,
      ...(images.length > 0 && { images }),
      channel: pair.negativeKind,
    };
  return {
    conversations: placed.map(({ role, text }) => ({
      from: role === "user" ? "human" : role === "assistant" ? "gpt" : "system",
      value: text,
    })),
    chosen: { from: "gpt", value: good },
    rejected: { from: "gpt", value: bad },
    images,
  };
}

const escaped = (text: string) => text.replaceAll("<image>", "< image >");

/** What the engines' rows cannot hold, by the number of the row from 0. */
export function exportIndex(pair: PreferencePair, row: number): object {
  const { id, question, negativeKind, margin, weight, provenance } = pair;
  return { row, pairId: id, questionId: question.id, negativeKind, margin, weight, provenance };
}

/** The `dataset_info.json` of LLaMA-Factory for a file of its rows. */
export function llamaFactoryInfo(name: string, file: string): object {
  return {
    [name]: {
      file_name: file,
      formatting: "sharegpt",
      ranking: true,
      columns: { messages: "conversations", chosen: "chosen", rejected: "rejected", images: "images" },
    },
  };
}
