import {
  addToSeries,
  emptyRunSeries,
  eventBatches,
  type FoldableEvent,
  foldEvents,
  initialState,
  type RunTracker,
  type TrackedRun,
  trackRun,
} from "@mede2/runs";
import type { ReplayModel } from "../state/model.ts";
import type { HeldEvents } from "./line-source.ts";

/** A run that is shown once more as it went. */
export interface Replay {
  tracker: RunTracker;
  model(): ReplayModel;
  /** The events as far as they were shown, for the log. */
  events: HeldEvents;
  change(change: "pause" | "faster" | "slower" | "restart"): void;
}

/** Pauses of the run that were longer are shortened to this, in seconds: nobody waits for a night between two attempts. */
const longestGap = 10;
/** Longer logs are not replayed: their events are kept in memory. */
export const mostReplayed = 500_000;

/**
 * A tracker that gives the events of a finished run at `speed` times their pace, by the viewer's clock in milliseconds. Throws a RangeError for a log of more than
 * 500,000 events.
 */
export async function openReplay(dir: string, speed: number, clock: () => number): Promise<Replay> {
  const whole = await trackRun(dir, { index: false }).read();
  const events: FoldableEvent[] = [];
  const times: number[] = [];
  let [time, before] = [0, Number.NaN];
  for await (const batch of eventBatches(dir))
    for (const event of batch) {
      const ts = Date.parse(event.ts);
      if (!Number.isNaN(before)) time += Math.min(longestGap, Math.max(0, (ts - before) / 1000));
      before = ts;
      events.push(event);
      times.push(time);
      if (events.length > mostReplayed)
        throw new RangeError(`${dir} has more than ${mostReplayed} events: look at it without --replay`);
    }
  const length = times.at(-1) ?? 0;
  let [pace, paused, at, last] = [speed, false, 0, clock()];
  let [count, version] = [0, 0];
  let state = initialState(whole.manifest);
  let series = emptyRunSeries();

  const pass = () => {
    const now = clock();
    if (!paused) at = Math.min(length, at + ((now - last) / 1000) * pace);
    last = now;
  };
  return {
    tracker: {
      dir,
      async read(): Promise<TrackedRun> {
        pass();
        const from = count;
        while (count < events.length && times[count]! <= at) count += 1;
        if (count > from) {
          const fresh = events.slice(from, count);
          state = foldEvents(state, fresh);
          addToSeries(series, fresh);
          version += 1;
        }
        const alarms = state.alarms.filter(({ active }) => active);
        return {
          ...whole,
          state,
          series,
          version,
          status: state.phase,
          alarms,
          heartbeat: null,
          bad: { count: 0, newest: [] },
        };
      },
    },
    events: { count: () => count, at: (index) => events[index]! },
    model: () => ({ speed: pace, paused, place: length === 0 ? 1 : at / length }),
    change(change) {
      pass();
      if (change === "pause") paused = !paused;
      else if (change === "faster") pace = Math.min(10_000, pace * 2);
      else if (change === "slower") pace = Math.max(0.25, pace / 2);
      else {
        [at, count, paused] = [0, 0, false];
        state = initialState(whole.manifest);
        series = emptyRunSeries();
        version += 1;
      }
    },
  };
}
