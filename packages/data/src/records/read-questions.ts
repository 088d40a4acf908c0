import {
  parseJson,
  parseRecord,
  type Question,
  questionSchema,
  RecordError,
  readLines,
} from "@mede2/schemas";

/** A question with the place of its record, by which it can be read again. */
export interface PlacedQuestion {
  question: Question;
  /** From 1. */
  line: number;
  /** In bytes. */
  offset: number;
  length: number;
}

/** Records that carry a question. */
const carriers = ["demonstration", "candidates", "preference-pair", "rated-answer"];

/**
 * The questions of a JSONL file, streamed: of `*.questions.jsonl`, and of the demonstrations, candidates or pairs that carry one. The rest of such a record is not
 * checked. Throws a RecordError at the first bad line.
 */
export async function* readQuestions(path: string): AsyncGenerator<PlacedQuestion> {
  for await (const { text, line, offset, length } of readLines(path)) {
    if (text.trim() !== "") yield { question: questionOf(text, { file: path, line }), line, offset, length };
  }
}

/** The question of one line. */
export function questionOf(text: string, place: { file: string; line: number }): Question {
  const value = parseJson(text, place);
  const { record, question } = (value ?? {}) as { record?: unknown; question?: unknown };
  if (typeof record !== "string" || !carriers.includes(record))
    return parseRecord(questionSchema, value, place);
  try {
    return parseRecord(questionSchema, question, place);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    throw new RecordError(
      error.code,
      { ...place, field: `question.${error.field}` },
      `question.${error.message.slice(error.message.indexOf(": ") + 2)}`,
      error,
    );
  }
}
