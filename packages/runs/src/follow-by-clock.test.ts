import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunEvent, RunEventBody } from "@mede2/schemas";
import { afterAll, expect, it, vi } from "vitest";
import { numbered, started, text } from "../test/fake-run.ts";
import { followEvents, openChangeBell, runPlaces } from "./index.ts";

// a network file system: files change, and the system says nothing
const watched = vi.hoisted(() => ({ count: 0 }));
vi.mock("node:fs", async (original) => {
  const deaf = { on: () => deaf, close: () => {}, unref: () => deaf };
  return {
    ...(await original<typeof import("node:fs")>()),
    watch: () => {
      watched.count += 1;
      return deaf;
    },
  };
});

const dir = mkdtempSync(join(tmpdir(), "mede2-clock-"));
afterAll(() => rmSync(dir, { recursive: true }));
const warning = (message: string): RunEventBody => ({ type: "warning", code: "w", message });

it("follows by the clock where the system reports no changes, through half lines, a cut and a rotation", async () => {
  const path = runPlaces.events(dir);
  const ended = new AbortController();
  const first = numbered([started(1), warning("a"), warning("b")]);
  const second = numbered([started(2), warning("c")]);
  writeFileSync(path, text(first.slice(0, 2)));
  const seen: string[] = [];
  const acts: (() => void)[] = [
    () => appendFileSync(path, text(first.slice(2)).slice(0, 40)),
    () => appendFileSync(path, text(first.slice(2)).slice(40)),
    () => {
      writeFileSync(join(dir, "next"), text(second));
      renameSync(path, `${path}.1`);
      renameSync(join(dir, "next"), path);
    },
    () => writeFileSync(path, text(second.slice(0, 1))),
    () => ended.abort(),
  ];
  const timer = setInterval(() => acts.shift()?.(), 60);
  for await (const { events, reset, bad } of followEvents(dir, { signal: ended.signal, pollSeconds: 0.02 })) {
    if (reset) seen.push("reset");
    expect(bad).toEqual([]);
    seen.push(...events.map((event) => (event as RunEvent & { message?: string }).message ?? event.type));
  }
  clearInterval(timer);
  expect(watched.count).toBeGreaterThan(0);
  expect(seen).toEqual(["run-started", "a", "b", "reset", "run-started", "c", "reset", "run-started"]);
});

it("a bell waits as long as it is told, and a ring while nobody waits is not lost", async () => {
  const bell = openChangeBell(join(dir, "not-there"), []);
  const begun = performance.now();
  await bell.wait(0.05);
  expect(performance.now() - begun).toBeGreaterThan(40);
  bell.ring();
  await bell.wait(60);
  expect(performance.now() - begun).toBeLessThan(5000);
  bell.close();
});
