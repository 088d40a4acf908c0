import type { TrackedRun } from "@mede2/runs";
import { duration } from "../text/format.ts";
import type { Line } from "../text/line.ts";
import { wrap } from "../text/wrap.ts";

const trainings: ReadonlySet<string> = new Set(["pretrain", "sft", "preference"]);

/** What is known of a run whose process is lost, and what to do. */
export function lostLines(run: TrackedRun, now: number, columns: number): Line[] {
  return wrap(lostText(run, now), columns - 2, [], { role: "bad" }).map((line) => [" ", ...line]);
}

function lostText({ id, kind, foreign, state, heartbeat }: TrackedRun, now: number): string {
  const age = (ts: string) => duration((now - Date.parse(ts)) / 1000);
  if (foreign !== undefined)
    return `nothing was logged for ${age(state.updatedAt ?? "")}: ${foreign} ended without a word, or it hangs`;
  const next = trainings.has(kind) ? `go on with  mede2 train --resume ${id}` : "start it again";
  const sign =
    heartbeat === null ? "" : `; its last sign of life, on ${heartbeat.host}, was ${age(heartbeat.ts)} ago`;
  return `the process is gone without a word: ${next}${sign}`;
}
