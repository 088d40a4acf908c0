import type { Runtime } from "../runtime.ts";

export interface ConcurrencySettings {
  /** Requests at a time at first. */
  start: number;
  least: number;
  most: number;
}

export const defaultConcurrency: ConcurrencySettings = { start: 8, least: 1, most: 64 };

/** How a request went, for the limit: "throttled" halves it, "ok" raises it by one a round, "failed" leaves it. */
export type Outcome = "ok" | "throttled" | "failed";

export interface Concurrency {
  /** Requests that may run together now, not rounded. */
  readonly limit: number;
  readonly running: number;
  /** Waits for a free place; give it back by calling the result once. */
  enter(signal?: AbortSignal): Promise<(outcome: Outcome) => void>;
  /** Nobody enters for so many milliseconds: a server asked for a pause. */
  pause(milliseconds: number): void;
}

/**
 * Additive increase, multiplicative decrease (Chiu and Jain 1989) of the number of requests at a time. Of the requests that were already
 * running when the limit was halved none halves it again: one overload is one signal. A limit that is not used up does not grow.
 */
export function adaptiveConcurrency(
  settings: Partial<ConcurrencySettings>,
  { now, sleep }: Pick<Runtime, "now" | "sleep">,
): Concurrency {
  const { start, least, most } = { ...defaultConcurrency, ...settings };
  let limit = Math.min(most, Math.max(least, start));
  let running = 0;
  let epoch = 0;
  let pausedUntil = 0;
  const waiting: (() => void)[] = [];
  const wake = () => {
    let free = Math.floor(limit) - running;
    while (free > 0 && waiting.length > 0) {
      waiting.shift()!();
      free -= 1;
    }
  };
  const freePlace = (signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      const go = () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      };
      const stop = () => {
        const at = waiting.indexOf(go);
        if (at >= 0) waiting.splice(at, 1);
        reject(signal?.reason);
      };
      waiting.push(go);
      signal?.addEventListener("abort", stop, { once: true });
    });
  return {
    get limit() {
      return limit;
    },
    get running() {
      return running;
    },
    pause(milliseconds) {
      pausedUntil = Math.max(pausedUntil, now() + milliseconds);
    },
    async enter(signal) {
      for (;;) {
        signal?.throwIfAborted();
        const pause = pausedUntil - now();
        if (pause > 0) await sleep(pause, signal);
        else if (running < Math.floor(limit)) break;
        else await freePlace(signal);
      }
      running += 1;
      const entered = epoch;
      let left = false;
      return (outcome) => {
        if (left) return;
        left = true;
        const full = running >= Math.floor(limit);
        running -= 1;
        if (outcome === "ok" && full) limit = Math.min(most, limit + 1 / limit);
        if (outcome === "throttled" && entered === epoch) {
          limit = Math.max(least, limit / 2);
          epoch += 1;
        }
        wake();
      };
    },
  };
}
