import { createRun, eventBatches, type RunView, readRun } from "@mede2/runs";
import type { RunEvent, RunManifest, TrainingPlan } from "@mede2/schemas";
import type { EmittedRun } from "../src/engine.ts";
import { type SuperviseSettings, superviseRun } from "../src/follow/supervise.ts";
import type { Launcher, LaunchTarget } from "../src/launch/launcher.ts";
import { localLauncher } from "../src/launch/local.ts";
import { fakeRun } from "./emitted.ts";

/** A plan that is complete, and whose fields no fake trainer reads. */
export const fakePlan: TrainingPlan = {
  ...{ record: "plan", v: 1, recipe: "custom", kind: "sft", seed: 1, threads: 1, model: "model" },
  data: [{ path: "data.jsonl", sha256: "0".repeat(64), split: "train" }],
  loss: { name: "cross-entropy" },
  optimiser: { name: "adamw", betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
  schedule: { name: "constant", learningRate: 1e-4, steps: 12 },
  batch: {
    size: 1,
    accumulation: 1,
    maxTokens: 100,
    checkpointEvery: 5,
    evaluateEvery: 100,
    keepCheckpoints: 3,
  },
  ...{
    freeze: [],
    device: "cpu",
    engine: "ms-swift",
    templateHash: "0".repeat(64),
    pixels: { min: 3136, max: 12544 },
  },
  decoding: { temperature: 0, topP: 1, maxTokens: 10 },
};

export type FakeRun = {
  readonly dir: string;
  readonly engineDir: string;
  /** Runs it to its end, or goes on with it. */
  start(more?: Partial<SuperviseSettings>): ReturnType<typeof superviseRun>;
  view(): Promise<RunView>;
  events(): Promise<RunEvent[]>;
};

/** A run folder whose engine is the fake trainer, under the real supervisor. */
export async function newFakeRun(
  dir: string,
  options: Readonly<Record<string, string | number>>,
  {
    target = { name: "local", graceSeconds: 20 },
    launcher = localLauncher(),
    changes = {},
  }: {
    readonly target?: LaunchTarget;
    readonly launcher?: Launcher;
    readonly changes?: Partial<EmittedRun>;
  } = {},
): Promise<FakeRun> {
  const { manifest }: { manifest: RunManifest } = await createRun({
    ...{ workspace: dir, dir, id: "fake", plan: fakePlan, code: { version: "0.0.0" }, data: [] },
  });
  const engineDir = `${dir}/engine`;
  const emit = async () => fakeRun(engineDir, options, changes);
  return {
    ...{ dir, engineDir },
    start: (more = {}) =>
      superviseRun(dir, {
        ...{ manifest, plan: fakePlan, workspace: dir, launcher, target, emit, pollMilliseconds: 100 },
        signal: new AbortController().signal,
        ...more,
      }),
    view: () => readRun(dir),
    async events() {
      const events: RunEvent[] = [];
      for await (const batch of eventBatches(dir)) events.push(...(batch as RunEvent[]));
      return events;
    },
  };
}
