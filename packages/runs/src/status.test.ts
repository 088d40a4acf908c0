import type { Heartbeat } from "@mede2/schemas";
import { describe, expect, it } from "vitest";
import { fakeHost, numbered, started } from "../test/fake-run.ts";
import { foldEvents, initialState, judge, runStatus } from "./index.ts";

const host = fakeHost();
const beat = (change: Partial<Heartbeat>): Heartbeat => ({
  record: "heartbeat",
  v: 1,
  ts: "2026-01-31T12:00:00.000Z",
  attempt: 1,
  pid: 42,
  bootId: "boot",
  host: "here",
  intervalSeconds: 5,
  ...change,
});
const running = foldEvents(initialState(), numbered([started(1)]));
const later = (seconds: number, dead = false) => ({
  ...host,
  clock: () => host.clock() + seconds * 1000,
  isAlive: () => !dead,
});

describe("runStatus", () => {
  it.each([
    ["nothing happened yet", initialState(), null, later(0), "queued"],
    ["the process lives", running, beat({}), later(0), "running"],
    ["the process is slow, but lives", running, beat({}), later(3600), "running"],
    ["the process is gone", running, beat({}), later(1, true), "lost"],
    ["the machine was booted again", running, beat({ bootId: "earlier" }), later(1), "lost"],
    ["another host, fresh", running, beat({ host: "there" }), later(50, true), "running"],
    ["another host, silent", running, beat({ host: "there" }), later(61, true), "lost"],
    [
      "another host with slow beats",
      running,
      beat({ host: "there", intervalSeconds: 60 }),
      later(300, true),
      "running",
    ],
    [
      "a container that shares the host's name, fresh: its pid means nothing here",
      running,
      beat({ pidNamespace: "pid:[2]" }),
      { ...later(50, true), pidNamespace: "pid:[1]" },
      "running",
    ],
    [
      "such a container, silent",
      running,
      beat({ pidNamespace: "pid:[2]" }),
      { ...later(61), pidNamespace: "pid:[1]" },
      "lost",
    ],
    [
      "the same container",
      running,
      beat({ pidNamespace: "pid:[1]" }),
      { ...later(1, true), pidNamespace: "pid:[1]" },
      "lost",
    ],
    ["no heartbeat, the process lives", running, null, later(3600), "running"],
    ["no heartbeat, the process is gone", running, null, later(1, true), "lost"],
    [
      "only the heartbeat of an earlier attempt, of a host that is gone",
      running,
      beat({ attempt: 0, host: "there" }),
      later(3600),
      "running",
    ],
    [
      "finished, the process is gone",
      { ...running, phase: "finished" as const },
      beat({}),
      later(9999, true),
      "finished",
    ],
    ["paused", { ...running, phase: "paused" as const }, beat({}), later(0), "paused"],
    [
      "paused, the process is gone",
      { ...running, phase: "paused" as const },
      beat({}),
      later(0, true),
      "lost",
    ],
  ])("%s", (_, state, heartbeat, witness, status) => {
    expect(runStatus(state, heartbeat, witness)).toBe(status);
  });

  it("tells a slow process by an alarm", () => {
    expect(judge(running, beat({}), later(20)).alarms).toEqual([]);
    expect(judge(running, beat({}), later(120)).alarms).toMatchObject([
      { name: "stalled-heartbeat", message: expect.stringContaining("120 seconds") },
    ]);
    expect(judge(running, beat({}), later(120, true))).toEqual({ status: "lost", alarms: [] });
  });
});
