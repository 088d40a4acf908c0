import { type JsonValue, type RunEventBody, withoutNonFinite } from "@mede2/schemas";
import { foreignNumber, foreignSeconds } from "./foreign-numbers.ts";

/** What must be remembered from one log entry to the next. */
export interface ForeignState {
  readonly program: string;
  readonly rewardScale: number;
  step: number;
  total: number | undefined;
  /** Seconds since the start of the entry before. */
  elapsed: number | undefined;
  /** Whether the end was logged since the last step. */
  ended: boolean;
  /** ms-swift logs the rate of the next step: by the number of the step that it is used in. */
  rates: Map<number, number>;
}

export const foreignStart = (program = "transformers", rewardScale = 1): ForeignState => ({
  ...{ program, rewardScale, step: 0, ended: false, rates: new Map() },
  ...{ total: undefined, elapsed: undefined },
});

type Entry = Readonly<Record<string, unknown>>;
export type ForeignBody = RunEventBody & { nonFinite?: string[] };

/**
 * The events of one log entry of ms-swift (`logging.jsonl`), LLaMA-Factory (`trainer_log.jsonl`) or any `transformers` trainer (`log_history` of
 * `trainer_state.json`; TRL). An entry that says nothing of a step, an evaluation or the end gives none. ms-swift closes its log with a record of everything, after a crash as
 * well: it is the end only where no end was logged, and its history counts where no step was.
 */
export function foreignEvents(entry: Entry, state: ForeignState): ForeignBody[] {
  if (Array.isArray(entry.log_history)) return closing(entry, entry.log_history, state);
  const events: ForeignBody[] = [];
  const { step, total } = placeOf(entry, state);
  const isEnd = "train_runtime" in entry;
  const isStep = !isEnd && "loss" in entry;
  if (isStep) events.push(...restart(step, state));
  if (total !== undefined && total !== state.total)
    events.push({ type: "progress", done: step, total, unit: "steps" });
  const elapsed = elapsedOf(entry, step);
  if (isEnd) events.push(endOf(entry, step, total ?? state.total));
  else if (isStep) events.push(stepOf(entry, step, state, elapsed));
  const evaluation = evaluationOf(entry);
  if (evaluation !== undefined)
    events.push({ type: "evaluation-end", step, task: "eval", metrics: evaluation });
  state.step = step;
  state.total = total ?? state.total;
  if (isEnd) state.ended = true;
  if (isStep) state.elapsed = elapsed;
  return events;
}

/** A step that comes again: a resume, or a second run into the same folder. A run that goes on after its end is running. */
function restart(step: number, state: ForeignState): ForeignBody[] {
  const events: ForeignBody[] = [];
  if (step <= state.step && state.step > 0) {
    const message =
      step === 1
        ? `the steps begin again at 1, after step ${state.step}: a second run in the same folder`
        : `step ${step} comes again, after step ${state.step}: the run was resumed from a checkpoint`;
    events.push({ type: "warning", code: step === 1 ? "log-second-run" : "log-resumed", message });
    state.elapsed = undefined;
  }
  if (state.ended) events.push({ type: "run-resumed" });
  state.ended = false;
  return events;
}

function closing(entry: Entry, history: readonly unknown[], state: ForeignState): ForeignBody[] {
  const events: ForeignBody[] = [];
  if (state.step === 0 && !state.ended)
    for (const each of history)
      if (typeof each === "object" && each !== null) events.push(...foreignEvents(each as Entry, state));
  if (state.ended) return events;
  const at = foreignNumber(entry.global_step) ?? state.step;
  state.ended = true;
  events.push({
    type: "run-failed",
    code: "engine-died",
    message: `${state.program} ended after step ${at}${state.total === undefined ? "" : ` of ${state.total}`} without finishing: an error ended it`,
    next: "read the last lines of what it printed, remove the cause, and resume from the newest checkpoint",
  });
  return events;
}

function placeOf(entry: Entry, state: ForeignState): { step: number; total: number | undefined } {
  const ratio = /^(\d+)\/(\d+)$/.exec(String(entry["global_step/max_steps"] ?? ""));
  if (ratio !== null) return { step: Number(ratio[1]), total: Number(ratio[2]) };
  const step = foreignNumber(entry.current_steps ?? entry.step ?? entry.global_step);
  const total = foreignNumber(entry.total_steps ?? entry.max_steps);
  return {
    step: step !== undefined && step >= 0 && Number.isSafeInteger(step) ? step : state.step,
    total: total !== undefined && total > 0 ? total : undefined,
  };
}

function elapsedOf(entry: Entry, step: number): number | undefined {
  // the mean time of a step so far is told with six digits, the time since the start in whole seconds
  const mean = foreignNumber(entry["train_speed(s/it)"]);
  if (mean !== undefined && Number.isFinite(mean)) return mean * step;
  return foreignSeconds(entry.elapsed_time);
}

function stepOf(entry: Entry, step: number, before: ForeignState, elapsed: number | undefined): ForeignBody {
  const number = (...keys: string[]) => {
    for (const key of keys) {
      const value = foreignNumber(entry[key]);
      if (value !== undefined) return value;
    }
    return undefined;
  };
  const gradientNorm = number("grad_norm");
  // transformers writes 0 for a loss that is not finite (logging_nan_inf_filter); the gradient norm tells the two apart
  const loss = number("loss");
  const hidden = loss === 0 && gradientNorm !== undefined && !Number.isFinite(gradientNorm);
  const steps = step - before.step;
  const seconds =
    elapsed === undefined || steps <= 0 ? undefined : Math.max(0, (elapsed - (before.elapsed ?? 0)) / steps);
  const gib = number("memory(GiB)");
  const accuracy = number("rewards/accuracies");
  const scaled = (key: string) => {
    const value = number(key);
    return value === undefined ? undefined : value / before.rewardScale;
  };
  const rewards = present({
    chosen: scaled("rewards/chosen"),
    rejected: scaled("rewards/rejected"),
    margin: scaled("rewards/margins"),
    accuracy: accuracy !== undefined && accuracy >= 0 && accuracy <= 1 ? accuracy : undefined,
  });
  const logProbs = present({ chosen: number("logps/chosen"), rejected: number("logps/rejected") });
  const epoch = number("epoch");
  return withoutNonFinite({
    type: "step-end",
    step,
    loss: hidden ? Number.NaN : (loss ?? Number.NaN),
    ...present({
      epoch: epoch !== undefined && epoch >= 0 ? epoch : undefined,
      learningRate: rateOf(number("learning_rate", "lr"), step, before),
      gradientNorm,
      seconds,
      memoryBytes: gib === undefined || !Number.isFinite(gib) ? undefined : Math.round(gib * 2 ** 30),
      kl: number("kl", "objective/kl"),
      nll: number("nll_loss"),
      tokenAccuracy: number("token_acc", "mean_token_accuracy"),
    }),
    ...(rewards !== undefined && { rewards }),
    ...(logProbs !== undefined && { logProbs }),
  }) as ForeignBody;
}

/** The rate that a step was taken with. ms-swift's log has it one entry earlier: that of its first step is not told. */
function rateOf(logged: number | undefined, step: number, state: ForeignState): number | undefined {
  if (state.program !== "ms-swift") return logged;
  if (logged !== undefined) state.rates.set(step + 1, logged);
  return state.rates.get(step);
}

function present<T extends object>(values: T): { [K in keyof T]?: number } | undefined {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as { [K in keyof T]?: number });
}

/** `eval_loss`, `eval_rewards/accuracies` … without their prefix and without their timing. */
function evaluationOf(entry: Entry): Record<string, number> | undefined {
  const metrics: Record<string, number> = {};
  for (const [key, value] of Object.entries(entry)) {
    if (!key.startsWith("eval_") || /_(?:runtime|per_second)$/.test(key)) continue;
    const number = foreignNumber(value);
    if (number !== undefined && Number.isFinite(number)) metrics[key.slice(5)] = number;
  }
  return Object.keys(metrics).length === 0 ? undefined : metrics;
}

/** Whether the end was the last step: a trainer that was told to stop writes the same record. */
function endOf(entry: Entry, step: number, total: number | undefined): ForeignBody {
  if (total !== undefined && step < total) return { type: "run-stopped" };
  const summary: Record<string, JsonValue> = {};
  for (const key of ["train_loss", "train_runtime", "train_samples_per_second", "train_steps_per_second"]) {
    const value = foreignNumber(entry[key]);
    if (value !== undefined && Number.isFinite(value)) summary[key] = value;
  }
  return { type: "run-finished", summary };
}
