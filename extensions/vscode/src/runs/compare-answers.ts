import { isInside } from "@mede2/runs";
import { type EvaluationRecord, evaluationRecordSchema, readJsonlLenient } from "@mede2/schemas";
import type { ComparedAnswers } from "../protocol/run-messages.ts";
import { oneLine } from "../records/visible-text.ts";

/** A file of graded answers. */
export interface GradedFile {
  readonly path: string;
  readonly bytes: number;
  readonly modified: number;
}

/** Where a graded answer stands: its file, and its line from 1. */
export interface AnswerPlace {
  readonly path: string;
  readonly line: number;
}

export interface FoundAnswers extends ComparedAnswers {
  /** For each row, where the answer of each run stands. */
  readonly places: readonly (readonly (AnswerPlace | null)[])[];
}

const [mostFiles, mostBytes, mostRows] = [60, 1 << 26, 300];

interface Graded {
  readonly question: string;
  readonly set: string;
  readonly right: (boolean | null)[];
  readonly places: (AnswerPlace | null)[];
}

/**
 * Lays the graded answers of some runs over each other: those that lie in a run's folder, and those whose model is a checkpoint of it. A row is a
 * question under one condition, and counts when two runs at least answered it. A newer file takes precedence over an older one. Undefined when
 * fewer than two of the runs have graded answers in common.
 */
export async function compareAnswers(
  runs: readonly { readonly id: string; readonly dir: string }[],
  files: readonly GradedFile[],
): Promise<FoundAnswers | undefined> {
  const rows = new Map<string, Graded>();
  const usable = [...files].sort((a, b) => a.modified - b.modified).filter(({ bytes }) => bytes <= mostBytes);
  for (const { path } of usable.slice(-mostFiles)) {
    const inside = runs.findIndex(({ dir }) => isInside(dir, path));
    for await (const read of readJsonlLenient(path, evaluationRecordSchema)) {
      if (!("ok" in read) || !("correct" in read.ok.outcome)) continue;
      const run = inside >= 0 ? inside : runs.findIndex(({ id }) => isOf(read.ok, id));
      if (run < 0) continue;
      const { task, images, questionId, sample, outcome } = read.ok;
      const key = [task, images, questionId, sample].join("\n");
      const row = rows.get(key) ?? {
        question: oneLine(questionId, 160),
        set: oneLine(images === "real" ? task : `${task}, ${images} images`, 120),
        right: runs.map(() => null),
        places: runs.map(() => null),
      };
      row.right[run] = outcome.correct === true;
      row.places[run] = { path, line: read.line };
      rows.set(key, row);
    }
  }
  const shared = [...rows.values()].filter(({ right }) => right.filter((each) => each !== null).length > 1);
  if (shared.length === 0) return undefined;
  const parting = shared.filter(({ right }) => right.includes(true) && right.includes(false));
  const shown = parting.slice(0, mostRows);
  return {
    totals: totals(shared),
    rows: shown.map(({ question, set, right }) => ({
      question,
      set,
      outcomes: right.map((each) => (each === null ? null : each ? "right" : "wrong")),
    })),
    more: parting.length - shown.length,
    places: shown.map(({ places }) => places),
  };
}

const isOf = ({ model }: EvaluationRecord, id: string) =>
  `/${(model.checkpoint ?? model.name).replaceAll("\\", "/")}/`.includes(`/runs/${id}/`);

/** Right answers of each run to the questions that it shares with another, by set. */
function totals(rows: readonly Graded[]): ComparedAnswers["totals"] {
  const sets = [...new Set(rows.map(({ set }) => set))];
  return sets.slice(0, 60).map((set) => {
    const own = rows.filter((row) => row.set === set);
    const values = own[0]!.right.map((_, run) => {
      const answered = own.flatMap(({ right }) => right[run] ?? []);
      return answered.length === 0 ? "–" : `${answered.filter(Boolean).length} of ${answered.length}`;
    });
    return { name: set, values, differ: new Set(values).size > 1 };
  });
}
