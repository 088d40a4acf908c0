import { readdir } from "node:fs/promises";
import { join, sep } from "node:path";
import { type TrackedRun, trackRun } from "@mede2/runs";
import { evaluationRecordSchema, readJsonlLenient } from "@mede2/schemas";
import { wilson } from "@mede2/stats";

/** A share of right answers with its 95 % Wilson interval. */
export interface Score {
  task: string;
  images: string;
  correct: number;
  n: number;
  low: number;
  high: number;
}

export interface ComparedRun {
  run: TrackedRun;
  scores: Score[];
}

export interface CompareData {
  runs: readonly ComparedRun[];
  /** Settings of the plans that are not the same: dotted path, and the value of each run ("–": not set). */
  differences: readonly { path: string; values: readonly string[] }[];
}

/** Compares runs as they stand at each `read`. Scores are looked up at the first. */
export interface Comparison {
  read(): Promise<CompareData>;
}

/** What is compared of runs: curves, settings, and the evaluations of their checkpoints that lie in the workspace. */
export function openComparison(dirs: readonly string[], workspace: string): Comparison {
  const trackers = dirs.map((dir) => trackRun(dir));
  let scores: Score[][] | undefined;
  return {
    async read() {
      const runs: TrackedRun[] = [];
      for (const tracker of trackers) {
        let found = await tracker.read();
        while (found.read < 1) found = await tracker.read();
        runs.push(found);
      }
      scores ??= await scoresOf(runs, workspace);
      return {
        runs: runs.map((run, index) => ({ run, scores: scores![index]! })),
        differences: planDifferences(runs),
      };
    },
  };
}

/** Differences of what the plans say, without what only names files by their content. */
export function planDifferences(runs: readonly TrackedRun[]): CompareData["differences"] {
  const flat = runs.map((run) => flatten(run.manifest?.plan ?? {}));
  const paths = [...new Set(flat.flatMap((each) => [...each.keys()]))];
  return paths
    .filter((path) => !/sha256|templateHash|dropped/.test(path))
    .map((path) => ({ path, values: flat.map((each) => each.get(path) ?? "–") }))
    .filter(({ values }) => new Set(values).size > 1);
}

function flatten(value: unknown, path = "", found = new Map<string, string>()): Map<string, string> {
  if (typeof value === "object" && value !== null && Object.keys(value).length > 0)
    for (const [key, item] of Object.entries(value))
      flatten(item, path === "" ? key : `${path}.${key}`, found);
  else if (path !== "") found.set(path, typeof value === "string" ? value : JSON.stringify(value));
  return found;
}

async function scoresOf(runs: readonly TrackedRun[], workspace: string): Promise<Score[][]> {
  const counts = runs.map(() => new Map<string, { correct: number; n: number }>());
  for (const file of await evaluationFiles(join(workspace, "evaluations")))
    for await (const result of readJsonlLenient(file, evaluationRecordSchema)) {
      if (!("ok" in result) || !("correct" in result.ok.outcome)) continue;
      const { task, images, model, outcome } = result.ok;
      const name = `${model.checkpoint ?? model.name}${sep}`;
      const index = runs.findIndex(({ id }) => name.includes(`runs${sep}${id}${sep}`));
      if (index < 0) continue;
      const key = `${task}\0${images}`;
      const count = counts[index]!.get(key) ?? { correct: 0, n: 0 };
      counts[index]!.set(key, {
        correct: count.correct + (outcome.correct === true ? 1 : 0),
        n: count.n + 1,
      });
    }
  return counts.map((each) =>
    [...each].map(([key, { correct, n }]) => {
      const [task = "", images = ""] = key.split("\0");
      const { low, high } = wilson(correct, n);
      return { task, images, correct, n, low, high };
    }),
  );
}

async function evaluationFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".evaluation.jsonl"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
