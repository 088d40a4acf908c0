import { renameSync, writeFileSync } from "node:fs";
import { type Heartbeat, heartbeatSchema, isoTime, RecordError, readRecord } from "@mede2/schemas";
import type { Host } from "./host.ts";
import { runPlaces } from "./places.ts";

export interface HeartbeatSettings {
  attempt: number;
  intervalSeconds: number;
}

/** A running heartbeat. `beat` writes it now if the interval has passed, for engines that keep the event loop busy. */
export interface Pulse {
  beat(): void;
  stop(): void;
}

/**
 * Writes the file `heartbeat` now and on every interval, until stopped. The timer does not keep the process alive. A beat that cannot be
 * written (full disk) is skipped: it must not end a training, and viewers see the heartbeat grow old.
 */
export function startHeartbeat(runDir: string, settings: HeartbeatSettings, host: Host): Pulse {
  const path = runPlaces.heartbeat(runDir);
  const temporary = `${path}.${host.pid}.tmp`;
  let last = Number.NEGATIVE_INFINITY;
  const write = () => {
    const heartbeat: Heartbeat = {
      record: "heartbeat",
      v: 1,
      ts: isoTime(host.clock),
      attempt: settings.attempt,
      pid: host.pid,
      bootId: host.bootId,
      host: host.name,
      ...(host.processStart !== undefined && { processStart: host.processStart }),
      ...(host.pidNamespace !== undefined && { pidNamespace: host.pidNamespace }),
      intervalSeconds: settings.intervalSeconds,
    };
    last = host.clock();
    try {
      writeFileSync(temporary, `${JSON.stringify(heartbeat)}\n`);
      renameSync(temporary, path);
    } catch {
      // see above
    }
  };
  write();
  const timer = setInterval(write, settings.intervalSeconds * 1000);
  timer.unref();
  return {
    beat() {
      if (host.clock() - last >= settings.intervalSeconds * 1000) write();
    },
    stop: () => clearInterval(timer),
  };
}

/** The heartbeat of a run, or null when there is none that can be read. */
export async function readHeartbeat(runDir: string): Promise<Heartbeat | null> {
  try {
    return await readRecord(runPlaces.heartbeat(runDir), heartbeatSchema);
  } catch (error) {
    if (error instanceof RecordError) return null;
    throw error;
  }
}
