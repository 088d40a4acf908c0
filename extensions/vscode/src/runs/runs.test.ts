import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appendTrace, createRun, openRunWriter, requestControl, trackRun } from "@mede2/runs";
import type { Plan } from "@mede2/schemas";
import { expect, it } from "vitest";
import { toRunViewSchema } from "../protocol/run-messages.ts";
import { resultRows, settingRows } from "./compare-runs.ts";
import { doctorText } from "./plan-reply.ts";
import { bytesText, duration, figure, runDescription, statusBarText } from "./run-text.ts";
import { curvesOf, eventLine, runView, tracesOf } from "./run-view.ts";

const workspace = mkdtempSync(join(tmpdir(), "mede2-runs-"));
const planWith = (seed: number): Plan => ({
  record: "plan",
  v: 1,
  kind: "evaluate",
  recipe: "custom",
  data: [],
  seed,
  threads: 2,
});

async function made(seed: number, losses: readonly number[]) {
  const { dir } = await createRun({
    workspace,
    plan: planWith(seed),
    code: { version: "0.1.0" },
    data: [],
    id: `run-${seed}`,
  });
  const writer = await openRunWriter(dir);
  writer.append(
    losses.map((loss, index) => ({
      type: "step-end",
      step: index + 1,
      loss,
      learningRate: 1e-4,
      tokens: 100,
      seconds: 0.5,
    })),
  );
  writer.append([
    { type: "evaluation-end", step: 3, task: "ward<script>", metrics: { accuracy: 0.5 } },
    { type: "warning", code: "w", message: "look \u202eout\u0007" },
  ]);
  return { dir, writer };
}

it("draws a live run: figures, curves, controls, and nothing that hides", async () => {
  const { dir, writer } = await made(1, [0.9, 0.8, 0.7]);
  await requestControl(dir, { by: "anna", request: "pause" });
  writer.append([await appendTrace(dir, "traces/samples.trace.jsonl", { id: "x" })]);
  const run = await trackRun(dir).read();
  const view = runView(run, await tracesOf(dir));
  expect(toRunViewSchema.safeParse({ type: "run", view, mayControl: true, why: "" }).success).toBe(true);
  expect(view).toMatchObject({
    status: "running",
    step: 3,
    controls: [{ request: "pause", by: "anna", outcome: "waiting" }],
  });
  expect(view.warnings[0]!.message).toBe("look �out␇");
  expect(view.traces.map(({ file }) => file)).toEqual(["samples.trace.jsonl"]);
  expect(curvesOf(run).find(({ name }) => name === "loss")).toMatchObject({
    step: [1, 2, 3],
    mean: [0.9, 0.8, 0.7],
  });
  expect(curvesOf(run).map(({ title }) => title)).toContain("ward<script> · accuracy");
  expect(runDescription(run)).toMatch(/^running · step 3 · loss 0.7/);
  expect(statusBarText([run])).toMatchObject({ text: "$(pulse) run-1", alarm: false });
  writer.append({ type: "run-finished", summary: { accuracy: 0.5 } });
  writer.close();
  expect(statusBarText([await trackRun(dir).read()])).toBeUndefined();
});

it("compares runs: what differs comes first", async () => {
  const dirs = await Promise.all([made(2, [0.5]), made(3, [0.4])]);
  const runs = await Promise.all(dirs.map(({ dir }) => trackRun(dir).read()));
  const settings = settingRows(runs);
  expect(settings[0]).toEqual({ name: "seed", values: ["2", "3"], differ: true });
  expect(settings.filter(({ differ }) => differ)).toHaveLength(1);
  expect(resultRows(runs).find(({ name }) => name === "loss")).toEqual({
    name: "loss",
    values: ["0.5", "0.4"],
    differ: true,
  });
  for (const { writer } of dirs) writer.close();
});

it("reads any line of a log", () => {
  expect(
    eventLine({
      offset: 3,
      end: 9,
      text: '{"record":"run-event","v":1,"seq":0,"ts":"t","type":"warning","message":"m"}',
    }),
  ).toEqual({
    ...{ offset: 3, time: "t", type: "warning", text: "message m" },
  });
  expect(eventLine({ offset: 0, end: 1, text: "{\u0000" })).toMatchObject({ type: "unreadable", text: "{␀" });
});

it("writes numbers as people read them", () => {
  expect([figure(0.123456), figure(1e-5), figure(12345.6), figure(Number.NaN)]).toEqual([
    "0.1235",
    "1.00e-5",
    "12350",
    "not finite",
  ]);
  expect([bytesText(0), bytesText(999), bytesText(1500), bytesText(2.5e9)]).toEqual([
    "0 B",
    "999 B",
    "1.5 kB",
    "2.5 GB",
  ]);
  expect([duration(59), duration(61), duration(3700)]).toEqual(["59 s", "1 min 1 s", "1 h 1 min"]);
});

it("says what a machine can do, a line each", () => {
  const text = doctorText(
    {
      devices: [
        { name: "cpu", usable: true, reason: "" },
        { name: "cuda", usable: false, reason: "no driver\nfound" },
      ],
      machine: {
        node: "v24",
        platform: "linux-x64",
        cpu: "X",
        cores: 2,
        memoryBytes: 8e9,
        freeMemoryBytes: 5e9,
      },
      code: { version: "0.1.0" },
      baseModel: { usable: false, path: "" },
    },
    "the workspace",
  );
  expect(text.split("\n").map((line) => line.trim())).toEqual([
    "What this machine can do",
    "cpu: usable",
    "cuda: not usable, no driver found",
    "mede2 0.1.0, from the workspace",
    "this build comes without its base model",
    "X, 2 cores, 5.0 GB free of 8.0 GB",
    "Node v24 on linux-x64",
  ]);
});
