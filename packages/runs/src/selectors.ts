import type { Plan } from "@mede2/schemas";
import { recentMean, recentThroughput } from "./recent-steps.ts";
import type { RunState } from "./run-state.ts";

/** Steps of the whole run: from the plan or the events, or from the share of the epochs that is done. */
export function plannedSteps(state: RunState, plan: Plan | undefined): number | undefined {
  if (state.steps !== null) return state.steps;
  if (state.phase === "finished" && state.latest !== null) return state.step;
  const epochs = plan !== undefined && "schedule" in plan ? plan.schedule.epochs : undefined;
  const { latest } = state;
  if (epochs === undefined || latest?.epoch === undefined || latest.epoch <= 0) return undefined;
  return Math.max(state.step, Math.ceil((epochs * latest.step) / latest.epoch - 1e-6));
}

/** How much of the run is done, 0 to 1: by steps, else by what it counts itself; undefined when nobody knows the end. */
export function shareDone(state: RunState, plan: Plan | undefined): number | undefined {
  const steps = plannedSteps(state, plan);
  if (state.latest !== null)
    return steps === undefined || steps === 0 ? undefined : Math.min(1, state.step / steps);
  const { progress } = state;
  return progress === null || progress.total === 0 ? undefined : Math.min(1, progress.done / progress.total);
}

/** How fast it goes now: means over the newest steps; null where the events don't say. */
export interface Pace {
  tokensPerSecond: number | null;
  secondsPerStep: number | null;
}

export function pace({ recent }: RunState): Pace {
  const count = Math.min(20, recent.length);
  return {
    tokensPerSecond: recentThroughput(recent, count),
    secondsPerStep: recentMean(recent, "seconds", { count, least: 1 }),
  };
}

/** Seconds until the last step, at the present pace; of jobs without steps, by the share that is done since the start. Null when unknown or ended. */
export function secondsLeft(state: RunState, plan: Plan | undefined): number | null {
  if (state.phase !== "running" && state.phase !== "paused") return null;
  const steps = plannedSteps(state, plan);
  const { secondsPerStep } = pace(state);
  if (state.latest !== null)
    return steps === undefined || secondsPerStep === null
      ? null
      : Math.max(0, steps - state.step) * secondsPerStep;
  const { progress, process, updatedAt } = state;
  if (progress === null || progress.done === 0 || process === null || updatedAt === null) return null;
  const passed = (Date.parse(updatedAt) - Date.parse(process.startedAt)) / 1000;
  return (passed / progress.done) * Math.max(0, progress.total - progress.done);
}

/** What preference optimisation is doing: means over the newest `steps` steps, in the units of their events. */
export interface PreferenceView {
  steps: number;
  accuracy: number | null;
  margin: number | null;
  /** β log π/π_ref of the chosen and of the rejected answers. */
  chosen: number | null;
  rejected: number | null;
  /** The same without β, in nats an answer: the chosen one below −1 is the squeeze. */
  chosenLogRatio: number | null;
  rejectedLogRatio: number | null;
  logProbs: { chosen: number; rejected: number } | null;
  kl: number | null;
}

/** Null when the run has no rewards. */
export function preferenceView(state: RunState): PreferenceView | null {
  const { latest, recent, beta } = state;
  if (latest?.rewards === undefined && latest?.logProbs === undefined) return null;
  const count = Math.min(20, recent.length);
  const mean = (key: "accuracy" | "margin" | "chosenLogRatio" | "rejectedLogRatio") =>
    recentMean(recent, key, { count, least: 1 });
  const [chosenLogRatio, rejectedLogRatio] = [mean("chosenLogRatio"), mean("rejectedLogRatio")];
  const reward = (ratio: number | null, now: number | undefined) =>
    ratio !== null && beta !== undefined ? ratio * beta : (now ?? null);
  const { chosen, rejected } = latest.logProbs ?? {};
  return {
    steps: count,
    accuracy: mean("accuracy"),
    margin: mean("margin"),
    chosen: reward(chosenLogRatio, latest.rewards?.chosen),
    rejected: reward(rejectedLogRatio, latest.rewards?.rejected),
    chosenLogRatio,
    rejectedLogRatio,
    logProbs: chosen === undefined || rejected === undefined ? null : { chosen, rejected },
    kl: latest.kl ?? null,
  };
}

/** The one number that a list shows beside the loss: reward accuracy, an evaluation's accuracy, or what a finished job says of itself. */
export function headline(state: RunState): { name: string; value: number } | null {
  const accuracy = recentMean(state.recent, "accuracy", { count: 20, least: 1 });
  if (accuracy !== null) return { name: "reward accuracy", value: accuracy };
  for (const { task, metrics } of Object.values(state.evaluations).reverse())
    for (const name of ["accuracy", "loss"])
      if (typeof metrics[name] === "number") return { name: `${task} ${name}`, value: metrics[name] };
  for (const name of ["accuracy", "pairs", "written", "kept", "scored"]) {
    const value = state.summary?.[name];
    if (typeof value === "number") return { name, value };
  }
  return null;
}
