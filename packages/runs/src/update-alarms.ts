import type { EventOf } from "@mede2/schemas";
import type { Alarm } from "./alarm.ts";
import { alarmRules, lengthDriftRule } from "./alarms.ts";
import { kept, type RunState } from "./run-state.ts";

/** Rules about means look at every step while a window fills, and later at every fourth event: they are most of the work of a long log. */
export const looksClosely = ({ recent, events }: RunState): boolean =>
  recent.length < kept.recent || events % 4 === 0;

/** The alarms after a step: those that begin, go on, or end. The state knows the step already. */
export function stepAlarms(state: RunState, event: EventOf<"step-end">): Alarm[] {
  let alarms = state.alarms;
  const closely = looksClosely(state);
  for (const rule of alarmRules) {
    if (rule.ofMeans === true && !closely) continue;
    if (rule.everySteps !== undefined && event.step % rule.everySteps !== 0) continue;
    alarms = updated(alarms, rule, rule.check(event, state), state.step, event.ts);
  }
  return alarms;
}

/** The alarms after a sample was written. */
export function sampleAlarms(state: RunState, ts: string): Alarm[] {
  return updated(state.alarms, lengthDriftRule, lengthDriftRule.check(state), state.step, ts);
}

function updated(
  alarms: Alarm[],
  rule: Pick<Alarm, "name" | "level" | "next">,
  message: string | null,
  step: number,
  ts: string,
): Alarm[] {
  if (message === null && alarms.length === 0) return alarms;
  const known = alarms.find((alarm) => alarm.name === rule.name);
  if (message === null)
    return known?.active
      ? alarms.map((alarm) => (alarm === known ? { ...alarm, active: false } : alarm))
      : alarms;
  if (known?.active) return alarms.map((alarm) => (alarm === known ? { ...alarm, message } : alarm));
  const { name, level, next } = rule;
  return [
    ...alarms.filter((alarm) => alarm !== known),
    { name, level, step, ts, active: true, message, next },
  ];
}
