import { type Dirent, existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { type RecordName, recordNameOfFile } from "@mede2/schemas";

/** A file of records. */
export interface DataFile {
  readonly path: string;
  readonly record: RecordName;
  readonly bytes: number;
  readonly modified: number;
  /** The data card beside it, as Markdown. */
  readonly card: string | undefined;
}

/** What a folder holds for MedE². */
export interface FolderSurvey {
  /** Folders with `runs/` in which a run lies, or with an image store. */
  readonly workspaces: readonly string[];
  readonly files: readonly DataFile[];
  /** Folders of checkpoints: Hugging Face or PEFT. */
  readonly models: readonly string[];
  /** Whether the survey stopped at its limit. */
  readonly cut: boolean;
}

const skipped = new Set(["node_modules", "dist", "__pycache__", "venv", "control", "index"]);

/**
 * Looks through a folder for workspaces, files of records and checkpoints. Bounded: at most `mostFolders` folders, `deepest` levels; symbolic
 * links are not followed, so it ends and stays inside.
 */
export async function surveyFolder(
  folder: string,
  { mostFolders = 4000, deepest = 8 } = {},
): Promise<FolderSurvey> {
  const workspaces = new Set<string>();
  const files: DataFile[] = [];
  const models: string[] = [];
  let queue = [folder];
  let looked = 0;
  for (let depth = 0; depth <= deepest && queue.length > 0; depth++) {
    const next: string[] = [];
    for (const dir of queue) {
      looked += 1;
      if (looked > mostFolders) return { workspaces: [...workspaces], files, models, cut: true };
      let entries: Dirent[];
      try {
        entries = await readdir(dir, { withFileTypes: true });
      } catch {
        continue; // gone, or not ours to read
      }
      const names = new Set(entries.map(({ name }) => name));
      if (names.has("run.json") && basename(dirname(dir)) === "runs") workspaces.add(dirname(dirname(dir)));
      if (names.has(".mede2") && existsSync(join(dir, ".mede2", "images"))) workspaces.add(dir);
      if (
        names.has("adapter_config.json") ||
        (names.has("config.json") && [...names].some((name) => name.endsWith(".safetensors")))
      )
        models.push(dir);
      for (const entry of entries) {
        if (entry.isDirectory() && !entry.name.startsWith(".") && !skipped.has(entry.name))
          next.push(join(dir, entry.name));
        const record = entry.isFile() ? recordNameOfFile(entry.name) : undefined;
        if (record === undefined) continue;
        const path = join(dir, entry.name);
        const info = await stat(path).catch(() => undefined);
        if (info === undefined) continue;
        const beside = `${path.replace(/\.[a-z]+\.jsonl?$/, "")}.card.md`;
        const card = names.has(basename(beside)) ? beside : undefined;
        files.push({ path, record, bytes: info.size, modified: info.mtimeMs, card });
      }
    }
    queue = next.sort();
  }
  return { workspaces: [...workspaces], files, models, cut: queue.length > 0 };
}

/** Whether `path` is `folder` or lies in it, as paths are written. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return (
    way === "" ||
    !(way === ".." || way.startsWith(`..${sep}`) || way.startsWith("/") || /^[A-Za-z]:/.test(way))
  );
}

/** The nearest folder that is a workspace of `file`, from its own folder up to `top`. */
export function workspaceOfFile(
  file: string,
  top: string,
  exists: (path: string) => boolean = existsSync,
): string {
  for (let dir = dirname(file); isInside(top, dir); dir = dirname(dir)) {
    if (exists(join(dir, ".mede2", "images")) || exists(join(dir, "runs"))) return dir;
    if (dir === dirname(dir)) break;
  }
  return top;
}
