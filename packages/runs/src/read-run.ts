import { stat } from "node:fs/promises";
import {
  type Heartbeat,
  type RunManifest,
  type RunStatus,
  readRecord,
  runManifestSchema,
} from "@mede2/schemas";
import type { Alarm } from "./alarm.ts";
import { foldEvents } from "./fold.ts";
import { loadFoldIndex } from "./fold-index.ts";
import { readHeartbeat } from "./heartbeat.ts";
import { thisHost } from "./host.ts";
import { liveAlarms, type Surroundings } from "./live-alarms.ts";
import { runPlaces } from "./places.ts";
import { type BadLine, type EventReader, eventReader } from "./read-events.ts";
import { initialState, type RunState } from "./run-state.ts";
import { heartbeatAge, heartbeatIsStale, runStatus, type Witness } from "./status.ts";

/** Logs of more bytes may have an index. */
export const longLog = 1 << 24;

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
  const size = await stat(runPlaces.events(runDir)).then(
    (info) => info.size,
    () => 0,
  );
  // of a long log that a viewer has read, only what came since; one with bad lines is read whole, as they are to be told
  const found = size > longLog ? await loadFoldIndex(runDir, initialState(manifest).beta) : null;
  const known = found?.badLines === 0 ? found : { offset: 0, state: initialState(manifest) };
  const { state, bad } = await foldUpTo(eventReader(runDir, known.offset), size, manifest, known.state);
  const heartbeat = await readHeartbeat(runDir);
  return { dir: runDir, manifest, state, ...judge(state, heartbeat, witness), bad };
}

/** Status and active alarms of a state, given the heartbeat: what changes with time even when no event comes. */
export function judge(
  state: RunState,
  heartbeat: Heartbeat | null,
  witness: Witness,
  around: Omit<Surroundings, "silentSeconds"> = {},
): Pick<RunView, "status" | "alarms"> {
  const status = runStatus(state, heartbeat, witness);
  const alarms = state.alarms.filter((alarm) => alarm.active);
  if (status !== "running" && status !== "paused") return { status, alarms };
  const now = witness.clock();
  const stalled = heartbeat !== null && heartbeatIsStale(heartbeat, now);
  const silent = stalled ? { silentSeconds: heartbeatAge(heartbeat, now) } : {};
  return { status, alarms: [...alarms, ...liveAlarms(state, now, { ...around, ...silent })] };
}

/** Folds what a reader gives, as far as `end` bytes: a writer that is faster than the reader must not keep it for ever. */
export async function foldUpTo(
  reader: EventReader,
  end: number,
  manifest: RunManifest,
  start = initialState(manifest),
): Promise<{ state: RunState; bad: BadLine[] }> {
  let state = start;
  let bad: BadLine[] = [];
  for (;;) {
    const batch = await reader.read();
    if (batch.reset) {
      state = initialState(manifest);
      bad = [];
    }
    state = foldEvents(state, batch.events);
    bad.push(...batch.bad);
    if (!batch.more || batch.offset >= end) return { state, bad };
  }
}
