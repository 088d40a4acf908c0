import { runPlaces } from "@mede2/runs";
import { readRecord, runManifestSchema } from "@mede2/schemas";
import { failureOf } from "./train/failure.ts";
import { runTraining } from "./train/run-training.ts";

/** The child process of a training: `worker.js RUN_DIR WORKSPACE`. Its result goes to the parent as a message, everything else to the run folder. */
const [runDir, workspace] = process.argv.slice(2);
if (runDir === undefined || workspace === undefined)
  throw new Error("worker.js needs a run folder and a workspace");
const stop = new AbortController();
process.on("SIGTERM", () => stop.abort());
process.on("SIGINT", () => stop.abort());
process.on("message", (message) => {
  if (message === "stop") stop.abort();
});
try {
  const manifest = await readRecord(runPlaces.manifest(runDir), runManifestSchema);
  tell({ result: await runTraining(runDir, manifest, { workspace, signal: stop.signal }) });
} catch (error) {
  tell({ error: failureOf(error) });
  process.exitCode = 1;
}

/** The parent may be gone: the run goes on without it. */
function tell(message: object): void {
  if (!process.connected) return;
  process.send?.(message, undefined, undefined, () => {
    if (process.connected) process.disconnect();
  });
}
