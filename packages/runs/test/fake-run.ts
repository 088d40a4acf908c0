import { type RunEvent, type RunEventBody, type TrainingPlan, withoutNonFinite } from "@mede2/schemas";
import type { Host, RunSettings } from "../src/index.ts";

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

export const settingsOf = (workspace: string): RunSettings => ({
  workspace,
  plan,
  code: { version: "0.1.0" },
  data: [{ path: "data/a.pairs.jsonl", sha256: hash, count: 8 }],
});

export interface FakeHost extends Host {
  dead: Set<number>;
  pass(seconds: number): void;
}

/** A host with a clock that stands still, seeded randomness, and processes that live unless they are in `dead`. */
export function fakeHost(): FakeHost {
  let now = Date.parse("2026-01-31T12:00:00.000Z");
  let seed = 1;
  const dead = new Set<number>();
  return {
    clock: () => now,
    random: () => {
      seed = (seed * 48271) % 2147483647;
      return seed / 2147483647;
    },
    name: "here",
    bootId: "boot",
    pid: 42,
    isAlive: (pid) => !dead.has(pid),
    dead,
    pass: (seconds) => {
      now += seconds * 1000;
    },
  };
}

/** Events as a writer would number them, a second apart: a new attempt at every run-started. */
export function numbered(
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

export const started = (attempt: number): RunEventBody => ({
  type: "run-started",
  attempt,
  pid: 42,
  bootId: "boot",
  host: "here",
});

/** Records as the lines of a file. */
export const text = (records: readonly object[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join("");
