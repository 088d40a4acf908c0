import { existsSync } from "node:fs";
import { appendJsonl, type ImageRef, readJsonl, repairJsonlTail } from "@mede2/schemas";
import { z } from "zod";
import { DataError } from "../records/data-error.ts";
import { readQuestions } from "../records/read-questions.ts";
import type { PictureReader } from "./read-text.ts";

const readingSchema = z.looseObject({ sha256: z.string(), text: z.string(), by: z.string() });

export interface ReadTextsResult {
  /** Pictures that were read now, were there before, and could not be read, by sha256. */
  read: number;
  before: number;
  failed: Record<string, string>;
  /** Pictures with at least one word, over the whole file. */
  withText: number;
}

/** Reads the text of every picture of a set into a JSONL file, each picture once; killed at any moment, the next call goes on. */
export async function readPictureTexts(
  file: string,
  out: string,
  reader: PictureReader,
  { onProgress = () => {} }: { onProgress?: (done: number) => void } = {},
): Promise<ReadTextsResult> {
  const known = new Map<string, boolean>();
  if (existsSync(out)) {
    await repairJsonlTail(out);
    for await (const { sha256, text, by } of readJsonl(out, readingSchema)) {
      if (by !== reader.by)
        throw new DataError(
          "ocr-failed",
          `${out} was read by ${by}, not by ${reader.by}`,
          "choose another file",
        );
      known.set(sha256, text !== "");
    }
  }
  const result: ReadTextsResult = { read: 0, before: known.size, failed: {}, withText: 0 };
  for await (const ref of pictures(file)) {
    if (known.has(ref.sha256) || ref.sha256 in result.failed) continue;
    const reading = await reader.read(ref);
    if ("failed" in reading) {
      result.failed[ref.sha256] = reading.failed;
      continue;
    }
    await appendJsonl(out, [reading]);
    known.set(ref.sha256, reading.text !== "");
    onProgress(++result.read);
  }
  result.withText = [...known.values()].filter(Boolean).length;
  return result;
}

async function* pictures(file: string): AsyncGenerator<ImageRef> {
  for await (const { question } of readQuestions(file)) yield* question.images;
}
