import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { type EvaluationRecord, evaluationRecordSchema, readJsonl } from "@mede2/schemas";
import { EvaluationError } from "../evaluation-error.ts";

/** One task of an evaluation's folder, as it lies on the disk. */
export interface EvaluationFolder {
  /** The folder's own name. */
  name: string;
  folder: string;
  task: string;
  records: string;
  /** Null where the answers were left out or graded elsewhere. */
  traces: string | null;
  settings: Record<string, unknown> | null;
  started: Date;
  finished: Date;
}

/** The tasks of a folder that `evaluate` wrote. Throws an EvaluationError when there is none. */
export async function evaluationFolders(folder: string): Promise<EvaluationFolder[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(ending)).sort();
  if (files.length === 0)
    throw new EvaluationError(
      "no-evaluation",
      `${folder} has no *${ending}: name a folder that mede2 eval wrote, finished`,
    );
  const traces = join(folder, "answers.trace.jsonl");
  const settingsFile = join(folder, "evaluation.json");
  const settings = existsSync(settingsFile) ? await readSettings(settingsFile) : null;
  return Promise.all(
    files.map(async (file): Promise<EvaluationFolder> => {
      const records = join(folder, file);
      const { mtime } = await stat(records);
      return {
        name: basename(folder),
        folder,
        task: basename(file, ending),
        records,
        traces: existsSync(traces) ? traces : null,
        settings,
        started: settings === null ? mtime : (await stat(settingsFile)).mtime,
        finished: mtime,
      };
    }),
  );
}

const ending = ".evaluation.jsonl";

/** The records of a task, one in memory at a time. */
export async function* evaluationRecords(
  { records }: EvaluationFolder,
  images?: string,
): AsyncGenerator<EvaluationRecord> {
  for await (const record of readJsonl(records, evaluationRecordSchema))
    if (images === undefined || record.images === images) yield record as EvaluationRecord;
}

/** A file of an evaluation's folder that another command wrote beside it, such as audit.json; null where there is none. */
export async function readBeside<T>({ folder }: EvaluationFolder, name: string): Promise<T | null> {
  const path = join(folder, name);
  return existsSync(path) ? ((await readSettings(path)) as T) : null;
}

async function readSettings(path: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
  } catch (cause) {
    throw new EvaluationError("no-evaluation", `${path} is no JSON (${(cause as Error).message})`, cause);
  }
}
