import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { EmittedRun } from "../engine.ts";

export type WholeCheckpoint = { readonly step: number; readonly folder: string };

/** The engine's checkpoints whose last file is there and whole, oldest first. */
export async function wholeCheckpoints(
  run: Pick<EmittedRun, "dir" | "checkpointsDir" | "checkpointMark">,
): Promise<WholeCheckpoint[]> {
  const folder = join(run.dir, run.checkpointsDir);
  const found: WholeCheckpoint[] = [];
  for (const name of await readdir(folder).catch(() => [] as string[])) {
    const step = /^checkpoint-(\d+)$/.exec(name)?.[1];
    if (step === undefined) continue;
    const mark = await readFile(join(folder, name, run.checkpointMark), "utf8").catch(() => "");
    if (/^\s*\{[\s\S]*\}\s*$/.test(mark)) found.push({ step: Number(step), folder: join(folder, name) });
  }
  return found.sort((a, b) => a.step - b.step);
}
