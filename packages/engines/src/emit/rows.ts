import { questionPrompt } from "@mede2/llm";
import { type ExportFormat, exportPair } from "@mede2/preference";
import type { ImageRef } from "@mede2/schemas";
import { isPair, type PlanRow } from "../data/plan-rows.ts";

/** What takes the place of a literal `<image>` in texts: engines would read it as a picture. */
const escaped = (text: string) => text.replaceAll("<image>", "< image >");

/** A row of an engine's data file. Pairs as `mede2 pairs export` writes them; for TRL in parts, so that a picture stands where the prompt has it. */
export function engineRow(
  format: ExportFormat,
  { record, style }: PlanRow,
  imagePath: (image: ImageRef) => string,
): object {
  const prompt = questionPrompt(record.question, style);
  const images = record.question.images.map(imagePath);
  const pictures = images.length > 0 ? { images } : {};
  const assistant = (content: string) => [{ role: "assistant", content }];
  if (format === "trl") {
    const parts = prompt.map(({ role, content }) => ({
      role,
      content: content.map((part) => (part.type === "image" ? { type: "image" } : part)),
    }));
    return isPair(record)
      ? {
          ...pictures,
          prompt: parts,
          chosen: assistant(record.chosen.text),
          rejected: assistant(record.rejected.text),
        }
      : { ...pictures, prompt: parts, completion: assistant(record.trace.text) };
  }
  if (isPair(record)) return exportPair(format, record, { style, imagePath });
  const placed = prompt.map(({ role, content }) => ({
    role,
    content: content.map((part) => (part.type === "image" ? "<image>" : escaped(part.text))).join(""),
  }));
  return { messages: [...placed, ...assistant(escaped(record.trace.text))], ...pictures };
}
