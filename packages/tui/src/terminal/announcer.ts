import type { TrackedRun } from "@mede2/runs";
import { spokenRun } from "../screens/spoken.ts";

/** A step alone is said so often at most, in milliseconds. */
const stepEvery = 10_000;

/** Says by itself what a listener must hear: a change of status or of the alarms at once, with what to do about new ones; steps now and then. */
export function openAnnouncer(): (run: TrackedRun, now: number) => string[] {
  let said:
    | { dir: string; urgent: string; text: string; at: number; alarms: ReadonlySet<string> }
    | undefined;
  return (run, now) => {
    const urgent = `${run.status} ${run.alarms.map(({ name }) => name).join()}`;
    const text = spokenRun(run);
    const before = said?.dir === run.dir ? said : undefined;
    if (text === before?.text || (urgent === before?.urgent && now - before.at < stepEvery)) return [];
    const fresh = before === undefined ? [] : run.alarms.filter(({ name }) => !before.alarms.has(name));
    said = { dir: run.dir, urgent, text, at: now, alarms: new Set(run.alarms.map(({ name }) => name)) };
    return [text, ...fresh.map(({ level, message, next }) => `${level}: ${message}. Next: ${next}.`)];
  };
}
