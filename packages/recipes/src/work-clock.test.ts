import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openWorkClock } from "./work-clock.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mede2-clock-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("adds up the seconds of all attempts, also of one that was killed", async () => {
  const path = join(folder, ".mede2", "seconds.json");
  let time = 1000;
  const first = openWorkClock(path, () => time);
  time += 4000;
  first.tick(); // too early to be kept
  await expect(readFile(path, "utf8")).rejects.toThrow("ENOENT");
  time += 2000;
  first.tick();
  time += 1000; // then it is killed: this second is lost
  time = 50_000; // another process has another origin of time
  const second = openWorkClock(path, () => time);
  expect(second.seconds()).toBe(6);
  time += 3000;
  second.save();
  expect(openWorkClock(path, () => 0).seconds()).toBe(9);
  await writeFile(path, "{");
  expect(openWorkClock(path, () => 0).seconds()).toBe(0);
});
