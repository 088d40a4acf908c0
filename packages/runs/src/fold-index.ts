import { createHash } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "@mede2/schemas";
import { runPlaces } from "./places.ts";
import type { RunSeries } from "./run-series.ts";
import { initialState, type RunState } from "./run-state.ts";

/** What has been folded of a log so far. */
export interface Folded {
  /** Bytes of whole lines that are folded. */
  offset: number;
  state: RunState;
  series: RunSeries;
  badLines: number;
}

/** Changes whenever a fold of this version would come to something else than an older one. */
const version = 1;
const checkBytes = 512;

const indexFile = (runDir: string) => join(runPlaces.index(runDir), "fold.json");

/** Writes what was folded into the run's `index/`, a cache that may be deleted at any time. A folder that cannot be written is left alone. */
export async function saveFoldIndex(runDir: string, folded: Folded): Promise<boolean> {
  try {
    const check = await checkOf(runDir, folded.offset);
    await mkdir(runPlaces.index(runDir), { recursive: true });
    await writeFileAtomic(indexFile(runDir), JSON.stringify({ version, check, ...folded }));
    return true;
  } catch {
    return false; // a cache: the log is simply read again
  }
}

/** What an earlier reader folded of this very log, or null. */
export async function loadFoldIndex(runDir: string, beta: number | undefined): Promise<Folded | null> {
  try {
    const found = JSON.parse(await readFile(indexFile(runDir), "utf8")) as Folded & {
      version: number;
      check: string;
    };
    if (found.version !== version || found.check !== (await checkOf(runDir, found.offset))) return null;
    const { offset, series, badLines } = found;
    const state = { ...initialState(), ...found.state, beta };
    return { offset, state, series, badLines };
  } catch {
    return null;
  }
}

/** A hash of the log's first bytes and of those before the offset: another log, or one that was cut, has another. */
async function checkOf(runDir: string, offset: number): Promise<string> {
  const file = await open(runPlaces.events(runDir), "r");
  try {
    const hash = createHash("sha256");
    for (const start of [0, Math.max(0, offset - checkBytes)]) {
      const length = Math.min(checkBytes, offset - start);
      const buffer = Buffer.alloc(length);
      const { bytesRead } = await file.read(buffer, 0, length, start);
      if (bytesRead < length) throw new Error("the log is shorter than its index");
      hash.update(buffer);
    }
    return hash.digest("hex");
  } finally {
    await file.close();
  }
}
