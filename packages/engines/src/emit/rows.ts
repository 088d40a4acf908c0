import { questionPrompt, textOf } from "@mede2/llm";
import { type ExportFormat, exportPair } from "@mede2/preference";
import type { ImageRef } from "@mede2/schemas";
import { isPair, type PlanRow } from "../data/plan-rows.ts";

/** What takes the place of a literal `<image>` in texts: engines would read it as a picture. */
const escaped = (text: string) => text.replaceAll("<image>", "< image >");

/** A row of an engine's data file. Pairs as `mede2 pairs export` writes them. */
export function engineRow(
  format: ExportFormat,
  { record, style }: PlanRow,
  imagePath: (image: ImageRef) => string,
): object {
  if (isPair(record)) return exportPair(format, record, { style, imagePath });
  const prompt = questionPrompt(record.question, style);
  const images = record.question.images.map(imagePath);
  const answer = record.trace.text;
  if (format === "trl")
    return {
      ...(images.length > 0 ? { images } : {}),
      prompt: prompt.map((message) => ({ role: message.role, content: textOf(message) })),
      completion: [{ role: "assistant", content: answer }],
    };
  const placed = prompt.map(({ role, content }) => ({
    role,
    content: content.map((part) => (part.type === "image" ? "<image>" : escaped(part.text))).join(""),
  }));
  const messages = [...placed, { role: "assistant", content: escaped(answer) }];
  return { messages, ...(images.length > 0 ? { images } : {}) };
}
