import {
  type Alarm,
  headline,
  pace,
  plannedSteps,
  secondsLeft,
  shareDone,
  type TrackedRun,
} from "@mede2/runs";
import { isTrainingPlan, type RunStatus } from "@mede2/schemas";
import { oneLine } from "../records/visible-text.ts";
import { splitName } from "./run-name.ts";

/** Codicon and theme colour of a status. */
export const statusIcon: Readonly<Record<RunStatus, { icon: string; colour?: string }>> = {
  queued: { icon: "clock" },
  running: { icon: "loading~spin", colour: "charts.blue" },
  paused: { icon: "debug-pause", colour: "charts.yellow" },
  stopped: { icon: "debug-stop" },
  finished: { icon: "pass", colour: "charts.green" },
  failed: { icon: "error", colour: "charts.red" },
  lost: { icon: "debug-disconnect", colour: "charts.orange" },
};

export const isLive = (status: RunStatus): boolean =>
  status === "running" || status === "paused" || status === "queued";

/** What stands beside the name of a run in a list: "running · 12/20 · loss 0.52 · 1 min left". */
export function runDescription(run: TrackedRun): string {
  const { state, status, manifest, alarms } = run;
  const steps = plannedSteps(state, manifest?.plan);
  const loss = state.losses.last;
  const said = headline(state);
  const left = secondsLeft(state, manifest?.plan);
  return [
    status,
    state.latest === null
      ? progressText(run)
      : steps === undefined
        ? `step ${state.step}`
        : `${state.step}/${steps}`,
    loss === null ? "" : `loss ${figure(loss)}`,
    said === null ? "" : `${oneLine(said.name, 30)} ${figure(said.value)}`,
    left === null ? "" : `${duration(left)} left`,
    alarms.length === 0 ? "" : `${alarms.length} alarm${alarms.length > 1 ? "s" : ""}`,
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

function progressText({ state: { progress } }: TrackedRun): string {
  return progress === null || progress.total === 0
    ? ""
    : `${progress.done}/${progress.total} ${oneLine(progress.unit, 20)}`;
}

/** The words of a screen reader for a run. */
export const runLabel = (run: TrackedRun): string =>
  `Run ${oneLine(run.id, 80)}, ${oneLine(run.recipe, 40)}, ${runDescription(run)}`;

/** The status bar: how many runs live, and how far the furthest one is; undefined when there is nothing to say. */
export function statusBarText(
  runs: readonly TrackedRun[],
): { text: string; tooltip: string; alarm: boolean } | undefined {
  const live = runs.filter(({ status }) => isLive(status) && status !== "queued");
  if (live.length === 0) return undefined;
  const shares = live.flatMap(({ state, manifest }) => shareDone(state, manifest?.plan) ?? []);
  const share = shares.length === 0 ? "" : ` ${Math.floor(100 * Math.min(...shares))} %`;
  return {
    text:
      live.length === 1
        ? `$(pulse) ${oneLine(splitName(live[0]!.id).short, 24).replace(/\$\(/g, "$ (")}${share}`
        : `$(pulse) ${live.length} runs${share}`,
    tooltip: live.map((run) => `${oneLine(run.id, 60)}: ${runDescription(run)}`).join("\n"),
    alarm: live.some(({ alarms }) => alarms.some(({ level }) => level === "error")),
  };
}

export const alarmText = ({ message, next }: Pick<Alarm, "message" | "next">): string =>
  `${oneLine(message, 300)}; ${oneLine(next, 300)}`;

/** A number as people read it: four digits that count. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "not finite";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}

export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The figures on top of a run view. */
export function runFigures(run: TrackedRun): { name: string; value: string }[] {
  const { state, manifest, createdAt, model } = run;
  const plan = manifest?.plan;
  const { tokensPerSecond, secondsPerStep } = pace(state);
  const rows: [string, string | undefined][] = [
    ["loss", state.losses.last === null ? undefined : figure(state.losses.last)],
    ["lowest loss", state.losses.lowest === null ? undefined : figure(state.losses.lowest)],
    ["throughput", tokensPerSecond === null ? undefined : `${figure(tokensPerSecond)} tokens/s`],
    ["time a step", secondsPerStep === null ? undefined : `${figure(secondsPerStep)} s`],
    ["tokens", state.totals.tokens === 0 ? undefined : String(state.totals.tokens)],
    ["peak memory", state.peakMemoryBytes === null ? undefined : bytesText(state.peakMemoryBytes)],
    ["attempt", state.attempt > 1 ? String(state.attempt) : undefined],
    ["model", model === undefined ? undefined : oneLine(model, 120)],
    ["engine", plan !== undefined && isTrainingPlan(plan) ? `${plan.engine}, ${plan.device}` : undefined],
    ["begun", timeText(createdAt)],
    ["last event", timeText(state.updatedAt ?? undefined)],
    [
      "version",
      manifest === undefined
        ? run.foreign
        : `mede2 ${oneLine(manifest.code.version, 20)}${manifest.code.commit === undefined ? "" : `, ${oneLine(manifest.code.commit, 12)}`}`,
    ],
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}

/** An ISO time to the second, for people: "2026-01-31 12:00:00 UTC". What is none stays as it is. */
const timeText = (time: string | undefined): string | undefined =>
  time?.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/, "$1 $2 UTC");
