import type { EventOf } from "@mede2/schemas";
import type { Alarm } from "./alarm.ts";
import type { RecentStep, RunState } from "./run-state.ts";

/** One rule: looked at after every step, with the steps before it. Returns what is wrong in one sentence, or null. */
export interface AlarmRule {
  name: string;
  level: Alarm["level"];
  next: string;
  check(event: EventOf<"step-end">, before: readonly RecentStep[], state: RunState): string | null;
}

const spikeWindow = 20;
const accuracyWindow = 20;
const squeezeWindow = 10;

/** The rules of training steps. Add one by adding a row. */
export const alarmRules: readonly AlarmRule[] = [
  {
    name: "not-finite",
    level: "error",
    next: "stop, resume from the checkpoint before it with a lower learning rate, and look at the samples of that step",
    check: (event) => {
      const keys = (event.nonFinite ?? []).filter(
        (key) => key === "loss" || key === "gradientNorm" || key.startsWith("rewards"),
      );
      return keys.length > 0 ? `${keys.join(" and ")} not finite at step ${event.step}` : null;
    },
  },
  {
    name: "loss-spike",
    level: "warning",
    next: "look at the samples of that step; lower the learning rate or clip the gradient harder if it does not come back",
    check: (event, before) => {
      const losses = finite(before.slice(-spikeWindow), (step) => step.loss);
      if (event.loss === undefined || losses.length < spikeWindow) return null;
      const average = mean(losses);
      const deviation = Math.sqrt(mean(losses.map((loss) => (loss - average) ** 2)));
      const limit = average + Math.max(6 * deviation, 0.5 * Math.abs(average));
      return event.loss > limit
        ? `loss ${event.loss.toPrecision(3)} at step ${event.step}, after a mean of ${average.toPrecision(3)} over ${losses.length} steps`
        : null;
    },
  },
  {
    name: "reward-accuracy",
    level: "warning",
    next: "check that chosen and rejected are not swapped, that the reference is the model at the start, and the learning rate",
    check: (event, before, state) => {
      const values = finite(
        [...before, recentStep(event, state.beta)].slice(-accuracyWindow),
        (step) => step.accuracy,
      );
      if (values.length < accuracyWindow) return null;
      const average = mean(values);
      return average < 0.5
        ? `the chosen answer has the higher reward in only ${(average * 100).toFixed(0)} % of the last ${values.length} steps`
        : null;
    },
  },
  {
    name: "squeeze",
    level: "error",
    next: "stop at a checkpoint before it; raise the weight of the negative log-likelihood term, lower the learning rate or raise beta",
    check: (event, before, state) => {
      const steps = [...before, recentStep(event, state.beta)].slice(-squeezeWindow);
      const values = finite(steps, (step) => step.chosenLogRatio);
      if (values.length < squeezeWindow / 2) return null;
      const average = mean(values);
      return average < -1
        ? `the chosen answers became less likely than under the reference: log-ratio ${average.toFixed(2)} over the last ${values.length} steps, below −1`
        : null;
    },
  },
];

/** The alarm of an invariant that an engine found broken. */
export function invariantAlarm(event: EventOf<"invariant-broken">, step: number): Alarm {
  const observed =
    event.expected !== undefined && event.actual !== undefined
      ? `expected ${event.expected}, got ${event.actual}; `
      : "";
  return {
    name: `invariant-${event.name}`,
    level: "error",
    step,
    ts: event.ts,
    active: true,
    message: `${observed}${event.cause}`,
    next: "stop the run and mend the cause: what it trains is not what the plan says",
  };
}

/** The alarm of a heartbeat that has stopped while the process seems to live. It depends on the time and is therefore not in the fold. */
export function stalledAlarm(step: number, ts: string, ageSeconds: number): Alarm {
  return {
    name: "stalled-heartbeat",
    level: "warning",
    step,
    ts,
    active: true,
    message: `no sign of life for ${Math.round(ageSeconds)} seconds, while the process is still there`,
    next: "look whether the machine swaps, sleeps or waits for a disk; stop the process and resume the run if it does not come back",
  };
}

/** The numbers of a step that means and alarms need. */
export function recentStep(event: EventOf<"step-end">, beta?: number): RecentStep {
  const reward = event.rewards?.chosen;
  return {
    step: event.step,
    loss: event.loss,
    accuracy: event.rewards?.accuracy,
    chosenLogRatio: reward === undefined || beta === undefined ? undefined : reward / beta,
    gradientNorm: event.gradientNorm,
    seconds: event.seconds,
    supervisedTokens: event.supervisedTokens,
  };
}

/** The alarms after a step: those that begin, go on, or end. `before` are the steps before it. */
export function stepAlarms(
  state: RunState,
  event: EventOf<"step-end">,
  before: readonly RecentStep[],
): Alarm[] {
  let alarms = state.alarms;
  for (const rule of alarmRules) {
    const message = rule.check(event, before, state);
    const known = alarms.find((alarm) => alarm.name === rule.name);
    if (message === null) {
      if (known?.active)
        alarms = alarms.map((alarm) => (alarm === known ? { ...alarm, active: false } : alarm));
    } else if (known === undefined || !known.active) {
      const alarm = {
        name: rule.name,
        level: rule.level,
        step: event.step,
        ts: event.ts,
        active: true,
        message,
        next: rule.next,
      };
      alarms = [...alarms.filter((other) => other !== known), alarm];
    } else alarms = alarms.map((alarm) => (alarm === known ? { ...alarm, message } : alarm));
  }
  return alarms;
}

function finite(steps: readonly RecentStep[], pick: (step: RecentStep) => number | undefined): number[] {
  return steps.map(pick).filter((value) => value !== undefined);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
