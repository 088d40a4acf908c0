import { type ChatMessage, type PromptStyle, questionPrompt, textOf } from "@mede2/llm";
import type { ImageRef, PreferencePair, RatedAnswer } from "@mede2/schemas";
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
  const images = pathsOf(question, imagePath);
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
  const placed = withMarks(prompt);
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

/** An answer that is judged by itself as one row of an engine's KTO data set. */
export function exportAnswer(
  format: ExportFormat,
  { question, trace, desirable }: RatedAnswer,
  { style, imagePath }: ExportSettings,
): object {
  const images = pathsOf(question, imagePath);
  const prompt = questionPrompt(question, style);
  if (format === "trl")
    return {
      images,
      prompt: prompt.map((message) => ({ role: message.role, content: textOf(message).trim() })),
      completion: [{ role: "assistant", content: trace.text }],
      label: desirable,
    };
  const placed = withMarks(prompt);
  if (format === "ms-swift")
    return {
      messages: [
        ...placed.map(({ role, text }) => ({ role, content: text })),
        { role: "assistant", content: escaped(trace.text) },
      ],
      label: desirable,
      ...(images.length > 0 && { images }),
    };
  return {
    conversations: [
      ...placed.map(({ role, text }) => ({
        from: role === "user" ? "human" : role === "assistant" ? "gpt" : "system",
        value: text,
      })),
      { from: "gpt", value: escaped(trace.text) },
    ],
    kto_tag: desirable,
    images,
  };
}

function pathsOf(
  { id, images }: PreferencePair["question"],
  imagePath: ExportSettings["imagePath"],
): string[] {
  return images.map((image) => {
    const path = imagePath(image);
    if (path === "")
      throw new PreferenceError(
        "no-image",
        `${id}: the image ${image.sha256} is not in the store: import the source with its pictures`,
      );
    return path;
  });
}

/** Messages with `<image>` where a picture stands. */
function withMarks(prompt: readonly ChatMessage[]) {
  return prompt.map(({ role, content }) => ({
    role,
    text: content.map((part) => (part.type === "image" ? "<image>" : escaped(part.text))).join(""),
  }));
}

const escaped = (text: string) => text.replaceAll("<image>", "< image >");

/** What the engines' rows cannot hold, by the number of the row from 0. */
export function exportIndex(pair: PreferencePair | RatedAnswer, row: number): object {
  if (pair.record === "rated-answer") {
    const { id, question, desirable, weight, provenance } = pair;
    return { row, answerId: id, questionId: question.id, desirable, weight, provenance };
  }
  const { id, question, negativeKind, margin, weight, provenance } = pair;
  return { row, pairId: id, questionId: question.id, negativeKind, margin, weight, provenance };
}

/** The `dataset_info.json` of LLaMA-Factory for a file of its rows. */
export function llamaFactoryInfo(name: string, file: string, paired = true): object {
  const columns = paired ? { chosen: "chosen", rejected: "rejected" } : { kto_tag: "kto_tag" };
  return {
    [name]: {
      file_name: file,
      formatting: "sharegpt",
      ...(paired && { ranking: true }),
      columns: { messages: "conversations", ...columns, images: "images" },
    },
  };
}
