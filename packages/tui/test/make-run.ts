import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRun, runPlaces } from "@mede2/runs";
import type { RunEventBody, TrainingPlan } from "@mede2/schemas";
import { afterAll } from "vitest";
import { numbered, plan, text } from "../../runs/test/fake-run.ts";

export { numbered as eventsOf, text };

/** A workspace of this test file, removed after it. */
export function testWorkspace(): string {
  const folder = mkdtempSync(join(tmpdir(), "mede2-tui-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const started = (attempt = 1): RunEventBody => ({
  type: "run-started",
  attempt,
  pid: process.pid,
  bootId: "elsewhere",
  host: "elsewhere",
});
export const step = (at: number, more: object = {}): RunEventBody => ({
  ...{
    type: "step-end",
    step: at,
    loss: 2 / at,
    learningRate: 1e-4,
    gradientNorm: 1,
    tokens: 1000,
    seconds: 0.5,
    memoryBytes: 2 ** 30,
  },
  rewards: { chosen: 0.01 * at, rejected: -0.02 * at, margin: 0.03 * at, accuracy: 0.75 },
  logProbs: { chosen: -12, rejected: -20 },
  ...more,
});
export const steps = (from: number, to: number): RunEventBody[] =>
  Array.from({ length: to - from + 1 }, (_, index) => step(from + index));

/** A run folder with these events. */
export async function makeRun(
  workspace: string,
  id: string,
  bodies: readonly RunEventBody[],
  more: Partial<TrainingPlan> = {},
): Promise<string> {
  const { dir } = await createRun({
    workspace,
    id,
    plan: { ...plan, ...more },
    code: { version: "0.1.0" },
    data: [],
  });
  if (bodies.length > 0) writeFileSync(runPlaces.events(dir), text(numbered(bodies)));
  return dir;
}
