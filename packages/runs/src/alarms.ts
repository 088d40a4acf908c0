import type { EventOf } from "@mede2/schemas";
import type { Alarm } from "./alarm.ts";
import { recentMean, recentThroughput, windowSteps } from "./recent-steps.ts";
import type { CurvePoint, RunState } from "./run-state.ts";

/** One rule: looked at after every step, when the state knows that step already. Returns what is wrong in one sentence, or null. */
export interface AlarmRule {
  name: string;
  level: Alarm["level"];
  next: string;
  /** Looks only at steps that this number divides, and leaves the alarm as it is in between. */
  everySteps?: number;
  /** Speaks of means over windows, which need not be looked at after every step of a long run. */
  ofMeans?: true;
  check(event: EventOf<"step-end">, state: RunState): string | null;
}

const window = { count: windowSteps };
const percent = (share: number) => `${(share * 100).toFixed(0)} %`;

/** The rules of training steps. Add one by adding a row. */
export const alarmRules: readonly AlarmRule[] = [
  {
    name: "not-finite",
    level: "error",
    next: "stop, resume from the checkpoint before it with a lower learning rate, and look at the samples of that step",
    check: (event) => {
      if (event.nonFinite === undefined) return null;
      const keys = event.nonFinite.filter(
        (key) => key === "loss" || key === "gradientNorm" || key.startsWith("rewards"),
      );
      return keys.length > 0 ? `${keys.join(" and ")} not finite at step ${event.step}` : null;
    },
  },
  {
    name: "loss-spike",
    level: "warning",
    next: "look at the samples of that step; lower the learning rate or clip the gradient harder if it does not come back",
    check: (event, { recent, losses }) => {
      if (event.loss === undefined) return null;
      // no mean lies below the lowest loss: most steps end here
      if (losses.lowest !== null && event.loss <= losses.lowest + 0.5 * Math.abs(losses.lowest)) return null;
      const average = recentMean(recent, "loss", { ...window, skip: 1 });
      if (average === null) return null;
      if (event.loss <= average + 0.5 * Math.abs(average)) return null;
      const before = recent.slice(-windowSteps - 1, -1).map(({ loss }) => loss ?? average);
      const deviation = Math.sqrt(before.reduce((sum, loss) => sum + (loss - average) ** 2, 0) / windowSteps);
      return event.loss > average + 6 * deviation
        ? `loss ${event.loss.toPrecision(3)} at step ${event.step}, after a mean of ${average.toPrecision(3)} over ${windowSteps} steps`
        : null;
    },
  },
  {
    name: "gradient-norm",
    ofMeans: true,
    level: "warning",
    next: "look at the samples of these steps; lower the learning rate, warm up longer, or clip the gradient to norm 1",
    check: (_, { recent }) => {
      const now = recentMean(recent, "gradientNorm", { count: 3 });
      const before = recentMean(recent, "gradientNorm", {
        count: 2 * windowSteps,
        least: windowSteps,
        skip: 3,
      });
      return now !== null && before !== null && now > 10 * before
        ? `the gradient norm is ${now.toPrecision(3)} over the last 3 steps, ${(now / before).toFixed(0)} times what it was`
        : null;
    },
  },
  {
    name: "plateau",
    level: "warning",
    next: "evaluate the newest checkpoints: it may be done; else raise the learning rate, or look whether the data repeats",
    everySteps: 25,
    check: ({ step }, { curve, steps }) =>
      steps !== null && step > 0.9 * steps ? null : plateau(curve.points),
  },
  {
    name: "reward-accuracy",
    ofMeans: true,
    level: "warning",
    next: "check that chosen and rejected are not swapped, that the reference is the model at the start, and the learning rate",
    check: (_, { recent }) => {
      const average = recentMean(recent, "accuracy", window);
      return average !== null && average < 0.5
        ? `the chosen answer has the higher reward in only ${percent(average)} of the last ${windowSteps} steps`
        : null;
    },
  },
  {
    name: "margin-collapse",
    ofMeans: true,
    level: "warning",
    next: "look at the newest pairs and the learning rate; go back to the checkpoint where the margin was highest",
    check: (_, { recent, marks }) => {
      const margin = recentMean(recent, "margin", window);
      return margin !== null && marks.margin !== null && marks.margin >= 0.1 && margin < 0.3 * marks.margin
        ? `the reward margin fell to ${margin.toPrecision(2)}, after ${marks.margin.toPrecision(2)} at its best`
        : null;
    },
  },
  {
    name: "both-falling",
    ofMeans: true,
    level: "warning",
    next: "watch the chosen log-ratio: stop before −1; a likelihood term, a lower learning rate or a higher beta hold it",
    check: (_, { recent }) => {
      const chosen = recentMean(recent, "chosenLogRatio", window);
      const rejected = recentMean(recent, "rejectedLogRatio", window);
      const before = recentMean(recent, "chosenLogRatio", { ...window, skip: windowSteps });
      if (chosen === null || rejected === null || before === null) return null;
      return chosen < -0.3 && rejected < -0.3 && chosen < before - 0.05
        ? `chosen and rejected answers both become less likely: log-ratios ${chosen.toFixed(2)} and ${rejected.toFixed(2)}`
        : null;
    },
  },
  {
    name: "squeeze",
    ofMeans: true,
    level: "error",
    next: "stop at a checkpoint before it; raise the weight of the negative log-likelihood term, lower the learning rate or raise beta",
    check: (_, { recent }) => {
      const average = recentMean(recent, "chosenLogRatio", { count: 10, least: 5 });
      return average !== null && average < -1
        ? `the chosen answers became less likely than under the reference: log-ratio ${average.toFixed(2)} over the last ${Math.min(10, recent.length)} steps, below −1`
        : null;
    },
  },
  {
    name: "throughput-drop",
    ofMeans: true,
    level: "warning",
    next: "look whether other work, heat, swapping or a slow disk holds the machine up",
    check: (_, { recent, marks }) => {
      const now = recentThroughput(recent, windowSteps);
      return now !== null && marks.tokensPerSecond !== null && now < 0.5 * marks.tokensPerSecond
        ? `${now.toFixed(0)} tokens a second over the last ${windowSteps} steps, after ${marks.tokensPerSecond.toFixed(0)} at its best`
        : null;
    },
  },
];

/** Whether the newest half of the curve, at least 100 steps, neither falls nor rises by more than 1 % of its level or half of its noise. */
function plateau(points: readonly CurvePoint[]): string | null {
  const half = points.slice(Math.floor(points.length / 2));
  const [first, last] = [half[0], half.at(-1)];
  if (first === undefined || last === undefined || half.length < 40 || last.step - first.step < 100)
    return null;
  const middle = Math.floor(half.length / 2);
  const mean = (part: readonly CurvePoint[]) => part.reduce((sum, { loss }) => sum + loss, 0) / part.length;
  const [before, after] = [mean(half.slice(0, middle)), mean(half.slice(middle))];
  const level = (before + after) / 2;
  const deviation = Math.sqrt(half.reduce((sum, { loss }) => sum + (loss - level) ** 2, 0) / half.length);
  const error = deviation * Math.sqrt(2 / middle);
  return Math.abs(after - before) < Math.max(0.01 * Math.abs(level), error)
    ? `the loss stands at ${level.toPrecision(3)} since step ${first.step}`
    : null;
}

/** The rule of the samples that a training writes: `bytes` are the mean lengths of the records at the beginning and now. */
export const lengthDriftRule = {
  name: "length-drift",
  level: "warning",
  next: "read the newest samples: answers that grow often repeat themselves, answers that shrink stop reasoning",
  check: ({ marks }: RunState): string | null => {
    const { firstSamples, newestSamples } = marks;
    if (newestSamples.length < firstSamples.length || newestSamples.length === 0) return null;
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const ratio = mean(newestSamples) / mean(firstSamples);
    return ratio > 1.5 || ratio < 2 / 3
      ? `the records of samples are ${percent(ratio)} as long as at the start of this attempt`
      : null;
  },
} as const;

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
