import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runPlaces, type Wish } from "@mede2/runs";
import { isoTime } from "@mede2/schemas";

// The trainer asks its signal once before each step (and again and again in a pause). A signal that counts these questions is a clock of steps.

/** A signal that calls `at` whenever it is asked: with 0 before the attempt's first step, with 1 before its second … True from it stops the run. */
export function stepSignal(at: (taken: number) => boolean | undefined): AbortSignal {
  const { signal } = new AbortController();
  let asked = 0;
  return new Proxy(signal, {
    get(target, key) {
      if (key === "aborted") return at(asked++) === true;
      const value = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Stops an attempt after `steps` steps. */
export function stopAfter(steps: number): AbortSignal {
  return stepSignal((taken) => taken >= steps);
}

let clock = Date.parse("2026-01-01T00:00:00.000Z");

/** As `requestControl`, but at once. */
export function requestNow(runDir: string, wish: Omit<Wish, "by">): string {
  const id = randomUUID();
  const ts = isoTime(() => (clock += 1000));
  const request = { record: "control-request", v: 1, id, by: "test", ts, args: {}, ...wish };
  writeFileSync(
    join(runPlaces.control(runDir), `${ts.replaceAll(/[:.]/g, "")}-${id}.json`),
    JSON.stringify(request),
  );
  return id;
}

/** Asks a run for something when it has taken `steps` steps in this attempt; it is answered before the step after the next. */
export function requestAfter(steps: number, runDir: string, wish: Omit<Wish, "by">): AbortSignal {
  return stepSignal((taken) => {
    if (taken === steps) requestNow(runDir, wish);
    return false;
  });
}
