import type { TrackedRun } from "@mede2/runs";
import { expect, it } from "vitest";
import { openAnnouncer } from "./announcer.ts";

const run = (step: number, alarms: string[] = [], status = "running", dir = "/a") =>
  ({
    ...{ dir, status, series: { byName: {} } },
    state: { losses: { last: 0.5 }, latest: {}, step, steps: 40 },
    alarms: alarms.map((name) => ({ name, level: "error", message: `${name} came`, next: "do this" })),
  }) as unknown as TrackedRun;

it("says steps every ten seconds, and alarms and another status at once, with what to do", () => {
  const announce = openAnnouncer();
  expect(announce(run(1), 0)).toEqual(["running, step 1 of 40, loss 0.5"]);
  expect(announce(run(2), 500)).toEqual([]);
  expect(announce(run(3), 1000)).toEqual([]);
  expect(announce(run(3, ["squeeze"]), 1500)).toEqual([
    "running, step 3 of 40, loss 0.5, 1 alarm: squeeze",
    "error: squeeze came. Next: do this.",
  ]);
  expect(announce(run(4, ["squeeze"]), 2000)).toEqual([]);
  expect(announce(run(5, ["squeeze", "plateau"]), 2500)[1]).toBe("error: plateau came. Next: do this.");
  expect(announce(run(6, ["squeeze", "plateau"]), 13_000)).toHaveLength(1);
  expect(announce(run(6, [], "paused"), 13_500)).toEqual(["paused, step 6 of 40, loss 0.5"]);
  expect(announce(run(6, [], "paused"), 60_000)).toEqual([]);
  expect(announce(run(1, [], "running", "/b"), 60_100)).toHaveLength(1); // another run was opened
});
