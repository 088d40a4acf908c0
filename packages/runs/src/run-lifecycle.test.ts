import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunEventBody } from "@mede2/schemas";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakeHost, settingsOf } from "../test/fake-run.ts";
import {
  createRun,
  listRuns,
  openRunWriter,
  readControls,
  readRun,
  requestControl,
  runPlaces,
} from "./index.ts";

let workspace: string;
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), "mede2-runs-"));
});
afterEach(() => rmSync(workspace, { recursive: true }));

const step = (number: number, loss = 1): RunEventBody => ({
  type: "step-end",
  step: number,
  loss,
  learningRate: 1e-4,
  tokens: 10,
});

describe("a run", () => {
  it("is queued, running, finished", async () => {
    const host = fakeHost();
    const { dir, id } = await createRun(settingsOf(workspace), host);
    expect((await readRun(dir, host)).status).toBe("queued");
    const writer = await openRunWriter(dir, {}, host);
    writer.append([{ type: "progress", done: 0, total: 40, unit: "steps" }, step(1, 2), step(2, 1.5)]);
    const view = await readRun(dir, host);
    expect(view).toMatchObject({
      status: "running",
      state: { attempt: 1, step: 2, steps: 40, losses: { first: 2, last: 1.5, lowest: 1.5 } },
    });
    writer.append({ type: "run-finished", summary: { steps: 2 } });
    writer.close();
    host.dead.add(host.pid);
    expect(await listRuns(workspace, host)).toMatchObject([
      {
        readable: true,
        id,
        kind: "preference",
        recipe: "ward-stage2",
        status: "finished",
        step: 2,
        steps: 40,
        loss: 1.5,
        alarms: [],
      },
    ]);
  });

  it("writes run.json once", async () => {
    const host = fakeHost();
    const settings = { ...settingsOf(workspace), id: "a" };
    await createRun(settings, host);
    await expect(createRun(settings, host)).rejects.toMatchObject({ code: "run-exists" });
    const bad = { ...settings, id: "b", data: [{ path: "", sha256: "x", count: 1 }] };
    await expect(createRun(bad, host)).rejects.toThrow(
      /run\.json: data\.0\.path: expected a text that is not empty, got ""/,
    );
    expect((await listRuns(workspace, host)).map((run) => run.id)).toEqual(["a"]);
  });

  it("makes ids that sort by time", async () => {
    const host = fakeHost();
    const first = await createRun(settingsOf(workspace), host);
    host.pass(1);
    const second = await createRun(settingsOf(workspace), host);
    expect(first.id).toMatch(/^20260131T120000000Z-[0-9a-z]{6}$/);
    expect(first.id < second.id).toBe(true);
  });

  it("is lost when its process dies, and goes on in a new attempt after a torn line", async () => {
    const host = fakeHost();
    const { dir } = await createRun(settingsOf(workspace), host);
    const killed = await openRunWriter(dir, {}, host);
    killed.append([step(1), step(2), step(3)]);
    killed.close();
    appendFileSync(runPlaces.events(dir), '{"record":"run-event","v":1,"seq":4,"ts":"2026');
    host.dead.add(host.pid);
    expect((await readRun(dir, host)).status).toBe("lost");

    const next = { ...host, pid: 43 };
    const writer = await openRunWriter(dir, { fromCheckpoint: "checkpoints/step-1" }, next);
    expect(writer.attempt).toBe(2);
    writer.append(step(2, 0.5));
    const { state, status, bad } = await readRun(dir, next);
    expect({ status, bad, attempt: state.attempt, step: state.step, missing: state.missing }).toEqual({
      status: "running",
      bad: [],
      attempt: 2,
      step: 2,
      missing: 0,
    });
    expect(state.curve.points).toEqual([
      { step: 1, loss: 1 },
      { step: 2, loss: 0.5 },
    ]);
    writer.close();
  });

  it("has one writer at a time", async () => {
    const host = fakeHost();
    const { dir } = await createRun(settingsOf(workspace), host);
    const writer = await openRunWriter(dir, {}, host);
    await expect(openRunWriter(dir, {}, { ...host, pid: 43 })).rejects.toMatchObject({
      code: "run-in-progress",
    });
    await expect(openRunWriter(workspace, {}, host)).rejects.toMatchObject({ code: "run-not-found" });
    writer.append({ type: "run-stopped" });
    writer.close();
    expect(() => writer.append(step(1))).toThrow(expect.objectContaining({ code: "run-closed" }));
    (await openRunWriter(dir, {}, { ...host, pid: 43 })).close(); // the process lives on, the run has ended
  });

  it("counts seq from 0 in each attempt and lists numbers that are not finite", async () => {
    const host = fakeHost();
    const { dir } = await createRun(settingsOf(workspace), host);
    const writer = await openRunWriter(dir, {}, host);
    writer.append({
      ...step(1, Number.NaN),
      rewards: { chosen: 1, margin: Number.POSITIVE_INFINITY },
    } as RunEventBody);
    writer.close();
    (await openRunWriter(dir, {}, host)).close();
    const lines = readFileSync(runPlaces.events(dir), "utf8").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).seq)).toEqual([0, 1, 0]);
    expect(JSON.parse(lines[1] ?? "")).toMatchObject({
      rewards: { chosen: 1 },
      nonFinite: ["loss", "rewards.margin"],
    });
    expect((await readRun(dir, host)).bad).toEqual([]);
  });
});

describe("control", () => {
  it("hands each request to the engine once, in order, and shows the answer", async () => {
    const host = fakeHost();
    const { dir } = await createRun(settingsOf(workspace), host);
    const early = await requestControl(dir, { by: "anna", request: "pause" }, host);
    const writer = await openRunWriter(dir, {}, host);
    host.pass(5);
    await requestControl(dir, { by: "anna", request: "learning-rate", args: { learningRate: 1e-5 } }, host);
    const requests = await writer.controls();
    expect(requests.map(({ request, by }) => `${by} ${request}`)).toEqual([
      "anna pause",
      "anna learning-rate",
    ]);
    expect(await writer.controls()).toEqual([]);
    writer.acknowledge(early, "done");
    writer.append({ type: "run-paused" });
    const { state, status } = await readRun(dir, host);
    expect(status).toBe("paused");
    expect(state.controls).toMatchObject([{ id: early.id, request: "pause", outcome: "done" }]);
    writer.close();
  });

  it("refuses in a later attempt what was asked of an earlier one, but keeps a learning rate", async () => {
    const host = fakeHost();
    const { dir } = await createRun(settingsOf(workspace), host);
    const first = await openRunWriter(dir, {}, host);
    const done = await requestControl(
      dir,
      { by: "a", request: "learning-rate", args: { learningRate: 1e-6 } },
      host,
    );
    first.acknowledge(done, "done");
    first.close();
    const stop = await requestControl(dir, { by: "a", request: "stop" }, host);
    const rate = await requestControl(
      dir,
      { by: "a", request: "learning-rate", args: { learningRate: 1e-5 } },
      host,
    );
    const second = await openRunWriter(dir, {}, host);
    expect((await second.controls()).map((request) => request.id)).toEqual([rate.id]);
    expect(second.doneBefore).toEqual(new Set([done.id]));
    expect((await readRun(dir, host)).state.controls.at(-1)).toMatchObject({
      id: stop.id,
      outcome: "refused",
      reason: "asked before attempt 2 began",
    });
    second.close();
    expect((await readControls(dir)).requests).toHaveLength(3);
  });

  it("warns of files that are no requests and refuses to write one", async () => {
    const host = fakeHost();
    const { dir } = await createRun(settingsOf(workspace), host);
    const writer = await openRunWriter(dir, {}, host);
    writeFileSync(join(runPlaces.control(dir), "x.json"), '{"request":"explode"}');
    expect(await writer.controls()).toEqual([]);
    expect((await readRun(dir, host)).state.warnings).toMatchObject([{ code: "bad-control-request" }]);
    await expect(
      requestControl(dir, { by: "a", request: "learning-rate", args: { learningRate: -1 } }, host),
    ).rejects.toThrow("args.learningRate: expected a learning rate above 0, got -1");
    writer.close();
  });
});

it("lists a folder that cannot be read with the reason", async () => {
  const host = fakeHost();
  const { dir } = await createRun({ ...settingsOf(workspace), id: "broken" }, host);
  writeFileSync(runPlaces.manifest(dir), "{");
  expect(await listRuns(workspace, host)).toMatchObject([{ readable: false, id: "broken" }]);
  expect(await listRuns(join(workspace, "nowhere"), host)).toEqual([]);
});
