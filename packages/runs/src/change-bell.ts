import { type FSWatcher, watch } from "node:fs";

/** Something to wait for: rings when a folder changes, and when the time is up. A ring while nobody waits is not lost. */
export interface ChangeBell {
  /** Until it rings or `seconds` have passed. */
  wait(seconds: number): Promise<void>;
  ring(): void;
  close(): void;
}

/**
 * A bell for the entries of a folder, of those names only. Network file systems report no changes: whoever waits says how long at most.
 * A folder that cannot be watched (missing, too many watches) has a bell that the clock rings.
 */
export function openChangeBell(folder: string, names: readonly string[], signal?: AbortSignal): ChangeBell {
  let rung = false;
  let wake: (() => void) | undefined;
  const ring = () => {
    rung = true;
    wake?.();
  };
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(folder, (_, name) => {
      if (name === null || names.length === 0 || names.includes(name)) ring();
    });
    watcher.on("error", () => watcher?.close()); // the poll goes on
    watcher.unref();
  } catch {
    // see above
  }
  signal?.addEventListener("abort", ring);
  return {
    ring,
    async wait(seconds) {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, seconds * 1000);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
          if (signal?.aborted) wake();
        });
        wake = undefined;
      }
      rung = false;
    },
    close() {
      watcher?.close();
      signal?.removeEventListener("abort", ring);
    },
  };
}
