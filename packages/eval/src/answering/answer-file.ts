import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import {
  appendJsonl,
  type ImageCondition,
  parseRecordText,
  readLines,
  repairJsonlTail,
  type Trace,
  traceSchema,
} from "@mede2/schemas";
import { type AnswerPlace, answerIndex, keptDigits } from "./answer-index.ts";

/** The answers of an evaluation: a JSONL file of traces that only grows, with a packed index in memory. */
export interface AnswerFile {
  readonly path: string;
  find(questionId: string, condition: ImageCondition, sample: number): AnswerPlace | undefined;
  append(traces: readonly Trace[]): Promise<void>;
  /** Reads one trace back. */
  read(place: AnswerPlace): Promise<Trace>;
  close(): Promise<void>;
}

/** Whether an answer was given to the prompt of this hash. */
export const answersPrompt = (place: AnswerPlace, promptHash: string): boolean =>
  promptHash.startsWith(place.promptHash.slice(0, keptDigits));

const keyOf = (questionId: string, condition: string, sample: number) =>
  `${questionId}\n${condition}\n${sample}`;

/** Opens the file, or begins one. A last line that a crash cut off is taken away. Of answers to the same question the later one counts. */
export async function openAnswerFile(path: string): Promise<AnswerFile> {
  await mkdir(dirname(path), { recursive: true });
  await repairJsonlTail(path);
  const handle = await open(path, "a+");
  const index = answerIndex();
  let size = 0;
  let lines = 0;
  const note = (trace: Trace, offset: number, length: number, line: number) =>
    index.set(keyOf(trace.questionId, trace.images, trace.sample?.index ?? 0), {
      offset,
      length,
      line,
      promptHash: trace.promptHash,
      failed: trace.finish === "error",
    });
  try {
    for await (const { text, line, offset, length } of readLines(path)) {
      lines = line;
      size = offset + length + 1;
      if (text.trim() !== "")
        note(parseRecordText(traceSchema, text, { file: path, line }), offset, length, line);
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
  return {
    path,
    find: (questionId, condition, sample) => index.get(keyOf(questionId, condition, sample)),
    async append(traces) {
      await appendJsonl(path, traces, { schema: traceSchema });
      for (const trace of traces) {
        const length = Buffer.byteLength(JSON.stringify(trace), "utf8");
        lines += 1;
        note(trace, size, length, lines);
        size += length + 1;
      }
    },
    async read({ offset, length, line }) {
      const bytes = Buffer.alloc(length);
      await handle.read(bytes, 0, length, offset);
      return parseRecordText(traceSchema, bytes.toString("utf8"), { file: path, line });
    },
    close: () => handle.close(),
  };
}
