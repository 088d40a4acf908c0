import { stat } from "node:fs/promises";
import type { FoldableEvent } from "./fold.ts";
import { findForeignLog, foreignReader } from "./foreign-run.ts";
import { runPlaces } from "./places.ts";
import { type EventReader, eventReader } from "./read-events.ts";
import { RunError } from "./run-error.ts";

/** The events that a run folder, or a folder of another program's training, has now, in batches. Bad lines are left out. Throws a RunError "run-not-found". */
export async function* eventBatches(runDir: string): AsyncGenerator<FoldableEvent[]> {
  const reader = await readerOf(runDir);
  for (;;) {
    const { events, more } = await reader.read();
    if (events.length > 0) yield events;
    if (!more) return;
  }
}

async function readerOf(runDir: string): Promise<EventReader> {
  const there = (path: string) =>
    stat(path).then(
      () => true,
      () => false,
    );
  if (await there(runPlaces.manifest(runDir))) return eventReader(runDir);
  const foreign = await findForeignLog(runDir);
  if (foreign !== undefined) return foreignReader(foreign);
  throw new RunError(
    "run-not-found",
    `${runDir} holds neither a run.json nor a log of ms-swift, LLaMA-Factory or transformers; name the folder of a run`,
  );
}
