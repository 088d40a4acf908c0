import type { Heartbeat } from "@mede2/schemas";
import { expect, it } from "vitest";
import { fakeHost } from "../test/fake-run.ts";
import { heartbeatIsStale } from "./index.ts";
import { seenBeats } from "./seen-beats.ts";

const beatOf = (milliseconds: number, host = "there"): Heartbeat => ({
  ...{ record: "heartbeat", v: 1, attempt: 1, pid: 7, bootId: "b", host, intervalSeconds: 5 },
  ts: new Date(milliseconds).toISOString(),
});

it.each([
  ["ten minutes behind", -600_000],
  ["ten minutes ahead", 600_000],
])("a host whose clock is %s is alive while it beats, and gone a minute after it stopped", (_, skew) => {
  const host = fakeHost();
  const seen = seenBeats(host);
  const stale = (ts: number) => heartbeatIsStale(seen(beatOf(ts))!, host.clock());
  const begun = host.clock() + skew;
  expect(stale(begun)).toBe(skew < 0); // one look cannot tell a clock that is behind from silence
  for (let beat = 1; beat <= 20; beat++) {
    host.pass(5);
    expect(stale(begun + 5000 * beat)).toBe(false);
  }
  for (let silent = 2; silent <= 60; silent += 2) {
    host.pass(2);
    expect(stale(begun + 100_000)).toBe(false);
  }
  host.pass(2);
  expect(stale(begun + 100_000)).toBe(true);
});

it("a beat that came while nobody looked is as old as it says", () => {
  const host = fakeHost();
  const seen = seenBeats(host);
  seen(beatOf(host.clock()));
  host.pass(600);
  const beat = beatOf(host.clock() - 300_000);
  expect(seen(beat)).toEqual(beat);
});

it("of this host, and none at all, are left as they are", () => {
  const seen = seenBeats(fakeHost());
  const own = beatOf(0, "here");
  expect([seen(own), seen(null)]).toEqual([own, null]);
});
