import type { EventOf } from "@mede2/schemas";
import { eventBatches } from "./event-batches.ts";
import type { FoldableEvent } from "./fold.ts";

/** What a table is made of: one row a step, or one row a metric of an evaluation. */
export type TableRows = "steps" | "evaluations";
export type Cell = string | number | undefined;
/** What a column holds: whole numbers, numbers, ISO 8601 times, texts. */
export type CellKind = "count" | "number" | "time" | "text";

export interface TableColumn {
  readonly name: string;
  readonly kind: CellKind;
}

type StepColumn = readonly [
  name: string,
  kind: CellKind,
  of: (event: EventOf<"step-end">, attempt: number) => Cell,
];

const stepColumns: readonly StepColumn[] = [
  ["attempt", "count", (_, attempt) => attempt],
  ["step", "count", ({ step }) => step],
  ["ts", "time", ({ ts }) => ts],
  ["epoch", "number", ({ epoch }) => epoch],
  ["loss", "number", ({ loss }) => loss],
  ["learningRate", "number", ({ learningRate }) => learningRate],
  ["gradientNorm", "number", ({ gradientNorm }) => gradientNorm],
  ["tokens", "count", ({ tokens }) => tokens],
  ["supervisedTokens", "count", ({ supervisedTokens }) => supervisedTokens],
  ["seconds", "number", ({ seconds }) => seconds],
  ["memoryBytes", "count", ({ memoryBytes }) => memoryBytes],
  ["rewards.chosen", "number", ({ rewards }) => rewards?.chosen],
  ["rewards.rejected", "number", ({ rewards }) => rewards?.rejected],
  ["rewards.margin", "number", ({ rewards }) => rewards?.margin],
  ["rewards.accuracy", "number", ({ rewards }) => rewards?.accuracy],
  ["logProbs.chosen", "number", ({ logProbs }) => logProbs?.chosen],
  ["logProbs.rejected", "number", ({ logProbs }) => logProbs?.rejected],
  ["kl", "number", ({ kl }) => kl],
  ["nonFinite", "text", ({ nonFinite }) => nonFinite?.join(" ")],
];

const evaluationColumns: readonly TableColumn[] = [
  { name: "attempt", kind: "count" },
  { name: "step", kind: "count" },
  { name: "ts", kind: "time" },
  { name: "task", kind: "text" },
  { name: "metric", kind: "text" },
  { name: "value", kind: "number" },
];

export const tableColumns = (rows: TableRows): readonly TableColumn[] =>
  rows === "steps" ? stepColumns.map(([name, kind]) => ({ name, kind })) : evaluationColumns;

/**
 * The rows of a run, or of a log of another program, in batches, each cell in the order of `tableColumns`. Steps of an attempt that a later one did again are there too, told apart by
 * `attempt`. Throws a RunError "run-not-found".
 */
export async function* tableRows(runDir: string, rows: TableRows): AsyncGenerator<Cell[][]> {
  let attempt = 0;
  for await (const events of eventBatches(runDir)) {
    const batch: Cell[][] = [];
    for (const event of events) {
      if (event.type === "run-started") attempt = (event as EventOf<"run-started">).attempt;
      batch.push(...rowsOf(event, attempt, rows));
    }
    yield batch;
  }
}

function rowsOf(event: FoldableEvent, attempt: number, rows: TableRows): Cell[][] {
  if (rows === "steps" && event.type === "step-end")
    return [stepColumns.map(([, , of]) => of(event as EventOf<"step-end">, attempt))];
  if (rows === "evaluations" && event.type === "evaluation-end") {
    const { step, ts, task, metrics } = event as EventOf<"evaluation-end">;
    return Object.entries(metrics).map(([metric, value]) => [attempt, step, ts, task, metric, value]);
  }
  return [];
}
