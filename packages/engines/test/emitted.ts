import { mkdirSync, mkdtempSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { EmittedRun } from "../src/engine.ts";
import type { JobHandle, JobStatus, Launcher } from "../src/launch/launcher.ts";

const trainer = fileURLToPath(new URL("fake-trainer.mjs", import.meta.url));

export const newFolder = (name = "launch"): string => mkdtempSync(join(tmpdir(), `mede2-${name}-`));

/** An emitted run whose engine is the fake trainer. Options go to it as they are. */
export function fakeRun(
  dir: string,
  options: Readonly<Record<string, string | number>> = {},
  changes: Partial<EmittedRun> = {},
): EmittedRun {
  mkdirSync(dir, { recursive: true });
  const targetDir = changes.targetDir ?? dir;
  const command = [
    ...[process.execPath, trainer, "--output_dir", `${targetDir}/output`],
    ...Object.entries({ max_steps: 12, step_ms: 30, save_ms: 300, ...options }).flatMap(([name, value]) => [
      `--${name}`,
      String(value),
    ]),
  ];
  return {
    ...{ engine: "ms-swift", name: "fake", dir, targetDir, files: [], command },
    resumeCommand: [...command, "--resume_from_checkpoint", "{checkpoint}"],
    ...{ env: { MEDE2_TEST: "a b" }, unset: ["PAI_TRAINING_JOB_ID"] },
    log: { program: "ms-swift", path: "output/logging.jsonl" },
    ...{
      checkpointsDir: "output",
      checkpointMark: "trainer_state.json",
      steps: Number(options.max_steps ?? 12),
    },
    ...{ processes: { nodes: 1, perNode: 1 }, expected: {} },
    ...changes,
  };
}

/** Steps that the fake trainer logged, in order; with `world`, the world size that it saw. */
export async function loggedSteps(
  dir: string,
): Promise<{ steps: number[]; losses: number[]; worlds: number[] }> {
  const text = await readFile(join(dir, "output/logging.jsonl"), "utf8").catch(() => "");
  const entries = text
    .split("\n")
    .filter((line) => line.includes('"loss"'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    steps: entries.map((entry) => Number(String(entry["global_step/max_steps"]).split("/")[0])),
    losses: entries.map(({ loss }) => Number(loss)),
    worlds: entries.map(({ world }) => Number(world)),
  };
}

export async function until<T>(
  what: string,
  seconds: number,
  look: () => Promise<T | undefined | false>,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`${what} did not come within ${seconds} s`);
    await sleep(50);
  }
}

/** The status in which a job ended. */
export const ended = (launcher: Launcher, handle: JobHandle, seconds = 60): Promise<JobStatus> =>
  until("the end", seconds, async () => {
    const status = await launcher.status(handle);
    return status.state === "queued" || status.state === "running" ? undefined : status;
  });

export const reached = (dir: string, step: number, seconds = 60): Promise<number> =>
  until(`step ${step}`, seconds, async () => {
    const { steps } = await loggedSteps(dir);
    return steps.some((each) => each >= step) ? step : undefined;
  });
