import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { RunEventBody } from "@mede2/schemas";
import { afterAll, describe, expect, it } from "vitest";
import { fakeHost, numbered, plan, settingsOf, started, text } from "../test/fake-run.ts";
import {
  createRun,
  exportCsv,
  exportParquet,
  exportTensorBoard,
  foldEvents,
  initialState,
  openRunWriter,
  readLogPage,
  readRun,
  requestControl,
  runPlaces,
  searchLog,
  trackRun,
  trackWorkspace,
} from "./index.ts";

const workspace = mkdtempSync(join(tmpdir(), "mede2-track-"));
afterAll(() => rmSync(workspace, { recursive: true }));
const step = (at: number): RunEventBody => ({
  ...{ type: "step-end", step: at, loss: 1 / at, learningRate: 1e-4, tokens: 100, seconds: 1 },
  rewards: { chosen: 0.1, rejected: -0.1, margin: 0.2, accuracy: 0.75 },
});
let made = 0;
const newRun = async (place = workspace) =>
  (await createRun({ ...settingsOf(place), id: `run-${made++}` })).dir;

describe("trackRun", () => {
  it("follows a writer, its requests and their answers", async () => {
    const host = fakeHost();
    const dir = await newRun();
    const tracker = trackRun(dir, {}, host);
    expect(await tracker.read()).toMatchObject({ status: "queued", read: 1 });
    const writer = await openRunWriter(dir, {}, host);
    writer.append([step(1), step(2)]);
    const before = await tracker.read();
    expect(before).toMatchObject({
      status: "running",
      state: { step: 2 },
      kind: "preference",
      model: "models/tiny",
    });
    expect((await tracker.read()).version).toBe(before.version);
    const asked = await requestControl(dir, { by: "anna", request: "pause" }, host);
    expect((await tracker.read()).requests.map(({ by, request }) => [by, request])).toEqual([
      ["anna", "pause"],
    ]);
    writer.acknowledge(asked, "done");
    writer.append({ type: "run-paused" });
    expect(await tracker.read()).toMatchObject({
      status: "paused",
      state: { controls: [{ id: asked.id, outcome: "done" }] },
    });
    host.dead.add(42);
    expect((await tracker.read()).status).toBe("lost");
    writer.close();
  });

  it("starts anew when the log is cut or replaced, and counts bad lines", async () => {
    const dir = await newRun();
    const log = runPlaces.events(dir);
    const events = numbered([started(1), step(1), step(2), step(3)]);
    writeFileSync(log, text(events));
    const tracker = trackRun(dir);
    await tracker.read();
    appendFileSync(log, '{"half": ');
    appendFileSync(log, "\n\u0000\u001b[31m garbage\n");
    expect((await tracker.read()).bad.count).toBe(2);
    truncateSync(log, Buffer.byteLength(text(events.slice(0, 2))));
    expect(await tracker.read()).toMatchObject({ bad: { count: 0 }, state: { step: 1, events: 2 } });
  });

  it("says that a run is gone that was removed, and shows the one that comes in its place", async () => {
    const dir = await newRun();
    writeFileSync(runPlaces.events(dir), text(numbered([started(1), step(1), step(2)])));
    const tracker = trackRun(dir);
    const { version } = await tracker.read();
    rmSync(dir, { recursive: true });
    await expect(tracker.read()).rejects.toMatchObject({ name: "RecordError" });
    await expect(tracker.read()).rejects.toMatchObject({ name: "RecordError" });
    await createRun({
      ...settingsOf(workspace),
      id: basename(dir),
      plan: { ...plan, schedule: { ...plan.schedule, steps: 7 } },
    });
    const next = await tracker.read();
    expect(next).toMatchObject({ status: "queued", state: { step: 0, steps: 7, events: 0 } });
    expect(next.version).toBeGreaterThan(version);
    writeFileSync(runPlaces.events(dir), text(numbered([started(1), step(1)])));
    expect((await tracker.read()).state.step).toBe(1);
  });

  it("surveys a long log first, comes to the same as a plain fold, and keeps an index that a cut log does not use", async () => {
    const dir = await newRun();
    const log = runPlaces.events(dir);
    const count = 81_000; // about 20 MB: more than survey and index ask for
    let [at, events] = [0, numbered([started(1)])];
    writeFileSync(log, text(events));
    while (at < count) {
      const part = Array.from({ length: 27_000 }, (_, index) => ({
        ...events[0]!,
        ...step(at + index + 1),
        seq: at + index + 1,
      }));
      appendFileSync(log, text(part));
      at += part.length;
    }
    const tracker = trackRun(dir, { budget: 1 });
    const first = await tracker.read();
    expect(first.read).toBeLessThan(1);
    expect(first.state).toMatchObject({ step: count, losses: { first: 1, last: 1 / count } });
    let run = first;
    while (run.read < 1) run = await tracker.read();
    expect(run.state.events).toBe(count + 1);
    expect(statSync(runPlaces.index(dir)).isDirectory()).toBe(true);
    const listed = await readRun(dir);
    expect(JSON.stringify(listed.state)).toBe(JSON.stringify(run.state));
    const again = await trackRun(dir).read();
    expect(again.read).toBe(1);
    expect(JSON.stringify(again.state)).toBe(JSON.stringify(run.state));
    expect(again.series).toEqual(run.series);
    events = numbered([started(1), step(1)]);
    writeFileSync(log, text(events));
    expect((await trackRun(dir).read()).state).toEqual(foldEvents(initialState(plan), events));
  });
});

describe("trackWorkspace", () => {
  it("lists 200 runs, reads again only what changed, and names what cannot be read", async () => {
    const place = join(workspace, "many");
    for (let index = 0; index < 200; index++) {
      const dir = await newRun(place);
      writeFileSync(runPlaces.events(dir), text(numbered([started(1), step(1), { type: "run-stopped" }])));
    }
    const broken = await newRun(place);
    writeFileSync(runPlaces.manifest(broken), "{");
    const tracker = trackWorkspace(place);
    const first = await tracker.read();
    expect(first.filter(({ readable }) => readable)).toHaveLength(200);
    expect(first.find(({ readable }) => !readable)).toMatchObject({
      reason: expect.stringContaining("run.json"),
    });
    const one = first[7]!;
    expect((await tracker.read())[7]).toBe(one);
    if (!one.readable) throw new Error("expected a readable run");
    appendFileSync(runPlaces.events(one.run.dir), text([{ ...numbered([started(2)])[0]!, attempt: 2 }]));
    expect((await tracker.read())[7]).toMatchObject({ run: { state: { attempt: 2 } } });
    expect(await trackWorkspace(join(workspace, "none")).read()).toEqual([]);
  });
});

describe("pages and search", () => {
  it("reach every line from both ends, wherever they begin", async () => {
    const log = join(workspace, "pages.jsonl");
    const lines = Array.from({ length: 500 }, (_, index) => `{"n":${index},"é":"${"x".repeat(index % 90)}"}`);
    writeFileSync(log, `${lines.join("\n")}\n{"half`);
    const forward: string[] = [];
    for (let [at, end] = [0, false]; !end; ) {
      const page = await readLogPage(log, { at, direction: "forward", count: 37 });
      forward.push(...page.lines.map((line) => line.text));
      [at, end] = [page.reached, page.end];
    }
    expect(forward).toEqual(lines);
    const back: string[] = [];
    for (let [at, end] = [statSync(log).size, false]; !end; ) {
      const page = await readLogPage(log, {
        at,
        direction: "back",
        count: 41,
        keep: (line) => !line.includes('"n":1'),
      });
      back.unshift(...page.lines.map((line) => line.text));
      [at, end] = [page.reached, page.end];
    }
    expect(back).toEqual(lines.filter((line) => !line.includes('"n":1')));
    const found = await searchLog(log, { needle: '"N":123,', at: 0, direction: "forward" });
    expect(found).toBe(Buffer.byteLength(`${lines.slice(0, 123).join("\n")}\n`));
    expect(await searchLog(log, { needle: '"n":123,', at: statSync(log).size, direction: "back" })).toBe(
      found,
    );
    expect(await searchLog(log, { needle: '"n":123,', at: found!, direction: "back" })).toBeNull();
    expect(await readLogPage(join(workspace, "none"), { at: 0, direction: "forward", count: 1 })).toEqual({
      ...{ lines: [], reached: 0, end: true },
    });
  });
});

describe("exports", () => {
  it("as CSV: one row a step, with the attempt", async () => {
    const dir = await newRun();
    const lost: RunEventBody = { type: "step-end", step: 2, loss: Number.NaN };
    writeFileSync(
      runPlaces.events(dir),
      text(
        numbered([
          started(1),
          step(1),
          lost,
          { type: "evaluation-end", step: 2, task: '=a,"b', metrics: { x: 1 } },
          started(2),
          step(2),
        ]),
      ),
    );
    const out = join(workspace, "steps.csv");
    expect(await exportCsv(dir, out)).toBe(3);
    const rows = readFileSync(out, "utf8").split("\r\n");
    expect(rows[0]).toMatch(/^attempt,step,ts,epoch,loss,/);
    expect(rows.slice(1, 4).map((row) => row.split(",").filter((_, at) => [0, 1, 4].includes(at)))).toEqual([
      ["1", "1", "1"],
      ["1", "2", ""],
      ["2", "2", "0.5"],
    ]);
    expect(await exportCsv(dir, out, "evaluations")).toBe(1);
    expect(readFileSync(out, "utf8")).toContain(`"'=a,""b",x,1`);
  });

  it("as Parquet: the same rows, with types, and null where nothing is known", async () => {
    const dir = await newRun();
    const bodies = [started(1), step(1), { type: "step-end", step: 2, loss: Number.NaN } as const];
    writeFileSync(
      runPlaces.events(dir),
      text(
        numbered([
          ...bodies,
          { type: "evaluation-end", step: 2, task: "=a", metrics: { x: 1, y: 0.25 } },
          { type: "step-end", step: 3, tokens: 2 ** 40, loss: 0.125 },
        ]),
      ),
    );
    const out = join(workspace, "steps.parquet");
    expect(await exportParquet(dir, out)).toBe(3);
    const { asyncBufferFromFile, parquetReadObjects } = await import("hyparquet");
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(out) });
    expect(rows.map((row) => [row.attempt, row.step, row.loss, row.tokens, row.nonFinite])).toEqual([
      [1n, 1n, 1, 100n, null],
      [1n, 2n, null, null, "loss"],
      [1n, 3n, 0.125, 2n ** 40n, null],
    ]);
    expect(rows[0]!.ts).toBeInstanceOf(Date);
    expect((rows[0]!.ts as Date).getTime()).toBe(
      Date.parse(JSON.parse(readFileSync(runPlaces.events(dir), "utf8").split("\n")[1]!).ts),
    );
    expect(await exportParquet(dir, out, "evaluations")).toBe(2);
    const results = await parquetReadObjects({ file: await asyncBufferFromFile(out) });
    expect(results.map(({ task, metric, value }) => [task, metric, value])).toEqual([
      ["=a", "x", 1],
      ["=a", "y", 0.25],
    ]);
    await expect(exportParquet(join(workspace, "nowhere"), out)).rejects.toMatchObject({
      code: "run-not-found",
    });
    expect(await parquetReadObjects({ file: await asyncBufferFromFile(out) })).toHaveLength(2);
  });

  it("as TensorBoard events, byte for byte what its own writer writes", async () => {
    const dir = await newRun();
    writeFileSync(
      runPlaces.events(dir),
      text(
        numbered([
          { type: "step-end", step: 1, loss: 0.5 },
          { type: "step-end", step: 300, loss: 0.25 },
          { type: "step-end", step: 2, loss: 0.125 },
        ]),
      ),
    );
    const { file, points } = await exportTensorBoard(dir, join(workspace, "board"));
    expect(points).toBe(3);
    const golden = readFileSync(new URL("../test/goldens/tensorboard.hex", import.meta.url), "utf8").trim();
    expect(readFileSync(file).toString("hex")).toBe(golden);
  });
});
