import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { EventOf } from "@mede2/schemas";
import { eventBatches } from "./event-batches.ts";
import type { FoldableEvent } from "./fold.ts";
import { metrics } from "./run-series.ts";
import { type TensorBoardEvent, tensorBoardRecord } from "./tfevents.ts";

/** TensorBoard groups tags by what stands before the slash. */
const tagOf = (name: string) =>
  name.startsWith("rewards-") || name.startsWith("log-probs-") ? `preference/${name}` : `train/${name}`;

/**
 * Writes the curves of a run, or of a log of another program, as a TensorBoard event file into a folder, which `tensorboard --logdir` shows; other trackers import it.
 * Where a resumed attempt goes back, a session start makes TensorBoard forget the steps that it does again. Returns the file and the number of points.
 */
export async function exportTensorBoard(
  runDir: string,
  out: string,
): Promise<{ file: string; points: number }> {
  await mkdir(out, { recursive: true });
  const temporary = join(out, `.export.${process.pid}.tmp`);
  const file = await open(temporary, "w");
  let points = 0;
  let begun: number | undefined;
  try {
    let newest = -1;
    for await (const events of eventBatches(runDir)) {
      const records: Buffer[] = [];
      const add = (event: TensorBoardEvent) => void records.push(tensorBoardRecord(event));
      for (const event of events) {
        const seconds = Date.parse(event.ts) / 1000;
        if (begun === undefined) add({ kind: "version", seconds });
        begun ??= seconds;
        const { step, values } = scalarsOf(event);
        if (values.length === 0) continue;
        if (event.type === "step-end") {
          if (step <= newest) add({ kind: "session-start", seconds, step });
          newest = step;
        }
        add({ kind: "scalars", seconds, step, values });
        points += values.length;
      }
      await file.write(Buffer.concat(records));
    }
    if (begun === undefined) await file.write(tensorBoardRecord({ kind: "version", seconds: 0 }));
    await file.close();
    const path = join(out, `events.out.tfevents.${Math.floor(begun ?? 0)}.mede2`);
    await rename(temporary, path);
    return { file: path, points };
  } catch (error) {
    await file.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
}

function scalarsOf(event: FoldableEvent): { step: number; values: [string, number][] } {
  if (event.type === "step-end") {
    const end = event as EventOf<"step-end">;
    const values = metrics.flatMap(({ name, of }): [string, number][] => {
      const value = of(end);
      return value === undefined ? [] : [[tagOf(name), value]];
    });
    return { step: end.step, values };
  }
  if (event.type !== "evaluation-end") return { step: 0, values: [] };
  const { step, task, metrics: found } = event as EventOf<"evaluation-end">;
  return { step, values: Object.entries(found).map(([name, value]) => [`${task}/${name}`, value]) };
}
