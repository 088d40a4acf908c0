import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunEvent, type RunEventBody, repairJsonlTail } from "@mede2/schemas";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { numbered, settingsOf, started, text } from "../test/fake-run.ts";
import {
  createRun,
  type EventBatch,
  type EventReader,
  eventReader,
  followEvents,
  runPlaces,
} from "./index.ts";
import { foldUpTo } from "./read-run.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "mede2-events-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const warnings = (count: number): RunEvent[] =>
  numbered([
    started(1),
    ...Array.from(
      { length: count },
      (_, index): RunEventBody => ({ type: "warning", code: "w", message: `é€😀 ${index} \u2028` }),
    ),
  ]);

describe("eventReader", () => {
  it("gives the same events however the bytes arrive", async () => {
    const events = warnings(12);
    const bytes = Buffer.from(text(events));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 12 }), async (cuts) => {
        writeFileSync(runPlaces.events(dir), "");
        const reader = eventReader(dir);
        const seen: object[] = [];
        let start = 0;
        for (const end of [...cuts.sort((a, b) => a - b), bytes.length]) {
          appendFileSync(runPlaces.events(dir), bytes.subarray(start, end));
          start = end;
          const batch = await reader.read();
          expect([batch.bad, batch.reset]).toEqual([[], false]);
          seen.push(...batch.events);
        }
        expect(seen).toEqual(events);
      }),
      { numRuns: 60 },
    );
  });

  it("loses only the torn line, wherever a write is cut off, once the tail is repaired", async () => {
    const events = warnings(3);
    const bytes = Buffer.from(text(events));
    const ends = events.map((_, index) => Buffer.byteLength(text(events.slice(0, index + 1))));
    for (let cut = 0; cut <= bytes.length; cut++) {
      writeFileSync(runPlaces.events(dir), bytes.subarray(0, cut));
      await repairJsonlTail(runPlaces.events(dir));
      const more = numbered([started(2)]);
      appendFileSync(runPlaces.events(dir), text(more));
      const batch = await eventReader(dir).read();
      // a line that lacks nothing but its newline is whole
      const whole = ends.filter((end) => end - 1 <= cut).length;
      expect(batch.bad).toEqual([]);
      expect(batch.events).toEqual([...events.slice(0, whole), ...more]);
    }
  });

  it("reports bad lines and goes on", async () => {
    const [first, second] = warnings(1) as [RunEvent, RunEvent];
    const lines = [
      JSON.stringify(first),
      "",
      "{",
      '{"loss":NaN}',
      "null",
      "3",
      JSON.stringify({ ...second, code: 7 }),
      JSON.stringify(second),
    ];
    writeFileSync(runPlaces.events(dir), `${lines.join("\n")}\n`);
    const batch = await eventReader(dir).read();
    expect(batch.events).toEqual([first, second]);
    expect(batch.bad).toHaveLength(5);
    expect(batch.bad[4]?.message).toContain("code: expected a text, got 7");
    expect(batch.bad[0]?.offset).toBe(Buffer.byteLength(`${lines[0]}\n\n`));
  });

  it("starts again when the file is cut, replaced or removed", async () => {
    const path = runPlaces.events(dir);
    const reader = eventReader(dir);
    expect(await reader.read()).toMatchObject({ events: [], reset: false });
    writeFileSync(path, text(warnings(5)));
    expect(await reader.read()).toMatchObject({ events: { length: 6 }, reset: false });
    truncateSync(path, Buffer.byteLength(text(warnings(1))));
    expect(await reader.read()).toMatchObject({ events: { length: 2 }, reset: true });
    writeFileSync(join(dir, "other"), text(warnings(9)));
    renameSync(join(dir, "other"), path);
    expect(await reader.read()).toMatchObject({ events: { length: 10 }, reset: true });
    rmSync(path);
    expect(await reader.read()).toMatchObject({ events: [], reset: true });
    expect(await reader.read()).toMatchObject({ events: [], reset: false });
  });

  it("reads files larger than a piece, and lines larger than that", async () => {
    const events = numbered([
      started(1),
      ...[9e6, 10, 10].map(
        (size): RunEventBody => ({ type: "warning", code: "w", message: "x".repeat(size) }),
      ),
    ]);
    writeFileSync(runPlaces.events(dir), text(events));
    const reader = eventReader(dir);
    const seen: object[] = [];
    let batch: EventBatch;
    do {
      batch = await reader.read();
      seen.push(...batch.events);
    } while (batch.more);
    expect(seen).toEqual(events);
  });
});

it("foldUpTo ends where the file ended, however fast the writer is, and forgets what was before a reset", async () => {
  const { manifest } = await createRun(settingsOf(dir));
  const events = warnings(1000);
  let read = 0;
  const endless: EventReader = {
    read: async () => {
      read += 1;
      const bad = [{ offset: read, message: "bad" }];
      return { events: events.slice(read - 1, read), bad, reset: read === 1, more: true, offset: read * 100 };
    },
  };
  const { state, bad } = await foldUpTo(endless, 250, manifest);
  expect([state.events, bad.length, read]).toEqual([3, 3, 3]);
  read = 0;
  const replaced: EventReader = {
    read: async () => {
      read += 1;
      const bad = [{ offset: read, message: "bad" }];
      return { events: [events[0]!], bad, reset: read === 2, more: read < 2, offset: read };
    },
  };
  expect(await foldUpTo(replaced, 250, manifest)).toMatchObject({
    state: { events: 1, duplicates: 0 },
    bad: [{ offset: 2 }],
  });
});

describe("followEvents", () => {
  it("yields what is there, says that it is up to date, and then what comes", async () => {
    const events = warnings(3);
    const ended = new AbortController();
    const seen: object[] = [];
    let batches = 0;
    for await (const batch of followEvents(dir, { signal: ended.signal, pollSeconds: 0.05 })) {
      batches += 1;
      seen.push(...batch.events);
      if (batches === 1) expect(batch.events).toEqual([]); // there is no file yet
      const next = events[batches - 1];
      if (next === undefined) ended.abort();
      else {
        const line = text([next]);
        appendFileSync(runPlaces.events(dir), line.slice(0, 9));
        setTimeout(() => appendFileSync(runPlaces.events(dir), line.slice(9)), 20);
      }
    }
    expect(seen).toEqual(events);
  });

  it("ends at once when it is told to while it waits", async () => {
    const ended = new AbortController();
    const began = Date.now();
    setTimeout(() => ended.abort(), 50);
    for await (const _ of followEvents(dir, { signal: ended.signal, pollSeconds: 60 }));
    expect(Date.now() - began).toBeLessThan(5000);
  });
});
