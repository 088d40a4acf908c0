import { mkdir, stat } from "node:fs/promises";
import { basename } from "node:path";
import {
  isoTime,
  nameFault,
  type Plan,
  parseRecord,
  planHash,
  type RunManifest,
  runManifestSchema,
  writeFileAtomic,
} from "@mede2/schemas";
import { type Host, thisHost } from "./host.ts";
import { defaultImageStore, runFolder, runPlaces } from "./places.ts";
import { RunError } from "./run-error.ts";
import { newRunId } from "./run-id.ts";
import { startWorkspace } from "./workspace.ts";
import { writeDirAtomic } from "./write-dir-atomic.ts";

export interface RunSettings {
  workspace: string;
  plan: Plan;
  code: RunManifest["code"];
  /** The files that the plan reads, as they were when the run was made. */
  data: RunManifest["data"];
  /** Default: the plan's device, or "cpu". */
  device?: string;
  argv?: readonly string[];
  parents?: readonly string[];
  /** Default: a new one, see `newRunId`. */
  id?: string;
  /** Default: `<workspace>/runs/<id>`. */
  dir?: string;
  imageStore?: string;
}

export interface CreatedRun {
  id: string;
  dir: string;
  manifest: RunManifest;
}

/**
 * Makes a run folder with its `run.json`, which is never written again. The folder appears whole or not at all; its status is "queued"
 * until a writer opens it. Throws a RunError "run-exists" when there is a run already, "bad-name" when
 * the id or the folder could not be copied to every system, and a RecordError when the plan is not valid.
 */
export async function createRun(settings: RunSettings, host: Host = thisHost()): Promise<CreatedRun> {
  const id = settings.id ?? newRunId(host);
  const dir = settings.dir ?? runFolder(settings.workspace, id);
  for (const name of new Set([id, basename(dir)])) {
    const fault = nameFault(name);
    if (fault !== null)
      throw new RunError(
        "bad-name",
        `a run cannot be called ${JSON.stringify(name)}: ${fault}; choose another name`,
      );
  }
  const manifest = parseRecord(
    runManifestSchema,
    {
      record: "run-manifest",
      v: 1,
      id,
      kind: settings.plan.kind,
      plan: settings.plan,
      planHash: planHash(settings.plan),
      code: settings.code,
      data: settings.data,
      device: settings.device ?? settings.plan.device ?? "cpu",
      host: host.name,
      argv: [...(settings.argv ?? [])],
      createdAt: isoTime(host.clock),
      parents: [...(settings.parents ?? [])],
      imageStore: settings.imageStore ?? defaultImageStore,
    },
    { file: runPlaces.manifest(dir) },
  );
  if (await exists(runPlaces.manifest(dir)))
    throw new RunError("run-exists", `${dir} holds a run already; choose another folder, or resume that run`);
  const fill = async (folder: string) => {
    for (const place of [runPlaces.control, runPlaces.traces, runPlaces.checkpoints])
      await mkdir(place(folder), { recursive: true });
    await writeFileAtomic(runPlaces.manifest(folder), `${JSON.stringify(manifest, null, 2)}\n`);
  };
  await startWorkspace(settings.workspace);
  if (await exists(dir)) await fill(dir);
  else await writeDirAtomic(dir, fill, host);
  return { id, dir, manifest };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
