import {
  type Candidates,
  candidatesSchema,
  type Demonstration,
  demonstrationSchema,
  type EvaluationRecord,
  evaluationRecordSchema,
  type PreferencePair,
  parseRecordText,
  preferencePairSchema,
  type Question,
  questionSchema,
  type RecordName,
  type Trace,
  traceSchema,
} from "@mede2/schemas";

/** The records that the trace editor shows. */
export type ShownRecord = Trace | PreferencePair | EvaluationRecord | Candidates | Demonstration | Question;

const schemas = {
  trace: traceSchema,
  "preference-pair": preferencePairSchema,
  "evaluation-record": evaluationRecordSchema,
  candidates: candidatesSchema,
  demonstration: demonstrationSchema,
  question: questionSchema,
} as const;

export type ShownName = keyof typeof schemas;

export const isShown = (name: RecordName | undefined): name is ShownName =>
  name !== undefined && Object.hasOwn(schemas, name);

/** One line as the record that stands in the file. Throws a RecordError. */
export const parseLine = (
  record: ShownName,
  text: string,
  place: { file: string; line: number },
): ShownRecord => parseRecordText(schemas[record], text, place);

/** Longer lines are not taken apart: a record of this size is a fault of whoever wrote it. */
export const longestLine = 1 << 26;
