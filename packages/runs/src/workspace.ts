import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "@mede2/schemas";
import { bytesBelow } from "./disk.ts";
import { runsFolder } from "./places.ts";
import { RunError } from "./run-error.ts";

/** What holds for a whole workspace: `.mede2/workspace.json`. */
export interface WorkspaceSettings {
  /** Most bytes that runs and images may take together. */
  quotaBytes?: number;
}

const settingsPath = (workspace: string) => join(workspace, ".mede2", "workspace.json");

/** Runs and images are large, and images may be of patients: they do not belong into a repository by accident. */
const ignored = `# written by mede2: runs, checkpoints and images stay out of the repository
/runs/
/.mede2/
`;

/** Makes a folder a workspace: one that is new, without runs and without a `.gitignore`, gets one. What is there is never changed. */
export async function startWorkspace(workspace: string): Promise<void> {
  if (await exists(runsFolder(workspace))) return;
  await mkdir(workspace, { recursive: true });
  await writeFile(join(workspace, ".gitignore"), ignored, { flag: "wx" }).catch((error: unknown) => {
    if ((error as { code?: string }).code !== "EEXIST") throw error;
  });
}

/** The settings of a workspace; those that were never set are absent. Throws a RunError "settings-invalid". */
export async function readWorkspaceSettings(workspace: string): Promise<WorkspaceSettings> {
  const path = settingsPath(workspace);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return {};
    throw error;
  }
  const value = parsed(text);
  const quotaBytes = value?.quotaBytes;
  const valid = quotaBytes === undefined || (Number.isSafeInteger(quotaBytes) && Number(quotaBytes) > 0);
  if (value === undefined || !valid)
    throw new RunError(
      "settings-invalid",
      `${path} must be an object whose quotaBytes is a whole number above 0; correct it, or remove it`,
    );
  return quotaBytes === undefined ? {} : { quotaBytes: Number(quotaBytes) };
}

export async function writeWorkspaceSettings(workspace: string, settings: WorkspaceSettings): Promise<void> {
  await writeFileAtomic(settingsPath(workspace), `${JSON.stringify(settings, null, 2)}\n`);
}

/** Bytes of what counts against the quota: all files of `runs/` and `.mede2/`. Links are not followed. */
export async function workspaceBytes(workspace: string): Promise<number> {
  return (await bytesBelow(runsFolder(workspace))) + (await bytesBelow(join(workspace, ".mede2")));
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
