import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { finished } from "node:stream/promises";
import type { EventOf } from "@mede2/schemas";
import { eventBatches } from "./event-batches.ts";
import type { FoldableEvent } from "./fold.ts";
import { RunError } from "./run-error.ts";

type Cell = string | number | undefined;
type Column<Type extends "step-end"> = readonly [
  name: string,
  of: (event: EventOf<Type>, attempt: number) => Cell,
];

const stepColumns: readonly Column<"step-end">[] = [
  ["attempt", (_, attempt) => attempt],
  ["step", ({ step }) => step],
  ["ts", ({ ts }) => ts],
  ["epoch", ({ epoch }) => epoch],
  ["loss", ({ loss }) => loss],
  ["learningRate", ({ learningRate }) => learningRate],
  ["gradientNorm", ({ gradientNorm }) => gradientNorm],
  ["tokens", ({ tokens }) => tokens],
  ["supervisedTokens", ({ supervisedTokens }) => supervisedTokens],
  ["seconds", ({ seconds }) => seconds],
  ["memoryBytes", ({ memoryBytes }) => memoryBytes],
  ["rewards.chosen", ({ rewards }) => rewards?.chosen],
  ["rewards.rejected", ({ rewards }) => rewards?.rejected],
  ["rewards.margin", ({ rewards }) => rewards?.margin],
  ["rewards.accuracy", ({ rewards }) => rewards?.accuracy],
  ["logProbs.chosen", ({ logProbs }) => logProbs?.chosen],
  ["logProbs.rejected", ({ logProbs }) => logProbs?.rejected],
  ["kl", ({ kl }) => kl],
  ["nonFinite", ({ nonFinite }) => nonFinite?.join(" ")],
];

/** What a table is made of: one row a step, or one row a metric of an evaluation. */
export type CsvRows = "steps" | "evaluations";

/**
 * Writes a table of a run, or of a log of another program, as CSV (RFC 4180, a title row, empty where nothing is known). Steps of an attempt that a later one did
 * again are there too, told apart by `attempt`. The file appears whole or not at all. Returns the number of rows.
 */
export async function exportCsv(runDir: string, out: string, rows: CsvRows = "steps"): Promise<number> {
  const temporary = `${out}.${process.pid}.tmp`;
  const file = createWriteStream(temporary);
  const done = finished(file);
  let count = 0;
  const write = async (cells: readonly Cell[]) => {
    if (!file.write(`${cells.map(csvCell).join(",")}\r\n`)) await Promise.race([drained(file), done]);
  };
  try {
    await write(
      rows === "steps"
        ? stepColumns.map(([name]) => name)
        : ["attempt", "step", "ts", "task", "metric", "value"],
    );
    let attempt = 0;
    for await (const events of eventBatches(runDir))
      for (const event of events) {
        if (event.type === "run-started") attempt = (event as EventOf<"run-started">).attempt;
        for (const cells of rowsOf(event, attempt, rows)) {
          await write(cells);
          count += 1;
        }
      }
    file.end();
    await done;
    await rename(temporary, out);
    return count;
  } catch (error) {
    file.destroy();
    await done.catch(() => {});
    await rm(temporary, { force: true });
    if (error instanceof RunError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new RunError(
      "write-failed",
      `${out} could not be written (${reason}); choose another place`,
      error,
    );
  }
}

const drained = (file: NodeJS.WritableStream) =>
  new Promise<void>((resolve) => file.once("drain", () => resolve()));

function rowsOf(event: FoldableEvent, attempt: number, rows: CsvRows): Cell[][] {
  if (rows === "steps" && event.type === "step-end")
    return [stepColumns.map(([, of]) => of(event as EventOf<"step-end">, attempt))];
  if (rows === "evaluations" && event.type === "evaluation-end") {
    const { step, ts, task, metrics } = event as EventOf<"evaluation-end">;
    return Object.entries(metrics).map(([metric, value]) => [attempt, step, ts, task, metric, value]);
  }
  return [];
}

/** A spreadsheet takes a text that begins with = + - @ for a formula: such texts get an apostrophe before them. */
function csvCell(cell: Cell): string {
  if (cell === undefined) return "";
  if (typeof cell === "number") return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
