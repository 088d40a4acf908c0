import { type FileHandle, open } from "node:fs/promises";
import type { RunManifest } from "@mede2/schemas";
import { type FoldableEvent, foldEvents } from "./fold.ts";
import { runPlaces } from "./places.ts";
import { parseLines } from "./read-events.ts";
import { addToSeries, emptyRunSeries, type RunSeries } from "./run-series.ts";
import { initialState, type RunState } from "./run-state.ts";

const headBytes = 1 << 16;
const tailBytes = 1 << 18;
const sampleBytes = 4096;
const samples = 400;

/**
 * A first picture of a log that takes long to read: its beginning, its end, and 400 places between them. What it shows of the last steps
 * is exact; curves show a sample of the steps, and counts and totals are those of the sample. Never throws on a bad line.
 */
export async function surveyEvents(
  runDir: string,
  size: number,
  manifest: RunManifest | undefined,
): Promise<{ state: RunState; series: RunSeries }> {
  const path = runPlaces.events(runDir);
  const file = await open(path, "r");
  const events: FoldableEvent[] = [];
  const take = async (start: number, length: number, most: number) => {
    const piece = await wholeLines(file, start, length);
    const found = parseLines(piece, start, path).events;
    events.push(...(most < found.length ? found.slice(0, most) : found));
  };
  try {
    await take(0, headBytes, Number.POSITIVE_INFINITY);
    const end = Math.max(headBytes, size - tailBytes);
    for (let index = 1; index < samples; index++) {
      const start = headBytes + Math.floor(((end - headBytes) * index) / samples);
      if (start + sampleBytes < end) await take(start, sampleBytes, 3);
    }
    await take(end, size - end, Number.POSITIVE_INFINITY);
  } finally {
    await file.close();
  }
  // between two samples an attempt may have begun: they are numbered anew
  const numbered = events.map((event, seq) => ({ ...event, seq }));
  const series = emptyRunSeries();
  addToSeries(series, numbered);
  return { state: { ...foldEvents(initialState(manifest), numbered), missing: 0, duplicates: 0 }, series };
}

/** The whole lines of a stretch of the file; what it begins in the middle of is left out. */
async function wholeLines(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(buffer, 0, length, start);
  const filled = buffer.subarray(0, bytesRead);
  const from = start === 0 ? 0 : filled.indexOf(10) + 1;
  return filled.subarray(from, Math.max(from, filled.lastIndexOf(10) + 1));
}
