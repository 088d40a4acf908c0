import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type ControlRequest,
  controlRequestSchema,
  isoTime,
  type JsonValue,
  parseRecord,
  RecordError,
  readRecord,
  writeFileAtomic,
} from "@mede2/schemas";
import { type Host, thisHost } from "./host.ts";
import { runPlaces } from "./places.ts";
import { compactTime } from "./run-id.ts";

export interface Wish {
  /** Who asks: a person or a program. */
  by: string;
  request: ControlRequest["request"];
  /** For "learning-rate": `{learningRate}`. */
  args?: Record<string, JsonValue>;
}

/**
 * Asks a run for something, as a file in its `control/`. Resolves when the request is written; the engine answers it with a
 * `control-acknowledged` event that carries the same id. Throws a RecordError for a request that no engine could fulfil.
 */
export async function requestControl(
  runDir: string,
  wish: Wish,
  host: Pick<Host, "clock"> = thisHost(),
  id: string = randomUUID(),
): Promise<ControlRequest> {
  const file = join(runPlaces.control(runDir), `${compactTime(host)}-${id}.json`);
  const request = parseRecord(
    controlRequestSchema,
    {
      record: "control-request",
      v: 1,
      id,
      by: wish.by,
      ts: isoTime(host.clock),
      request: wish.request,
      args: wish.args ?? {},
    },
    { file },
  );
  await writeFileAtomic(file, `${JSON.stringify(request)}\n`);
  return request;
}

/** What lies in `control/`: valid requests in the order of their time, and the files that are none. */
export interface ControlFolder {
  requests: ControlRequest[];
  bad: RecordError[];
}

/** Reads all requests of a run, answered ones too: they are its record of who asked for what and when. */
export async function readControls(runDir: string): Promise<ControlFolder> {
  const folder = runPlaces.control(runDir);
  return readFiles(folder, await fileNames(folder));
}

async function readFiles(folder: string, names: readonly string[]): Promise<ControlFolder> {
  const result: ControlFolder = { requests: [], bad: [] };
  for (const name of names) {
    try {
      result.requests.push(await readRecord(join(folder, name), controlRequestSchema));
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      result.bad.push(error);
    }
  }
  // ISO times sort as texts
  result.requests.sort((a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : a.id < b.id ? -1 : 1));
  return result;
}

async function fileNames(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(".json") && !name.startsWith(".")).sort();
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return [];
    throw error;
  }
}

/** Hands out each request once. */
export interface ControlPoll {
  /** Requests that came since the last call, and files that came and are no requests. One `readdir` when there is nothing new. */
  poll(): Promise<ControlFolder>;
}

/** Polls the requests of a run for its engine. `answered` holds the ids that an earlier attempt acknowledged. */
export function pollControl(runDir: string, answered: ReadonlySet<string> = new Set()): ControlPoll {
  const folder = runPlaces.control(runDir);
  const seen = new Set<string>();
  return {
    async poll() {
      const fresh = (await fileNames(folder)).filter((name) => !seen.has(name));
      if (fresh.length === 0) return { requests: [], bad: [] };
      const found = await readFiles(folder, fresh);
      for (const name of fresh) seen.add(name);
      return { requests: found.requests.filter((request) => !answered.has(request.id)), bad: found.bad };
    },
  };
}
