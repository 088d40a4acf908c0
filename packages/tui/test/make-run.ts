import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRun, runPlaces } from "@mede2/runs";
import { type RunEvent, type RunEventBody, type TrainingPlan, withoutNonFinite } from "@mede2/schemas";
import { afterAll } from "vitest";

const hash = "0".repeat(64);

export const plan: TrainingPlan = {
  record: "plan",
  v: 1,
  kind: "preference",
  recipe: "ward-stage2",
  model: "models/tiny",
  data: [{ path: "data/a.pairs.jsonl", sha256: hash, split: "train" }],
  loss: { name: "dpo", beta: 0.1 },
  optimiser: { name: "adamw", betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
  schedule: { name: "constant", learningRate: 1e-4, steps: 40 },
  batch: { size: 8, accumulation: 1, maxTokens: 512 },
  freeze: [],
  seed: 1,
  threads: 2,
  device: "cpu",
  engine: "embedded",
  templateHash: hash,
  pixels: { min: 1, max: 1 },
  decoding: { temperature: 1, topP: 1, maxTokens: 16 },
};

/** A workspace of this test file, removed after it. */
export function testWorkspace(): string {
  const folder = mkdtempSync(join(tmpdir(), "mede2-tui-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Events as a writer would number them, a second apart. */
export function eventsOf(
  bodies: readonly RunEventBody[],
  start = Date.parse("2026-01-31T12:00:00.000Z"),
): RunEvent[] {
  let seq = 0;
  return bodies.map((body, index) => {
    seq = body.type === "run-started" ? 0 : seq + 1;
    const ts = new Date(start + index * 1000).toISOString();
    return { record: "run-event", v: 1, seq, ts, ...withoutNonFinite(body) } as RunEvent;
  });
}

export const text = (records: readonly object[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join("");
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
  if (bodies.length > 0) writeFileSync(runPlaces.events(dir), text(eventsOf(bodies)));
  return dir;
}
