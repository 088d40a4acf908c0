import type { Question, Rating } from "@mede2/schemas";
import type { Filter } from "../protocol/trace-messages.ts";
import type { ShownRecord } from "./parse-line.ts";
import { outcomeView } from "./trace-view.ts";

/** What a filter asks of a record. */
export interface RecordFacts {
  readonly questionId: string;
  /** Of the answer, by question, condition and sample: how two evaluations find the same row. */
  readonly key: string;
  readonly outcome: "right" | "wrong" | "score" | "excluded" | undefined;
  readonly answer: string | undefined;
  readonly specialty: string | undefined;
  readonly images: string | undefined;
  readonly negativeKind: string | undefined;
  /** The lowest value that any answer of the record has. */
  readonly criteria: ReadonlyMap<string, number>;
}

export function factsOf(record: ShownRecord): RecordFacts {
  const empty = {
    outcome: undefined,
    answer: undefined,
    specialty: undefined,
    images: undefined,
    negativeKind: undefined,
    criteria: new Map(),
  };
  switch (record.record) {
    case "question":
      return { ...empty, ...of(record), key: record.id };
    case "trace":
      return {
        ...{ ...empty, questionId: record.questionId, answer: record.answer.status, images: record.images },
        key: `${record.questionId}\n${record.images}\n${record.sample?.index ?? 0}`,
      };
    case "evaluation-record": {
      const { kind } = outcomeView(record.outcome);
      return {
        ...{
          ...empty,
          questionId: record.questionId,
          answer: record.answer.status,
          images: record.images,
          outcome: kind,
        },
        specialty: record.tags.specialty,
        key: `${record.questionId}\n${record.images}\n${record.sample}`,
      };
    }
    case "demonstration":
      return {
        ...empty,
        ...of(record.question),
        answer: record.trace.answer.status,
        images: record.trace.images,
        key: record.id,
      };
    case "candidates":
      return { ...empty, ...of(record.question), criteria: lowest(record.ratings), key: record.question.id };
    case "preference-pair":
      return {
        ...{
          ...empty,
          ...of(record.question),
          negativeKind: record.negativeKind,
          answer: record.rejected.answer.status,
        },
        criteria: lowest([record.ratings.chosen, record.ratings.rejected]),
        key: record.id,
      };
  }
}

const of = ({ id, tags }: Question) => ({ questionId: id, specialty: tags.specialty });

function lowest(ratings: readonly Rating[]): Map<string, number> {
  const values = new Map<string, number>();
  for (const { criteria } of ratings)
    for (const [name, judgement] of Object.entries(criteria))
      if (judgement.status === "scored") values.set(name, Math.min(values.get(name) ?? 1, judgement.value));
  return values;
}

/** Whether every record passes. */
export const asksNothing = (filter: Filter): boolean =>
  Object.values(filter).every((value) => value === undefined || value === "");

/**
 * Whether a record passes. `line` is its text as it stands in the file, for the search; `before` is what the evaluation it is compared with says
 * of the same row.
 */
export function passes(
  filter: Filter,
  facts: RecordFacts,
  line: string,
  before: RecordFacts["outcome"],
): boolean {
  const { text, outcome, change, answer, specialty, images, negativeKind, weak } = filter;
  if (outcome !== undefined && facts.outcome !== outcome) return false;
  if (change === "won" && !(before === "wrong" && facts.outcome === "right")) return false;
  if (change === "lost" && !(before === "right" && facts.outcome === "wrong")) return false;
  if (answer !== undefined && facts.answer !== answer) return false;
  if (specialty !== undefined && facts.specialty !== specialty) return false;
  if (images !== undefined && facts.images !== images) return false;
  if (negativeKind !== undefined && facts.negativeKind !== negativeKind) return false;
  if (weak !== undefined && !((facts.criteria.get(weak) ?? 1) < 0.5)) return false;
  return text === undefined || text === "" || holds(line, text);
}

/** Whether a line of JSON holds a text, whatever its case: as it is, or as JSON writes it. */
export function holds(line: string, text: string): boolean {
  const low = line.toLowerCase();
  const wanted = text.toLowerCase();
  return low.includes(wanted) || low.includes(JSON.stringify(wanted).slice(1, -1));
}
