import { type FileHandle, open, readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isoTime } from "@mede2/schemas";
import type { FoldableEvent } from "./fold.ts";
import { foreignEvents, foreignStart } from "./foreign-events.ts";
import { foreignNumber, parseLenientJson } from "./foreign-numbers.ts";
import { printedEntry } from "./printed-entry.ts";
import type { BadLine, EventBatch, EventReader } from "./read-events.ts";

/** A training log that another program writes. */
export interface ForeignLog {
  program: "ms-swift" | "LLaMA-Factory" | "transformers";
  file: string;
  /** What its rewards are multiples of: ms-swift multiplies those of a mix of losses by the sum of its weights. Default: 1. */
  rewardScale?: number;
}

/** The log in an output folder of ms-swift, LLaMA-Factory or a `transformers` trainer such as TRL's; undefined when there is none. */
export async function findForeignLog(dir: string): Promise<ForeignLog | undefined> {
  const names = await readdir(dir).catch(() => [] as string[]);
  for (const [name, program] of [
    ["logging.jsonl", "ms-swift"],
    ["trainer_log.jsonl", "LLaMA-Factory"],
  ] as const)
    if (names.includes(name)) {
      const rewardScale = program === "ms-swift" ? await swiftRewardScale(dir) : 1;
      return { program, file: join(dir, name), ...(rewardScale === 1 ? {} : { rewardScale }) };
    }
  const file = await newestStateFile(dir);
  return file === undefined ? undefined : { program: "transformers", file };
}

/**
 * The `trainer_state.json` of a `transformers` trainer that says most: that of the folder, which is written at the end, or that of the newest checkpoint that has one. Checkpoints come and go
 * while it trains, and their state is written last.
 */
export async function newestStateFile(dir: string): Promise<string | undefined> {
  const names = await readdir(dir).catch(() => [] as string[]);
  const numberOf = (name: string) => Number(/^checkpoint-(\d+)$/.exec(name)?.[1] ?? Number.NaN);
  const checkpoints = names.filter((name) => numberOf(name) >= 0).sort((a, b) => numberOf(b) - numberOf(a));
  const found: { path: string; modified: number }[] = [];
  for (const name of ["", ...checkpoints]) {
    const path = join(dir, name, "trainer_state.json");
    const info = await stat(path).catch(() => undefined);
    if (info === undefined) continue;
    found.push({ path, modified: info.mtimeMs });
    if (name !== "") break;
  }
  // the folder's own is older than the checkpoint where it was left by a training that was resumed since
  const [first, second] = found;
  return second !== undefined && second.modified > first!.modified ? second.path : first?.path;
}

/** Σ of the weights of a mix of losses, from the arguments that ms-swift leaves beside its log; 1 for a single loss. */
async function swiftRewardScale(dir: string): Promise<number> {
  try {
    const { loss_type: types, loss_weights: weights } = parseLenientJson(
      await readFile(join(dir, "args.json"), "utf8"),
    ) as Record<string, unknown>;
    if (!Array.isArray(types) || types.length < 2 || !Array.isArray(weights)) return 1;
    const sum = weights.reduce<number>((all, weight) => all + (foreignNumber(weight) ?? Number.NaN), 0);
    return Number.isFinite(sum) && sum > 0 ? sum : 1;
  } catch {
    return 1; // no such file, as in folders that hold the log alone
  }
}

/**
 * Reads such a log as events, batch by batch as it grows. It never throws on a bad line. Times are those of the file where the log says none. A file that ends with `.log` is what a trainer printed: its entries
 * name no step, and are counted. Steps that come again, after a resume into the same folder, come as they are: the later ones win.
 */
export function foreignReader(log: ForeignLog): EventReader {
  if (basename(log.file) === "trainer_state.json") return stateReader(log);
  return lineReader(log, log.file.endsWith(".log") ? printedEntries : jsonEntries);
}

/** Turns entries into events, numbered from 0. */
function translator(log: ForeignLog) {
  const start = () => foreignStart(log.program, log.rewardScale);
  let state = start();
  let seq = 0;
  return {
    reset() {
      state = start();
      seq = 0;
    },
    events: (entry: unknown, modified: number): FoldableEvent[] => {
      if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return [];
      return foreignEvents(entry as Record<string, unknown>, state).map((body) => ({
        record: "run-event" as const,
        v: 1 as const,
        seq: seq++,
        ts: isoTime(() => modified),
        ...body,
      }));
    },
  };
}

/** What the lines of a log hold. A reader is made anew when the log is. */
type LineEntries = () => (line: string) => unknown;
const jsonEntries: LineEntries = () => parseLenientJson;
const printedEntries: LineEntries = () => {
  let steps = 0;
  return (line) => {
    const entry = line
      .split("\r")
      .map(printedEntry)
      .find((each) => each !== undefined);
    if (entry === undefined) return undefined;
    if ("loss" in entry && !("step" in entry)) steps += 1;
    return { step: steps, ...entry };
  };
};

function lineReader(log: ForeignLog, entries: LineEntries): EventReader {
  const path = log.file;
  const translate = translator(log);
  let parse = entries();
  let [offset, identity] = [0, ""];
  const take = async (file: FileHandle) => {
    const found = await linesAfter(file, offset, path, (line, modified) =>
      translate.events(parse(line), modified),
    );
    offset += found.length;
    return found;
  };
  return {
    async read(): Promise<EventBatch> {
      const file = await openIfThere(path);
      try {
        const info = await file?.stat();
        const now = info === undefined ? "" : `${info.dev}:${info.ino}`;
        const replaced = identity !== "" && now !== identity;
        if (replaced) {
          const rest = await readRotated(dirname(path), identity, take);
          if (rest !== undefined && rest.length > 0)
            return { events: rest.events, bad: rest.bad, reset: false, more: true, offset };
        }
        const reset = replaced || (info?.size ?? 0) < offset;
        if (reset) {
          translate.reset();
          parse = entries();
          offset = 0;
        }
        identity = now;
        if (file === undefined) return { events: [], bad: [], reset, more: false, offset };
        const { events, bad, length } = await take(file);
        return { events, bad, reset, more: length > 0 && offset < (info?.size ?? 0), offset };
      } finally {
        await file?.close();
      }
    },
  };
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
    return undefined;
  }
}

/** A log that was rotated lies in the same folder under another name, and its last lines may not have been read yet. */
async function readRotated<T>(
  folder: string,
  identity: string,
  take: (file: FileHandle) => Promise<T>,
): Promise<T | undefined> {
  for (const name of await readdir(folder).catch(() => [] as string[])) {
    const path = join(folder, name);
    const info = await stat(path).catch(() => undefined);
    if (info === undefined || `${info.dev}:${info.ino}` !== identity) continue;
    const file = await openIfThere(path);
    try {
      return file === undefined ? undefined : await take(file);
    } finally {
      await file?.close();
    }
  }
  return undefined;
}

const pieceBytes = 1 << 22;

/** Whole lines from a byte on: about four megabytes, or more where one line is longer. */
async function readPiece(file: FileHandle, from: number, size: number): Promise<Buffer> {
  for (let limit = pieceBytes; ; limit *= 2) {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(limit, size - from)));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
    const end = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1;
    if (end > 0 || bytesRead < limit) return buffer.subarray(0, end);
  }
}

/** The events of some whole lines from a byte on, and how many bytes they take. */
async function linesAfter(
  file: FileHandle,
  from: number,
  path: string,
  translate: (line: string, modified: number) => FoldableEvent[],
): Promise<{ events: FoldableEvent[]; bad: BadLine[]; length: number }> {
  const { size, mtimeMs } = await file.stat();
  const whole = await readPiece(file, from, size);
  const events: FoldableEvent[] = [];
  const bad: BadLine[] = [];
  let at = from;
  for (const line of whole.toString("utf8").split("\n")) {
    if (line.trim() !== "")
      try {
        events.push(...translate(line, mtimeMs));
      } catch (error) {
        bad.push({
          offset: at,
          message: `${path}: ${error instanceof Error ? error.message : String(error)}`,
        });
      }
    at += Buffer.byteLength(line) + 1;
  }
  return { events, bad, length: whole.length };
}

/** `trainer_state.json` is written whole into every checkpoint: what is new in the `log_history` of the newest counts. */
function stateReader(log: ForeignLog): EventReader {
  const named = dirname(log.file);
  const folder = /^checkpoint-\d+$/.test(basename(named)) ? dirname(named) : named;
  const translate = translator(log);
  let [seen, read, ended] = [0, "", false];
  return {
    async read(): Promise<EventBatch> {
      const path = (await newestStateFile(folder)) ?? log.file;
      const info = await stat(path).catch(() => undefined);
      const now = `${path} ${info?.mtimeMs}`;
      if (info === undefined || now === read)
        return { events: [], bad: [], reset: false, more: false, offset: seen };
      read = now;
      let history: object[];
      let last: { step: unknown; max_steps: unknown };
      try {
        const value = parseLenientJson(await readFile(path, "utf8")) as Record<string, unknown>;
        const entries: unknown[] = Array.isArray(value.log_history) ? value.log_history : [];
        history = entries.map((entry) => ({ max_steps: value.max_steps, ...(entry as object) }));
        last = { step: value.global_step, max_steps: value.max_steps };
      } catch (error) {
        // half written: the next look finds it whole
        const message = `${path}: ${error instanceof Error ? error.message : String(error)}`;
        return { events: [], bad: [{ offset: 0, message }], reset: false, more: false, offset: seen };
      }
      const reset = history.length < seen;
      if (reset) {
        translate.reset();
        [seen, ended] = [0, false];
      }
      const events = history.slice(seen).flatMap((entry) => translate.events(entry, info.mtimeMs));
      seen = history.length;
      // a trainer whose script does not save its state at the end leaves the checkpoint of the last step
      const steps = foreignNumber(last.max_steps) ?? 0;
      const done = steps > 0 && (foreignNumber(last.step) ?? 0) >= steps;
      if (done && !ended && events.at(-1)?.type !== "run-finished")
        events.push(...translate.events({ ...last, train_runtime: undefined }, info.mtimeMs));
      ended = done;
      return { events, bad: [], reset, more: false, offset: seen };
    },
  };
}
