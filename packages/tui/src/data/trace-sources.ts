import { open, readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readLogPage, searchLog, type TrackedRun } from "@mede2/runs";
import {
  candidatesSchema,
  demonstrationSchema,
  evaluationRecordSchema,
  type PreferencePair,
  parseRecordText,
  preferencePairSchema,
  type Question,
  questionSchema,
  type Rating,
  RecordError,
  recordNameOfFile,
  type Trace,
  traceSchema,
  type Verdict,
  verdictSchema,
} from "@mede2/schemas";

/** A file whose records can be read. */
export interface TraceSource {
  path: string;
  /** Relative to the workspace. */
  label: string;
  record: "trace" | "candidates" | "demonstration" | "preference-pair" | "evaluation-record";
  bytes: number;
}

export interface ReadTrace {
  trace: Trace;
  rating: Rating | undefined;
}

/** A record as it is read: a question and its answers. */
export interface OpenRecord {
  source: TraceSource;
  id: string;
  /** Undefined: the file does not hold it, and no file of the workspace does. */
  question: Question | undefined;
  answers: readonly ReadTrace[];
  /** Only of pairs: the first answer is the chosen one. */
  pair: PreferencePair | undefined;
  /** What was judged of the pair so far; the newest of each reviewer. */
  verdicts: readonly Verdict[];
  openedAt: number;
}

const readable: ReadonlySet<string> = new Set(["trace", "candidates", "demonstration", "preference-pair"]);

/** The files of a run that hold traces: its own, those that its plan reads, and the workspace's data and evaluations. */
export async function findTraceSources(
  run: TrackedRun | undefined,
  workspace: string,
): Promise<TraceSource[]> {
  const own = run === undefined ? [] : [join(run.dir, "traces")];
  const planned = (run?.manifest?.plan.data ?? []).map(({ path }) => resolve(workspace, path));
  const files = new Set<string>();
  for (const folder of own) for (const file of await filesIn(folder, 1)) files.add(file);
  for (const file of planned) files.add(file);
  if (run !== undefined)
    for (const folder of await foldersIn(join(workspace, "evaluations")))
      if (
        folder === resolve(workspace, String(run.state.summary?.folder ?? "\0")) ||
        (await evaluates(folder, run.id))
      )
        for (const file of await filesIn(folder, 1)) files.add(file);
  for (const file of await filesIn(join(workspace, "data"), 1)) files.add(file);
  const sources: TraceSource[] = [];
  for (const path of files) {
    const record = recordNameOfFile(path);
    const info = await stat(path).catch(() => undefined);
    if (record === undefined || !readable.has(record) || info === undefined || info.size === 0) continue;
    const label = path.startsWith(`${workspace}/`) ? path.slice(workspace.length + 1) : path;
    sources.push({ path, label, record: record as TraceSource["record"], bytes: info.size });
  }
  return sources;
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name))
    .sort();
}

/** Whether an evaluation is of a checkpoint of that run. */
async function evaluates(folder: string, id: string): Promise<boolean> {
  try {
    const { model } = JSON.parse(await readFile(join(folder, "evaluation.json"), "utf8")) as {
      model?: unknown;
    };
    return typeof model === "string" && `${model}/`.includes(`runs/${id}/`);
  } catch {
    return false; // not written yet, or not by us
  }
}

async function filesIn(folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => a.name.localeCompare(b.name))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth > 1) found.push(...(await filesIn(path, depth - 1)));
    else if (entry.isFile()) found.push(path);
  }
  return found;
}

/** Where the lines of a file begin, the newest of a growing file included. Reads the file once, without keeping it. */
export async function lineOffsets(path: string): Promise<number[]> {
  const file = await open(path, "r");
  try {
    const offsets: number[] = [];
    const buffer = Buffer.allocUnsafe(1 << 20);
    let [at, begun] = [0, 0];
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return offsets;
      for (let end = buffer.indexOf(10); end >= 0 && end < bytesRead; end = buffer.indexOf(10, end + 1)) {
        if (at + end > begun) offsets.push(begun);
        begun = at + end + 1;
      }
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
}

/** Reads the record that begins at an offset. Throws a RecordError that says what is wrong with it. */
export async function readTraceRecord(
  source: TraceSource,
  offset: number,
  workspace: string,
  now: number,
): Promise<OpenRecord> {
  const page = await readLogPage(source.path, { at: offset, direction: "forward", count: 1 });
  const text = page.lines[0]?.text;
  if (text === undefined)
    throw new RecordError(
      "not-json",
      { file: source.path, line: 0, field: "" },
      "the line is not complete yet; look again in a moment",
    );
  const place = { file: source.path };
  const base = { source, pair: undefined, verdicts: [], openedAt: now };
  switch (source.record) {
    case "trace": {
      const trace = parseRecordText(traceSchema, text, place);
      return {
        ...base,
        id: trace.id,
        question: await findQuestion(workspace, trace.questionId),
        answers: [{ trace, rating: undefined }],
      };
    }
    case "demonstration": {
      const { id, question, trace } = parseRecordText(demonstrationSchema, text, place);
      return { ...base, id, question, answers: [{ trace, rating: undefined }] };
    }
    case "candidates": {
      const { question, traces, ratings } = parseRecordText(candidatesSchema, text, place);
      const answers = traces.map((trace) => ({
        trace,
        rating: ratings.find(({ traceId }) => traceId === trace.id),
      }));
      return { ...base, id: question.id, question, answers };
    }
    case "preference-pair": {
      const pair = parseRecordText(preferencePairSchema, text, place);
      const answers = [
        { trace: pair.chosen, rating: pair.ratings.chosen },
        { trace: pair.rejected, rating: pair.ratings.rejected },
      ];
      return {
        ...base,
        id: pair.id,
        question: pair.question,
        answers,
        pair,
        verdicts: await verdictsOf(source.path, pair.id),
      };
    }
    case "evaluation-record": {
      const { traceId } = parseRecordText(evaluationRecordSchema, text, place);
      throw new RecordError(
        "invalid",
        { ...place, line: 0, field: "" },
        `it grades the trace ${traceId}: open the *.trace.jsonl file beside it`,
      );
    }
  }
}

/** The question of a trace, from the files of questions, demonstrations and pairs in the workspace's `data/`. */
async function findQuestion(workspace: string, id: string): Promise<Question | undefined> {
  for (const path of await filesIn(join(workspace, "data"), 1)) {
    if (recordNameOfFile(path) !== "question") continue;
    const offset = await searchLog(path, {
      needle: `"id":${JSON.stringify(id)}`,
      at: 0,
      direction: "forward",
    });
    if (offset === null) continue;
    const { lines } = await readLogPage(path, { at: offset, direction: "forward", count: 1 });
    try {
      return parseRecordText(questionSchema, lines[0]?.text ?? "", { file: path });
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
    }
  }
  return undefined;
}

/** The review file of a file of pairs: `a.pairs.jsonl` has `a.verdicts.jsonl`. */
export const verdictFile = (pairs: string): string =>
  `${pairs.replace(/\.pairs\.jsonl$/, "")}.verdicts.jsonl`;

async function verdictsOf(pairs: string, pairId: string): Promise<Verdict[]> {
  const newest = new Map<string, Verdict>();
  const path = verdictFile(pairs);
  for (let [at, end] = [0, false]; !end; ) {
    const page = await readLogPage(path, {
      at,
      direction: "forward",
      count: 1000,
      keep: (line) => line.includes(pairId),
    });
    for (const { text } of page.lines) {
      try {
        const verdict = parseRecordText(verdictSchema, text, { file: path });
        if (verdict.pairId === pairId) newest.set(verdict.reviewer, verdict);
      } catch (error) {
        if (!(error instanceof RecordError)) throw error; // a torn line
      }
    }
    [at, end] = [page.reached, page.end];
  }
  return [...newest.values()];
}
