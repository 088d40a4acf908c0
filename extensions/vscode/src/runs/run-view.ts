import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  type LogLine,
  metrics,
  plannedSteps,
  runPlaces,
  secondsLeft,
  seriesRange,
  seriesWindow,
  shareDone,
  type TrackedRun,
} from "@mede2/runs";
import type { Curve, EventLine, RunView } from "../protocol/run-messages.ts";
import { oneLine, short, visible } from "../records/visible-text.ts";
import { bytesText, duration, figure, runFigures } from "./run-text.ts";

/** A run as its view draws it. */
export function runView(run: TrackedRun, traces: RunView["traces"]): RunView {
  const { state, manifest, status } = run;
  const plan = manifest?.plan;
  const left = secondsLeft(state, plan);
  const outcomes = new Map(
    state.controls.map(({ id, outcome, reason }) => [
      id,
      reason === undefined ? outcome : `${outcome}: ${reason}`,
    ]),
  );
  return {
    id: oneLine(run.id, 120),
    kind: oneLine(run.kind, 40),
    recipe: oneLine(run.recipe, 80),
    status,
    step: state.step,
    steps: plannedSteps(state, plan) ?? null,
    share: status === "finished" ? 1 : (shareDone(state, plan) ?? null),
    left: left === null ? "" : `${duration(left)} left`,
    learningRate: state.latest?.learningRate ?? null,
    figures: runFigures(run),
    plan: plan === undefined ? "" : visible(short(JSON.stringify(plan, null, 2), 50_000)),
    place: run.dir,
    alarms: run.alarms.map(({ name, level, step, message, next }) => ({
      name: oneLine(name, 80),
      level,
      step,
      message: oneLine(message, 400),
      next: oneLine(next, 400),
    })),
    warnings: state.warnings.slice(-20).map(({ code, message, ts }) => ({
      code: oneLine(code, 60),
      message: oneLine(message, 600),
      time: ts,
    })),
    checkpoints: state.checkpoints.map(({ step, path, bytes }) => ({
      step,
      path: oneLine(path, 200),
      size: bytesText(bytes),
    })),
    evaluations: Object.values(state.evaluations)
      .slice(0, 30)
      .map(({ task, step, metrics: found }) => ({
        task: oneLine(task, 80),
        step,
        metrics: Object.entries(found)
          .slice(0, 20)
          .map(([name, value]) => ({ name: oneLine(name, 60), value: figure(value) })),
      })),
    controls: run.requests.slice(-20).map(({ id, request, by, ts }) => ({
      ...{ request, by: oneLine(by, 60), time: ts },
      outcome: oneLine(outcomes.get(id) ?? "waiting", 200),
    })),
    failure:
      state.failure === null
        ? null
        : { message: oneLine(state.failure.message, 2000), next: oneLine(state.failure.next, 1000) },
    summary: Object.entries(state.summary ?? {})
      .slice(0, 30)
      .map(([name, value]) => ({
        name: oneLine(name, 60),
        value:
          typeof value === "number"
            ? figure(value)
            : oneLine(typeof value === "string" ? value : JSON.stringify(value), 200),
      })),
    traces,
    unreadable: run.bad.count,
    read: run.read,
  };
}

const evaluationTitle = (name: string) => oneLine(name.replace(/^eval:/, "").replace("/", " · "), 80);

/** The curves of a run, in at most `buckets` buckets each: those of training in the order of the metrics, then those of evaluations. */
export function curvesOf({ series }: TrackedRun, buckets = 400): Curve[] {
  const known = metrics.map(({ name, title, unit }) => ({ name, title, unit: unit ?? "" }));
  const others = Object.keys(series.byName)
    .filter((name) => !known.some((metric) => metric.name === name))
    .slice(0, 24)
    .map((name) => ({ name: oneLine(name, 120), key: name, title: evaluationTitle(name), unit: "" }));
  return [...known.map((metric) => ({ ...metric, key: metric.name })), ...others].flatMap(
    ({ key, ...metric }) => {
      const each = Object.hasOwn(series.byName, key) ? series.byName[key] : undefined;
      const range = each === undefined ? null : seriesRange(each);
      if (each === undefined || range === null) return [];
      const found = seriesWindow(each, { from: range.first, to: range.last, buckets });
      return [
        {
          ...metric,
          step: found.map(({ first, last }) => (first + last) / 2),
          mean: found.map(({ mean }) => mean),
          low: found.map(({ low }) => low),
          high: found.map(({ high }) => high),
        },
      ];
    },
  );
}

/** A line of the event log for reading: its time, its type, and the rest as it stands there. */
export function eventLine({ offset, text }: LogLine): EventLine {
  try {
    const {
      record: _record,
      v: _v,
      seq: _seq,
      ts,
      type,
      ...rest
    } = JSON.parse(text) as Record<string, unknown>;
    return {
      offset,
      time: typeof ts === "string" ? oneLine(ts, 30) : "",
      type: typeof type === "string" ? oneLine(type, 40) : "?",
      text: visible(short(plain(rest), 600)),
    };
  } catch {
    return { offset, time: "", type: "unreadable", text: visible(short(text, 600)) };
  }
}

const plain = (rest: Record<string, unknown>) =>
  Object.entries(rest)
    .map(
      ([name, value]) =>
        `${name} ${typeof value === "number" ? figure(value) : typeof value === "string" ? value : JSON.stringify(value)}`,
    )
    .join(" · ");

/** The files in `traces/` of a run that the trace editor opens. */
export async function tracesOf(dir: string): Promise<RunView["traces"]> {
  const folder = runPlaces.traces(dir);
  const names = await readdir(folder).catch(() => []);
  const files = names
    .filter((name) => /\.(trace|candidates|pairs|evaluation)\.jsonl$/.test(name))
    .slice(0, 50);
  return Promise.all(
    files.sort().map(async (name) => ({
      file: name,
      size: bytesText(
        await stat(join(folder, name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    })),
  );
}
