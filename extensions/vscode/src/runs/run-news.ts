import type { Alarm, TrackedRun } from "@mede2/runs";
import type { RunStatus } from "@mede2/schemas";
import { oneLine } from "../records/visible-text.ts";
import { alarmText, isLive, runDescription } from "./run-text.ts";

/** What is remembered of a run between two looks. */
export interface SeenRun {
  readonly status: RunStatus;
  /** Alarms that were told of, or were there at the first look; one that comes and goes is told of once. */
  readonly alarms: ReadonlySet<string>;
}

/** What happened to a run since the last look. */
export type RunNews = { readonly kind: "ended" } | { readonly kind: "alarm"; readonly alarm: Alarm };

type Watched = Pick<TrackedRun, "status" | "alarms">;

/** A run that was live is not any more; a live run has an alarm that it did not have, and that is an error. */
export function newsOf(before: SeenRun | undefined, run: Watched): RunNews[] {
  if (before === undefined) return [];
  if (!isLive(run.status)) return isLive(before.status) ? [{ kind: "ended" }] : [];
  return run.alarms
    .filter(({ name, level }) => level === "error" && !before.alarms.has(name))
    .map((alarm) => ({ kind: "alarm", alarm }));
}

export const seenRun = (run: Watched, before: SeenRun | undefined): SeenRun => ({
  status: run.status,
  alarms: new Set([
    ...(before?.alarms ?? []),
    ...run.alarms.filter(({ level }) => level === "error").map(({ name }) => name),
  ]),
});

/** The sentence that tells of it; undefined where the user asked for it, as for a stop, or does not wish to hear of it. */
export function tellOf(
  run: TrackedRun,
  news: RunNews,
  wish: string,
): { readonly text: string; readonly bad: boolean } | undefined {
  const name = oneLine(run.id, 60);
  if (wish === "off") return undefined;
  if (news.kind === "alarm") return { text: `${name}: ${alarmText(news.alarm)}`, bad: true };
  const bad = run.status === "failed" || run.status === "lost";
  if (run.status === "stopped" || (wish === "failures" && !bad)) return undefined;
  return { text: `${name}: ${runDescription(run)}`, bad };
}
