import { runPlaces } from "@mede2/runs";
import { readRecord, runManifestSchema } from "@mede2/schemas";

/** Training starts a child process of the built package; with this in the place of `startTraining` the same function runs in this one, so that no build is needed. */
export function trainHere<T extends typeof import("@mede2/trainer")>(trainer: T): T {
  return {
    ...trainer,
    startTraining: ({ runDir, workspace }: { runDir: string; workspace: string }) => {
      const stop = new AbortController();
      const done = readRecord(runPlaces.manifest(runDir), runManifestSchema).then((manifest) =>
        trainer.runTraining(runDir, manifest, { workspace, signal: stop.signal }),
      );
      return { pid: process.pid, done, stop: () => stop.abort() };
    },
  };
}
