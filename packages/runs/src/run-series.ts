import type { EventOf } from "@mede2/schemas";
import type { FoldableEvent } from "./fold.ts";
import { addPoint, cutSeries, emptySeries, type Series } from "./series.ts";

/** A metric of training steps: where it stands in a step-end event, and how it is shown. */
export interface Metric {
  name: string;
  title: string;
  unit?: string;
  of(event: EventOf<"step-end">): number | undefined;
}

/** The metrics of a step, in the order in which they are shown. Add one by adding a row. */
export const metrics: readonly Metric[] = [
  { name: "loss", title: "loss", of: ({ loss }) => loss },
  { name: "rewards-accuracy", title: "reward accuracy", of: ({ rewards }) => rewards?.accuracy },
  { name: "rewards-margin", title: "reward margin", of: ({ rewards }) => rewards?.margin },
  { name: "rewards-chosen", title: "reward chosen", of: ({ rewards }) => rewards?.chosen },
  { name: "rewards-rejected", title: "reward rejected", of: ({ rewards }) => rewards?.rejected },
  {
    name: "log-probs-chosen",
    title: "log-probability chosen",
    unit: "nats",
    of: ({ logProbs }) => logProbs?.chosen,
  },
  {
    name: "log-probs-rejected",
    title: "log-probability rejected",
    unit: "nats",
    of: ({ logProbs }) => logProbs?.rejected,
  },
  { name: "kl", title: "KL to the reference", unit: "nats", of: ({ kl }) => kl },
  { name: "learning-rate", title: "learning rate", of: ({ learningRate }) => learningRate },
  { name: "gradient-norm", title: "gradient norm", of: ({ gradientNorm }) => gradientNorm },
  {
    name: "throughput",
    title: "throughput",
    unit: "tokens/s",
    of: ({ tokens, seconds }) => (tokens !== undefined && seconds ? tokens / seconds : undefined),
  },
  { name: "step-seconds", title: "time a step", unit: "s", of: ({ seconds }) => seconds },
  { name: "memory", title: "memory", unit: "bytes", of: ({ memoryBytes }) => memoryBytes },
];

/** Every metric of a run over its steps. Those of evaluations are called `eval:TASK/METRIC`. */
export interface RunSeries {
  attempt: number;
  seq: number;
  step: number;
  byName: Record<string, Series>;
}

export const emptyRunSeries = (): RunSeries => ({ attempt: 0, seq: -1, step: -1, byName: {} });

/** At most so many metrics: a task that names its metrics after its samples must not fill the memory. */
const mostMetrics = 256;

/** Adds events in place. The result is the same however the log is cut; events that come again are left out; a later attempt wins. */
export function addToSeries(series: RunSeries, events: Iterable<FoldableEvent>): void {
  for (const event of events) {
    if (event.type === "run-started") {
      const { attempt } = event as EventOf<"run-started">;
      if (attempt <= series.attempt) continue;
      series.attempt = attempt;
    } else if (event.seq <= series.seq) continue;
    series.seq = event.seq;
    if (event.type === "step-end") addStep(series, event as EventOf<"step-end">);
    else if (event.type === "evaluation-end") addEvaluation(series, event as EventOf<"evaluation-end">);
  }
}

function addStep(series: RunSeries, event: EventOf<"step-end">): void {
  if (event.step <= series.step) for (const each of Object.values(series.byName)) cutSeries(each, event.step);
  series.step = event.step;
  for (const { name, of } of metrics) {
    const value = of(event);
    if (value !== undefined && Number.isFinite(value)) addPoint(seriesOf(series, name), event.step, value);
  }
}

function addEvaluation(series: RunSeries, event: EventOf<"evaluation-end">): void {
  for (const [metric, value] of Object.entries(event.metrics)) {
    const name = `eval:${event.task}/${metric}`;
    if (series.byName[name] === undefined && Object.keys(series.byName).length >= mostMetrics) continue;
    const each = seriesOf(series, name);
    cutSeries(each, event.step);
    addPoint(each, event.step, value);
  }
}

function seriesOf(series: RunSeries, name: string): Series {
  const known = Object.hasOwn(series.byName, name) ? series.byName[name] : undefined;
  if (known !== undefined) return known;
  const made = emptySeries();
  Object.defineProperty(series.byName, name, {
    value: made,
    enumerable: true,
    writable: true,
    configurable: true,
  });
  return made;
}
