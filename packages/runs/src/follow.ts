import { type FSWatcher, watch } from "node:fs";
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
  const bell = openBell(runDir, settings);
  let caughtUp = false;
  try {
    while (settings.signal?.aborted !== true) {
      const batch = await reader.read();
      if (batch.events.length > 0 || batch.bad.length > 0 || batch.reset || (!caughtUp && !batch.more))
        yield batch;
      if (batch.more) continue;
      caughtUp = true;
      await bell.wait();
    }
  } finally {
    bell.close();
  }
}

/** Rings when the folder changes, when the time is up, and when the signal aborts. A ring while nobody waits is not lost. */
function openBell(folder: string, settings: FollowSettings) {
  let rung = false;
  let wake: (() => void) | undefined;
  const ring = () => {
    rung = true;
    wake?.();
  };
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(folder, (_, name) => {
      if (name === null || name === "events.jsonl") ring();
    });
    watcher.on("error", () => watcher?.close()); // the poll goes on
    watcher.unref();
  } catch {
    // no watch here (missing folder, too many watches): the poll does it
  }
  settings.signal?.addEventListener("abort", ring);
  return {
    async wait() {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, (settings.pollSeconds ?? 1) * 1000);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
          if (settings.signal?.aborted) wake();
        });
        wake = undefined;
      }
      rung = false;
    },
    close() {
      watcher?.close();
      settings.signal?.removeEventListener("abort", ring);
    },
  };
}
