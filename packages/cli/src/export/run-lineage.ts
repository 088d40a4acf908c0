import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type RunView, readRun } from "@mede2/runs";
import { type RunManifest, readLines } from "@mede2/schemas";

/** A run that a model went through, with what its data was. */
export type LineageRun = {
  readonly dir: string;
  readonly view: RunView;
  readonly workspace: string;
  readonly sources: readonly DataSource[];
};

/** Records of one source in a data file. */
export type DataSource = {
  readonly file: string;
  readonly split: string;
  readonly source: string;
  readonly licence: string;
  readonly records: number;
};

export type Lineage = {
  /** The newest last. */
  readonly runs: readonly LineageRun[];
  /** Folder of the model that the first of them began with. */
  readonly base: string;
};

/** The run and those before it, as far as each began with a checkpoint of another run. */
export async function lineageOf(dir: string, workspace: string): Promise<Lineage> {
  const runs: LineageRun[] = [];
  const seen = new Set<string>();
  for (let at: string | undefined = dir, where = workspace; at !== undefined && !seen.has(at); ) {
    seen.add(at);
    const view = await readRun(at);
    runs.unshift({ dir: at, view, workspace: where, sources: await sourcesOf(view.manifest, where) });
    const { plan } = view.manifest;
    // RUN/checkpoints/step-N, of an adapter that is trained on or of a model
    const before = [plan.adapter, plan.model]
      .filter((path) => path !== undefined)
      .map((path) => dirname(dirname(resolve(where, path))));
    at = before.find((folder) => existsSync(join(folder, "run.json")));
    if (at !== undefined) where = workspaceOfRun(at, where);
  }
  const first = runs[0]!;
  return { runs, base: resolve(first.workspace, first.view.manifest.plan.model ?? "") };
}

/** A run in its place says where its workspace is. */
function workspaceOfRun(dir: string, otherwise: string): string {
  return dirname(dir).endsWith("runs") ? dirname(dirname(dir)) : otherwise;
}

/** What the data files of a run hold, as far as they are still there; else the counts of the manifest. */
async function sourcesOf({ plan, data }: RunManifest, workspace: string): Promise<DataSource[]> {
  const found: DataSource[] = [];
  for (const { path, split } of plan.data) {
    const counts = await countSources(resolve(workspace, path));
    if (counts === undefined) {
      const records = data.find((each) => each.path === path)?.count ?? 0;
      found.push({
        file: path,
        split,
        source: "the file is not there any more",
        licence: "unknown",
        records,
      });
    } else
      for (const [key, records] of counts) {
        const [source = "", licence = ""] = JSON.parse(key) as string[];
        found.push({ file: path, split, source, licence, records });
      }
  }
  return found;
}

async function countSources(file: string): Promise<ReadonlyMap<string, number> | undefined> {
  if (!existsSync(file)) return undefined;
  const counts = new Map<string, number>();
  for await (const { text } of readLines(file)) {
    if (text.trim() === "") continue;
    const record = JSON.parse(text) as {
      question?: { source?: string; licence?: string };
      source?: string;
      licence?: string;
    };
    const { source = "unknown", licence = "unknown" } = record.question ?? record;
    const key = JSON.stringify([source, licence]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
