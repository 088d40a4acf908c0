import type { Heartbeat, RunStatus } from "@mede2/schemas";
import type { Host } from "./host.ts";
import type { RunState } from "./run-state.ts";

/** After this many intervals without a beat (and at least a minute) a process on another host counts as gone, here as stalled. */
const missedBeats = 6;
const leastSilenceSeconds = 60;

export type Witness = Pick<Host, "clock" | "name" | "bootId" | "pidNamespace" | "isAlive">;

/** Seconds since the last beat. */
export function heartbeatAge(heartbeat: Heartbeat, now: number): number {
  return Math.max(0, (now - Date.parse(heartbeat.ts)) / 1000);
}

/** Whether the beats have been missing for longer than a slow disk or a busy step explains. */
export function heartbeatIsStale(heartbeat: Heartbeat, now: number): boolean {
  return (
    heartbeatAge(heartbeat, now) > Math.max(leastSilenceSeconds, missedBeats * heartbeat.intervalSeconds)
  );
}

/**
 * Whether the process behind a heartbeat lives. On this host and this boot the process itself is looked at, so that a slow one is told from
 * a dead one; after a reboot it is gone; of another host, or of a container beside the witness, only the heartbeat's age is known.
 */
export function heartbeatIsLive(heartbeat: Heartbeat, witness: Witness): boolean {
  if (heartbeat.host !== witness.name) return !heartbeatIsStale(heartbeat, witness.clock());
  if (heartbeat.bootId !== witness.bootId) return false;
  if (!countsAlike(heartbeat, witness)) return !heartbeatIsStale(heartbeat, witness.clock());
  return witness.isAlive(heartbeat.pid, heartbeat.processStart);
}

/** Whether a pid means the same to both. */
const countsAlike = ({ pidNamespace: theirs }: Heartbeat, { pidNamespace: ours }: Witness): boolean =>
  theirs === undefined || ours === undefined || theirs === ours;

/** Whether the process of a heartbeat can be looked at from here. */
export const isProcessHere = (heartbeat: Heartbeat, witness: Witness): boolean =>
  heartbeat.host === witness.name && heartbeat.bootId === witness.bootId && countsAlike(heartbeat, witness);

/** The status of a run from what its events say and whether its process lives. Pure but for what the witness sees. */
export function runStatus(state: RunState, heartbeat: Heartbeat | null, witness: Witness): RunStatus {
  if (state.phase !== "running" && state.phase !== "paused") return state.phase;
  const started = state.process;
  if (started === null) return state.phase;
  // a heartbeat of an earlier attempt says nothing of this one
  const beat =
    heartbeat !== null && heartbeat.attempt >= state.attempt
      ? heartbeat
      : asHeartbeat(started, state.attempt, state.updatedAt ?? started.startedAt);
  return heartbeatIsLive(beat, witness) ? state.phase : "lost";
}

function asHeartbeat(process: NonNullable<RunState["process"]>, attempt: number, ts: string): Heartbeat {
  return {
    record: "heartbeat",
    v: 1,
    ts,
    attempt,
    pid: process.pid,
    bootId: process.bootId,
    host: process.host,
    intervalSeconds: leastSilenceSeconds,
  };
}
