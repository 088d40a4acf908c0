import type { Alarm, TrackedRun } from "@mede2/runs";
import { initialState } from "@mede2/runs";
import type { RunStatus } from "@mede2/schemas";
import { expect, it } from "vitest";
import { newsOf, seenRun, tellOf } from "./run-news.ts";

const alarm = (name: string, level: Alarm["level"] = "error"): Alarm => ({
  ...{ name, level, step: 3, ts: "2026-01-01T00:00:00.000Z", active: true },
  ...{ message: "the loss is no number", next: "lower the learning rate" },
});
const run = (status: RunStatus, ...alarms: Alarm[]): TrackedRun =>
  ({ id: "20260101T000000-x", status, alarms, state: initialState(), manifest: undefined }) as never;

it("tells of an end once, and of nothing at the first look", () => {
  const live = seenRun(run("running"), undefined);
  expect(newsOf(undefined, run("failed"))).toEqual([]);
  expect(newsOf(live, run("running"))).toEqual([]);
  expect(newsOf(live, run("finished"))).toEqual([{ kind: "ended" }]);
  expect(newsOf(seenRun(run("finished"), live), run("finished"))).toEqual([]);
});

it("tells of an alarm when it is an error and new, and once though it comes and goes", () => {
  const first = seenRun(run("running", alarm("old")), undefined);
  const now = run("running", alarm("old"), alarm("nan"), alarm("slow", "warning"));
  expect(newsOf(first, now).map((news) => news.kind === "alarm" && news.alarm.name)).toEqual(["nan"]);
  const later = seenRun(run("running"), seenRun(now, first));
  expect(newsOf(later, now)).toEqual([]);
});

it("keeps to what the user wishes to hear", () => {
  const ended = { kind: "ended" } as const;
  const bad = { kind: "alarm", alarm: alarm("nan") } as const;
  expect(tellOf(run("finished"), ended, "all")).toMatchObject({ bad: false });
  expect(tellOf(run("finished"), ended, "failures")).toBeUndefined();
  expect(tellOf(run("stopped"), ended, "all")).toBeUndefined();
  expect(tellOf(run("lost"), ended, "failures")).toMatchObject({ bad: true });
  expect(tellOf(run("failed"), ended, "off")).toBeUndefined();
  expect(tellOf(run("running"), bad, "failures")?.text).toMatch(
    /the loss is no number; lower the learning rate$/,
  );
  expect(tellOf(run("running"), bad, "off")).toBeUndefined();
});
