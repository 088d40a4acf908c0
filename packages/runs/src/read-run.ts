import {
  type Heartbeat,
  isoTime,
  type RunManifest,
  type RunStatus,
  readRecord,
  runManifestSchema,
} from "@mede2/schemas";
import type { Alarm } from "./alarm.ts";
import { stalledAlarm } from "./alarms.ts";
import { foldEvents } from "./fold.ts";
import { readHeartbeat } from "./heartbeat.ts";
import { thisHost } from "./host.ts";
import { runPlaces } from "./places.ts";
import { type BadLine, eventReader } from "./read-events.ts";
import { initialState, type RunState } from "./run-state.ts";
import { heartbeatAge, heartbeatIsStale, runStatus, type Witness } from "./status.ts";

/** A run as it stands now. */
export interface RunView {
  dir: string;
  manifest: RunManifest;
  state: RunState;
  status: RunStatus;
  /** Active alarms: those of the fold and those of the heartbeat. */
  alarms: Alarm[];
  bad: BadLine[];
}

/** Reads a run folder: manifest, all events, heartbeat. Throws a RecordError when `run.json` cannot be read. */
export async function readRun(runDir: string, witness: Witness = thisHost()): Promise<RunView> {
  const manifest = await readRecord(runPlaces.manifest(runDir), runManifestSchema);
  let state = initialState(manifest);
  const bad: BadLine[] = [];
  const reader = eventReader(runDir);
  for (;;) {
    const batch = await reader.read();
    if (batch.reset) {
      state = initialState(manifest);
      bad.length = 0;
    }
    state = foldEvents(state, batch.events);
    bad.push(...batch.bad);
    if (!batch.more) break;
  }
  const heartbeat = await readHeartbeat(runDir);
  return { dir: runDir, manifest, state, ...judge(state, heartbeat, witness), bad };
}

/** Status and active alarms of a state, given the heartbeat: what changes with time even when no event comes. */
export function judge(
  state: RunState,
  heartbeat: Heartbeat | null,
  witness: Witness,
): Pick<RunView, "status" | "alarms"> {
  const status = runStatus(state, heartbeat, witness);
  const alarms = state.alarms.filter((alarm) => alarm.active);
  const now = witness.clock();
  if ((status === "running" || status === "paused") && heartbeat !== null && heartbeatIsStale(heartbeat, now))
    alarms.push(
      stalledAlarm(
        state.step,
        isoTime(() => now),
        heartbeatAge(heartbeat, now),
      ),
    );
  return { status, alarms };
}
