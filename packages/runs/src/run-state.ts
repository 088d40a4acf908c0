import type { EventOf, Plan, RunManifest } from "@mede2/schemas";
import { isTrainingPlan } from "@mede2/schemas";
import type { Alarm } from "./alarm.ts";

/** What the events alone say; `runStatus` adds whether the process lives. */
export type Phase = "queued" | "running" | "paused" | "stopped" | "finished" | "failed";

export interface CurvePoint {
  step: number;
  loss: number;
}

/** A series of bounded length: every `stride`-th point, and `pending` counts the points since the last kept one. */
export interface Curve {
  points: CurvePoint[];
  stride: number;
  pending: number;
}

/** The last steps, oldest first, for means and alarms. */
export interface RecentStep {
  step: number;
  loss?: number | undefined;
  accuracy?: number | undefined;
  /** log π(chosen) − log π_ref(chosen), per answer, in nats: the chosen reward ÷ β. */
  chosenLogRatio?: number | undefined;
  /** The same of the rejected answers. */
  rejectedLogRatio?: number | undefined;
  margin?: number | undefined;
  gradientNorm?: number | undefined;
  seconds?: number | undefined;
  tokens?: number | undefined;
  supervisedTokens?: number | undefined;
}

/** What later steps of an attempt are judged against. */
export interface Marks {
  /** The highest mean reward margin over a window. */
  margin: number | null;
  /** The highest throughput over a window. */
  tokensPerSecond: number | null;
  /** Bytes of the records of the first samples that were written during training, and of the newest. */
  firstSamples: number[];
  newestSamples: number[];
}

/**
 * Everything that a list, a status line or a first screen shows of a run. Its size is bounded, whatever the number of events.
 * Treat it as a value: `foldEvents` returns a new one.
 */
export interface RunState {
  /** From the plan: β of the loss, to turn rewards into log-ratios; undefined where it has none. */
  readonly beta: number | undefined;
  phase: Phase;
  attempt: number;
  /** Of the last event; −1 before the first. */
  seq: number;
  events: number;
  /** Events that came twice and were left out. */
  duplicates: number;
  /** Events that are missing, by the count of `seq`. */
  missing: number;
  process: { pid: number; bootId: string; host: string; startedAt: string } | null;
  startedAt: string | null;
  updatedAt: string | null;
  step: number;
  /** Steps of the whole run, when the plan or a progress event says so. */
  steps: number | null;
  progress: { done: number; total: number; unit: string } | null;
  /** The last step with all its metrics. */
  latest: EventOf<"step-end"> | null;
  losses: { first: number | null; last: number | null; lowest: number | null };
  curve: Curve;
  recent: RecentStep[];
  marks: Marks;
  /** Over all attempts: work done, also where a later attempt did it again. */
  totals: { tokens: number; supervisedTokens: number; seconds: number; traces: number };
  peakMemoryBytes: number | null;
  /** The last evaluation of each task. */
  evaluations: Record<string, EventOf<"evaluation-end">>;
  /** The last few, newest last. */
  checkpoints: EventOf<"checkpoint-saved">[];
  controls: EventOf<"control-acknowledged">[];
  warnings: EventOf<"warning">[];
  warningCount: number;
  invariants: EventOf<"invariant-broken">[];
  failure: { code: string; message: string; next: string } | null;
  summary: EventOf<"run-finished">["summary"] | null;
  alarms: Alarm[];
}

/** How many of each are kept. */
export const kept = {
  curve: 512,
  recent: 64,
  samples: 20,
  checkpoints: 32,
  controls: 64,
  warnings: 32,
  invariants: 32,
} as const;

export const emptyMarks = (): Marks => ({
  margin: null,
  tokensPerSecond: null,
  firstSamples: [],
  newestSamples: [],
});

/** The state before the first event. The manifest, or its plan, gives β and the number of steps where they are known. */
export function initialState(from?: RunManifest | Plan): RunState {
  const plan = from === undefined ? undefined : from.record === "plan" ? from : from.plan;
  const training = plan !== undefined && isTrainingPlan(plan) ? plan : undefined;
  return {
    beta: training?.kind === "preference" ? training.loss.beta : undefined,
    phase: "queued",
    attempt: 0,
    seq: -1,
    events: 0,
    duplicates: 0,
    missing: 0,
    process: null,
    startedAt: null,
    updatedAt: null,
    step: 0,
    steps: training?.schedule.steps ?? null,
    progress: null,
    latest: null,
    losses: { first: null, last: null, lowest: null },
    curve: { points: [], stride: 1, pending: 0 },
    recent: [],
    marks: emptyMarks(),
    totals: { tokens: 0, supervisedTokens: 0, seconds: 0, traces: 0 },
    peakMemoryBytes: null,
    evaluations: {},
    checkpoints: [],
    controls: [],
    warnings: [],
    warningCount: 0,
    invariants: [],
    failure: null,
    summary: null,
    alarms: [],
  };
}
