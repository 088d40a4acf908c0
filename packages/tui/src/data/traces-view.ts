import type { TrackedRun } from "@mede2/runs";
import { RecordError } from "@mede2/schemas";
import { emptyTraces, type TracesModel } from "../state/model.ts";
import { findTraceSources, lineOffsets, readTraceRecord } from "./trace-sources.ts";

/** The traces of a run, or of the workspace: which file, which record. */
export interface TracesView {
  /** Looks for files, and opens a record. Without an argument it opens what was open, or the first. */
  open(where?: { source?: number; record?: number }): Promise<TracesModel>;
  /** Reads the open record again, such as after a verdict. */
  again(): Promise<TracesModel>;
}

export function openTracesView(
  run: () => TrackedRun | undefined,
  workspace: string,
  clock: () => number,
): TracesView {
  let model = emptyTraces;
  let offsets: { path: string; bytes: number; lines: number[] } | undefined;

  const show = async (source: number, record: number): Promise<TracesModel> => {
    const chosen = model.sources[source];
    if (chosen === undefined) return model;
    if (offsets?.path !== chosen.path || offsets.bytes !== chosen.bytes)
      offsets = { path: chosen.path, bytes: chosen.bytes, lines: await lineOffsets(chosen.path) };
    const count = offsets.lines.length;
    const at = Math.max(0, Math.min(count - 1, record));
    const base = { ...model, source, count, record: at, open: undefined, problem: undefined };
    if (count === 0) return { ...base, problem: "this file holds no whole record yet" };
    try {
      return { ...base, open: await readTraceRecord(chosen, offsets.lines[at]!, workspace, clock()) };
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      return { ...base, problem: error.message };
    }
  };
  const set = async (next: Promise<TracesModel>) => {
    model = await next;
    return model;
  };
  return {
    async open(where = {}) {
      if (where.source === undefined && where.record === undefined)
        model = { ...model, sources: await findTraceSources(run(), workspace) };
      const source = where.source ?? Math.min(model.source, Math.max(0, model.sources.length - 1));
      return set(show(source, where.record ?? (source === model.source ? model.record : 0)));
    },
    again: () => set(show(model.source, model.record)),
  };
}
