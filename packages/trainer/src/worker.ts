import { runPlaces } from "@mede2/runs";
import { readRecord, runManifestSchema } from "@mede2/schemas";
import { runTraining } from "./train/run-training.ts";

/** The child process of a training: `worker.js RUN_DIR WORKSPACE`. Its result goes to the parent as a message, everything else to the run folder. */
const [runDir, workspace] = process.argv.slice(2);
if (runDir === undefined || workspace === undefined)
  throw new Error("worker.js needs a run folder and a workspace");
const stop = new AbortController();
process.on("SIGTERM", () => stop.abort());
process.on("SIGINT", () => stop.abort());
try {
  const manifest = await readRecord(runPlaces.manifest(runDir), runManifestSchema);
  const result = await runTraining(runDir, manifest, { workspace, signal: stop.signal });
  process.send?.({ result });
} catch (error) {
  const { code, message, next } = error as { code?: string; message?: string; next?: string };
  process.send?.({ error: { code: code ?? "unknown", message: message ?? String(error), next } });
  process.exitCode = 1;
} finally {
  if (process.connected) process.disconnect();
}
