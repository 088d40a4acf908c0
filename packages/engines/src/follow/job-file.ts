import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "@mede2/schemas";
import type { JobHandle } from "../launch/launcher.ts";

/** The job of a run, `engine.json` in its folder: with it any process can follow, stop or resume it. */
export const jobFile = (runDir: string): string => join(runDir, "engine.json");

export async function readJob(runDir: string): Promise<JobHandle | undefined> {
  const text = await readFile(jobFile(runDir), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? undefined : (JSON.parse(text) as JobHandle);
}

export async function writeJob(runDir: string, handle: JobHandle): Promise<void> {
  await writeFileAtomic(jobFile(runDir), `${JSON.stringify(handle, null, 2)}\n`);
}
