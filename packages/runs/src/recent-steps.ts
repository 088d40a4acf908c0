import type { EventOf } from "@mede2/schemas";
import { kept, type Marks, type RecentStep } from "./run-state.ts";

/** The numbers of a step that means and alarms need. */
export function recentStep(event: EventOf<"step-end">, beta?: number): RecentStep {
  const { rewards } = event;
  const ratio = (reward: number | undefined) =>
    reward === undefined || beta === undefined ? undefined : reward / beta;
  return {
    step: event.step,
    loss: event.loss,
    accuracy: rewards?.accuracy,
    margin: rewards?.margin,
    chosenLogRatio: ratio(rewards?.chosen),
    rejectedLogRatio: ratio(rewards?.rejected),
    gradientNorm: event.gradientNorm,
    seconds: event.seconds,
    tokens: event.tokens,
    supervisedTokens: event.supervisedTokens,
  };
}

/** Mean of a number over the newest `count` steps, leaving out `skip` of them; null when fewer than `least` have it. */
export function recentMean(
  recent: readonly RecentStep[],
  key: Exclude<keyof RecentStep, "step">,
  { count, least = count, skip = 0 }: { count: number; least?: number; skip?: number },
): number | null {
  let [sum, found] = [0, 0];
  const end = recent.length - skip;
  for (let at = Math.max(0, end - count); at < end; at++) {
    const value = recent[at]![key];
    if (value === undefined) continue;
    sum += value;
    found += 1;
  }
  return found < Math.max(1, least) ? null : sum / found;
}

/** Tokens a second over the newest `count` steps; null when not all say how many and how long. */
export function recentThroughput(recent: readonly RecentStep[], count: number): number | null {
  const tokens = recentMean(recent, "tokens", { count });
  const seconds = recentMean(recent, "seconds", { count });
  return tokens === null || seconds === null || seconds === 0 ? null : tokens / seconds;
}

/** Steps of one window. */
export const windowSteps = 20;

/** Raises the marks in place after a step. */
export function noteStep(marks: Marks, recent: readonly RecentStep[]): void {
  const margin = recentMean(recent, "margin", { count: windowSteps });
  if (margin !== null) marks.margin = Math.max(marks.margin ?? margin, margin);
  const speed = recentThroughput(recent, windowSteps);
  if (speed !== null) marks.tokensPerSecond = Math.max(marks.tokensPerSecond ?? speed, speed);
}

/** Takes down, in place, how long the record of a sample is. */
export function noteSample(marks: Marks, bytes: number): void {
  if (marks.firstSamples.length < kept.samples) {
    marks.firstSamples.push(bytes);
    return;
  }
  marks.newestSamples.push(bytes);
  if (marks.newestSamples.length > kept.samples) marks.newestSamples.shift();
}
