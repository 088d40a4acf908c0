import { runPlaces } from "@mede2/runs";
import { newestCheckpoint, startTraining } from "@mede2/trainer";
import type { Engine } from "./engine.ts";
import { EngineError } from "./engine-error.ts";
import { preflight } from "./preflight/preflight.ts";

/** The trainer of this project, in a child process on this machine. */
export const embeddedEngine: Engine = {
  name: "embedded",
  preflight: (plan, context) => preflight(plan, "embedded", context),
  async emit() {
    throw new EngineError(
      "nothing-to-emit",
      "the embedded engine runs from the plan itself",
      "start it by mede2 train PLAN",
    );
  },
  start(runDir, _manifest, { workspace }) {
    const { done, stop } = startTraining({ runDir, workspace });
    return { done, stop };
  },
  // its checkpoints are written where they belong, with their events
  collect: async (runDir) => (await newestCheckpoint(runPlaces.checkpoints(runDir))).found?.folder,
};
