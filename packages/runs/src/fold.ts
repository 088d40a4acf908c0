import type { AnyEvent, EventOf, RunEvent, RunEventType } from "@mede2/schemas";
import { invariantAlarm } from "./alarms.ts";
import { noteSample, noteStep, recentStep } from "./recent-steps.ts";
import { type Curve, emptyMarks, kept, type RunState } from "./run-state.ts";
import { looksClosely, sampleAlarms, stepAlarms } from "./update-alarms.ts";

/** Any event that a reader of this version or a later one may find. */
export type FoldableEvent = RunEvent | AnyEvent;

/**
 * The state after more events. Pure: the given state is left as it is. Folding a log in one call, event by event or in any other cut gives
 * the same state. Events that come again (a `seq` that this attempt had already) are left out; types it does not know are counted only.
 */
export function foldEvents(state: RunState, events: FoldableEvent | Iterable<FoldableEvent>): RunState {
  const draft: RunState = {
    ...state,
    recent: [...state.recent],
    marks: {
      ...state.marks,
      firstSamples: [...state.marks.firstSamples],
      newestSamples: [...state.marks.newestSamples],
    },
    curve: { ...state.curve, points: [...state.curve.points] },
    losses: { ...state.losses },
    totals: { ...state.totals },
    evaluations: { ...state.evaluations },
  };
  for (const event of Symbol.iterator in events ? events : [events]) foldOne(draft, event);
  return draft;
}

/** Changes the draft, but none of the objects in its lists. */
function foldOne(draft: RunState, event: FoldableEvent): void {
  if (!takesItsPlace(draft, event)) {
    draft.duplicates += 1;
    return;
  }
  draft.events += 1;
  draft.updatedAt = event.ts;
  const handler = handlers[event.type as RunEventType] as
    | ((draft: RunState, event: FoldableEvent) => void)
    | undefined;
  if (Object.hasOwn(handlers, event.type)) handler?.(draft, event);
}

/** Whether the event is new; counts what is missing before it. */
function takesItsPlace(draft: RunState, event: FoldableEvent): boolean {
  if (event.type === "run-started") {
    const { attempt } = event as EventOf<"run-started">;
    if (attempt <= draft.attempt) return false;
    draft.missing += event.seq;
  } else {
    if (event.seq <= draft.seq) return false;
    draft.missing += event.seq - draft.seq - 1;
  }
  draft.seq = event.seq;
  return true;
}

type Handlers = { [Type in RunEventType]: (draft: RunState, event: EventOf<Type>) => void };

const handlers: Handlers = {
  "run-started": (draft, event) => {
    draft.attempt = event.attempt;
    draft.phase = "running";
    draft.process = { pid: event.pid, bootId: event.bootId, host: event.host, startedAt: event.ts };
    draft.startedAt ??= event.ts;
    draft.failure = null;
    draft.summary = null;
    draft.recent = [];
    draft.marks = emptyMarks();
    draft.alarms = [];
    draft.invariants = [];
  },
  progress: (draft, event) => {
    draft.progress = { done: event.done, total: event.total, unit: event.unit };
    if (event.unit === "steps") draft.steps = event.total;
  },
  "step-end": foldStep,
  "evaluation-end": (draft, event) => {
    draft.evaluations[event.task] = event;
  },
  "trace-written": (draft, event) => {
    draft.totals.traces += 1;
    if (event.step === undefined) return; // of a sampling or an evaluation: every question has a length of its own
    noteSample(draft.marks, event.length);
    draft.alarms = sampleAlarms(draft, event.ts);
  },
  "checkpoint-saved": (draft, event) => {
    // a later attempt that went back saves the same path again
    const others = draft.checkpoints.filter((checkpoint) => checkpoint.path !== event.path);
    draft.checkpoints = [...others, event].slice(-kept.checkpoints);
  },
  "control-acknowledged": (draft, event) => {
    draft.controls = [...draft.controls, event].slice(-kept.controls);
  },
  "invariant-broken": (draft, event) => {
    draft.invariants = [...draft.invariants, event].slice(-kept.invariants);
    const alarm = invariantAlarm(event, draft.step);
    draft.alarms = [...draft.alarms.filter((other) => other.name !== alarm.name), alarm];
  },
  warning: (draft, event) => {
    draft.warnings = [...draft.warnings, event].slice(-kept.warnings);
    draft.warningCount += 1;
  },
  "run-paused": (draft) => {
    draft.phase = "paused";
  },
  "run-resumed": (draft) => {
    draft.phase = "running";
  },
  "run-stopped": (draft) => {
    draft.phase = "stopped";
  },
  "run-failed": (draft, event) => {
    draft.phase = "failed";
    draft.failure = { code: event.code, message: event.message, next: event.next };
  },
  "run-finished": (draft, event) => {
    draft.phase = "finished";
    draft.summary = event.summary;
  },
};

function foldStep(draft: RunState, event: EventOf<"step-end">): void {
  if (event.step <= draft.step) goBack(draft, event.step);
  // logs of other programs, and logs whose beginning is lost, have no run-started
  if (draft.phase === "queued") draft.phase = "running";
  draft.step = event.step;
  draft.latest = event;
  draft.recent.push(recentStep(event, draft.beta));
  if (draft.recent.length > kept.recent) draft.recent.shift();
  draft.alarms = stepAlarms(draft, event);
  if (looksClosely(draft)) noteStep(draft.marks, draft.recent);
  draft.totals.tokens += event.tokens ?? 0;
  draft.totals.supervisedTokens += event.supervisedTokens ?? 0;
  draft.totals.seconds += event.seconds ?? 0;
  if (event.memoryBytes !== undefined)
    draft.peakMemoryBytes = Math.max(draft.peakMemoryBytes ?? 0, event.memoryBytes);
  if (event.loss === undefined) return;
  draft.losses.first ??= event.loss;
  draft.losses.last = event.loss;
  draft.losses.lowest = Math.min(draft.losses.lowest ?? event.loss, event.loss);
  extend(draft.curve, { step: event.step, loss: event.loss });
}

/** After a resume the step may go back: what the earlier attempt said of this step and later ones no longer counts. */
function goBack(draft: RunState, step: number): void {
  draft.recent = draft.recent.filter((recent) => recent.step < step);
  draft.curve.points = draft.curve.points.filter((point) => point.step < step);
  draft.curve.pending = 0;
  if (draft.curve.points.length === 0) {
    draft.losses = { first: null, last: null, lowest: null };
    draft.curve.stride = 1;
  }
}

/** Adds a point; when the curve is full, every second point goes and the stride doubles. */
function extend(curve: Curve, point: { step: number; loss: number }): void {
  curve.pending += 1;
  if (curve.points.length > 0 && curve.pending < curve.stride) return;
  curve.points.push(point);
  curve.pending = 0;
  if (curve.points.length < kept.curve) return;
  curve.points = curve.points.filter((_, index) => index % 2 === 0);
  curve.pending = curve.stride; // the newest point went, and it lay one stride behind the last that stayed
  curve.stride *= 2;
}
