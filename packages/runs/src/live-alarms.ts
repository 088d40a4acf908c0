import type { Alarm } from "./alarm.ts";
import type { RunState } from "./run-state.ts";

/** What is known of the machine beside the events. Left out where it cannot be known: a run of another host has another disk. */
export interface Surroundings {
  /** Seconds since the last heartbeat, when it is stale. */
  silentSeconds?: number;
  /** Bytes that the disk of the run folder has left. */
  freeBytes?: number;
}

/** The alarms that depend on the time or on the machine, and are therefore not in the fold. For runs that are running or paused. */
export function liveAlarms(state: RunState, now: number, around: Surroundings): Alarm[] {
  const ts = new Date(now).toISOString();
  const alarm = (name: string, level: Alarm["level"], message: string, next: string): Alarm => ({
    name,
    level,
    step: state.step,
    ts,
    active: true,
    message,
    next,
  });
  const alarms: Alarm[] = [];
  const { silentSeconds, freeBytes } = around;
  if (silentSeconds !== undefined)
    alarms.push(
      alarm(
        "stalled-heartbeat",
        "warning",
        `no sign of life for ${Math.round(silentSeconds)} seconds, while the process is still there`,
        "look whether the machine swaps, sleeps or waits for a disk; stop the process and resume the run if it does not come back",
      ),
    );
  const quiet = quietSeconds(state, now);
  if (silentSeconds === undefined && quiet !== null)
    alarms.push(
      alarm(
        "no-progress",
        "warning",
        `no event for ${Math.round(quiet)} seconds, though the process beats`,
        "it may evaluate or save a large checkpoint; if a step hangs, stop the process and resume the run",
      ),
    );
  const needed = Math.max(2 * (state.checkpoints.at(-1)?.bytes ?? 0), 256 * 2 ** 20);
  if (freeBytes !== undefined && freeBytes < needed) {
    const full = freeBytes < needed / 2;
    alarms.push(
      alarm(
        "disk-filling",
        full ? "error" : "warning",
        `the disk has ${(freeBytes / 2 ** 30).toFixed(2)} GiB left; two checkpoints need ${(needed / 2 ** 30).toFixed(2)} GiB`,
        "free disk space now, by mede2 gc or by moving old checkpoints away; the run fails when an event cannot be written",
      ),
    );
  }
  return alarms;
}

/** Seconds without an event when that is long for this run: 20 of its steps and two minutes at least; null else, and while it is paused. */
function quietSeconds(state: RunState, now: number): number | null {
  if (state.updatedAt === null || state.phase !== "running") return null;
  const steps = Math.max(1, state.recent.length);
  const mean = state.recent.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0) / steps;
  const quiet = (now - Date.parse(state.updatedAt)) / 1000;
  return quiet > Math.max(120, 20 * mean) ? quiet : null;
}
