import { openChangeBell } from "./change-bell.ts";
import { type EventBatch, eventReader } from "./read-events.ts";

export interface FollowSettings {
  /** Ends the following. */
  signal?: AbortSignal;
  /** How often to look when the system reports no change (network file systems never do). Default: 1. */
  pollSeconds?: number;
}

/**
 * The events of a run from its first, and then as they are written, in batches. Wakes up by the system's file watch and, where that says
 * nothing, by the clock. Yields an empty batch once after the existing events, so that a viewer knows that it is up to date. Never ends by itself.
 */
export async function* followEvents(
  runDir: string,
  settings: FollowSettings = {},
): AsyncGenerator<EventBatch> {
  const reader = eventReader(runDir);
  const bell = openChangeBell(runDir, ["events.jsonl"], settings.signal);
  let caughtUp = false;
  try {
    while (settings.signal?.aborted !== true) {
      const batch = await reader.read();
      if (batch.events.length > 0 || batch.bad.length > 0 || batch.reset || (!caughtUp && !batch.more))
        yield batch;
      if (batch.more) continue;
      caughtUp = true;
      await bell.wait(settings.pollSeconds ?? 1);
    }
  } finally {
    bell.close();
  }
}
