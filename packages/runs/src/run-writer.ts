import { stat } from "node:fs/promises";
import {
  type ControlRequest,
  isoTime,
  type RunEvent,
  type RunEventBody,
  readLines,
  repairJsonlTail,
  withoutNonFinite,
} from "@mede2/schemas";
import { pollControl } from "./control.ts";
import { openEventFile } from "./event-file.ts";
import { readHeartbeat, startHeartbeat } from "./heartbeat.ts";
import { type Host, thisHost } from "./host.ts";
import { runPlaces } from "./places.ts";
import { RunError } from "./run-error.ts";
import { heartbeatIsLive } from "./status.ts";

export interface WriterSettings {
  /** The checkpoint that the attempt goes on from, relative to the run folder. */
  fromCheckpoint?: string;
  /** Default: 5. */
  heartbeatSeconds?: number;
}

/** The engine's hand on its run: the only writer of events and heartbeat. */
export interface RunWriter {
  readonly dir: string;
  /** From 1; each opening of the run is an attempt. */
  readonly attempt: number;
  /** Ids of the requests that earlier attempts acknowledged as done: a resumed run replays their learning rates. */
  readonly doneBefore: ReadonlySet<string>;
  /** Appends events in one write and returns them as written. Numbers that are not finite are left out and listed in `nonFinite`. */
  append(events: RunEventBody | readonly RunEventBody[]): RunEvent[];
  /** Requests that nobody has answered yet, each handed out once. Answer each with `acknowledge`. */
  controls(): Promise<ControlRequest[]>;
  acknowledge(
    request: Pick<ControlRequest, "id" | "request">,
    outcome: "done" | "refused",
    reason?: string,
  ): void;
  /** Keeps the heartbeat fresh from within a loop that gives timers no chance. `append` does it, too. */
  beat(): void;
  /** Ends heartbeat and file. It says nothing of the run: append run-finished, run-stopped or run-failed before. */
  close(): void;
}

/** Events after which the file is flushed to the disk: what they say must not be lost. */
const durable: ReadonlySet<string> = new Set([
  "checkpoint-saved",
  "run-finished",
  "run-failed",
  "run-stopped",
  "run-paused",
]);

/**
 * Opens a run for its engine and appends `run-started`. A torn last line of a process that was killed is repaired. Requests to pause, stop or
 * save that were left over from an earlier attempt are refused, as they were not meant for this one. Throws a RunError
 * "run-not-found" or "run-in-progress".
 */
export async function openRunWriter(
  runDir: string,
  settings: WriterSettings = {},
  host: Host = thisHost(),
): Promise<RunWriter> {
  const manifest = await stat(runPlaces.manifest(runDir)).catch(() => undefined);
  if (manifest === undefined)
    throw new RunError(
      "run-not-found",
      `${runDir} is no run folder: it has no run.json; make one with createRun`,
    );
  const path = runPlaces.events(runDir);
  const heartbeat = await readHeartbeat(runDir);
  const past = await readPast(path);
  if (
    heartbeat !== null &&
    !past.ended &&
    heartbeatIsLive(heartbeat, host) &&
    !(heartbeat.pid === host.pid && heartbeat.host === host.name)
  )
    throw new RunError(
      "run-in-progress",
      `${runDir} is being written by process ${heartbeat.pid} on ${heartbeat.host}; stop that run first, or wait a minute if that machine is gone`,
    );
  await repairJsonlTail(path);
  const attempt = past.attempt + 1;
  const file = openEventFile(path);
  const pulse = startHeartbeat(runDir, { attempt, intervalSeconds: settings.heartbeatSeconds ?? 5 }, host);
  let seq = 0;
  let open = true;

  const append = (events: RunEventBody | readonly RunEventBody[]): RunEvent[] => {
    if (!open)
      throw new RunError(
        "run-closed",
        `${runDir}: the writer was closed; open the run again before appending events`,
      );
    const bodies = Array.isArray(events) ? (events as readonly RunEventBody[]) : [events as RunEventBody];
    const ts = isoTime(host.clock);
    const written = bodies.map(
      (body, index) =>
        ({ record: "run-event", v: 1, seq: seq + index, ts, ...withoutNonFinite(body) }) as RunEvent,
    );
    file.append(written.map((event) => `${JSON.stringify(event)}\n`).join(""));
    seq += written.length;
    if (written.some((event) => durable.has(event.type))) file.sync();
    pulse.beat();
    return written;
  };

  append({
    type: "run-started",
    attempt,
    pid: host.pid,
    bootId: host.bootId,
    host: host.name,
    ...(settings.fromCheckpoint !== undefined && { fromCheckpoint: settings.fromCheckpoint }),
  });
  const acknowledge: RunWriter["acknowledge"] = (request, outcome, reason) => {
    append({
      type: "control-acknowledged",
      id: request.id,
      request: request.request,
      outcome,
      ...(reason !== undefined && { reason }),
    });
  };
  const polling = pollControl(runDir, past.answered);
  const controls = async () => {
    const { requests, bad } = await polling.poll();
    for (const error of bad) append({ type: "warning", code: "bad-control-request", message: error.message });
    return requests;
  };
  const leftOver = attempt > 1 ? await controls() : [];
  const waiting = leftOver.filter((request) => request.request === "learning-rate");
  for (const request of leftOver)
    if (request.request !== "learning-rate")
      acknowledge(request, "refused", `asked before attempt ${attempt} began`);

  return {
    dir: runDir,
    attempt,
    doneBefore: past.done,
    append,
    controls: async () => [...waiting.splice(0), ...(await controls())],
    acknowledge,
    beat: () => pulse.beat(),
    close() {
      if (!open) return;
      open = false;
      pulse.stop();
      file.close();
    },
  };
}

interface Past {
  attempt: number;
  answered: Set<string>;
  done: Set<string>;
  ended: boolean;
}

/** What a new attempt must know of the earlier ones. Only lines that can matter are parsed. */
async function readPast(path: string): Promise<Past> {
  const past: Past = { attempt: 0, answered: new Set(), done: new Set(), ended: false };
  const there = await stat(path).catch(() => undefined);
  if (there === undefined) return past;
  for await (const { text } of readLines(path)) {
    if (!/"type":"(?:run-|control-acknowledged)/.test(text)) continue;
    let event: Record<string, unknown>;
    try {
      event = JSON.parse(text) as Record<string, unknown>;
    } catch {
      continue; // a torn line
    }
    if (event.type === "run-started") {
      if (typeof event.attempt === "number") past.attempt = Math.max(past.attempt, event.attempt);
      past.ended = false;
    } else if (event.type === "control-acknowledged" && typeof event.id === "string") {
      past.answered.add(event.id);
      if (event.outcome === "done") past.done.add(event.id);
    } else if (event.type === "run-finished" || event.type === "run-failed" || event.type === "run-stopped")
      past.ended = true;
  }
  return past;
}
