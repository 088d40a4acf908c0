import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRun, openRunWriter, runPlaces } from "@mede2/runs";
import type { Plan } from "@mede2/schemas";
import { describe, expect, it } from "vitest";
import { mede2, testFolder } from "../test/run-cli.ts";
import { launcherOf } from "./launcher.ts";

const folder = await testFolder();
const plan: Plan = {
  ...{ record: "plan", v: 1, kind: "evaluate", recipe: "custom" },
  ...{ data: [], seed: 1, threads: 1 },
};

async function makeRun(id: string, end?: "run-finished" | "run-stopped" | "run-failed"): Promise<string> {
  const { dir } = await createRun({ workspace: folder, id, plan, code: { version: "0.1.0" }, data: [] });
  const writer = await openRunWriter(dir);
  writer.append([
    { type: "step-end", step: 1, loss: 0.5, learningRate: 1e-4 },
    { type: "step-end", step: 2, loss: 0.25, learningRate: 1e-4 },
    { type: "evaluation-end", step: 2, task: "dev", metrics: { accuracy: 0.5 } },
  ]);
  if (end === "run-finished") writer.append({ type: "run-finished", summary: {} });
  if (end === "run-stopped") writer.append({ type: "run-stopped" });
  if (end === "run-failed")
    writer.append({ type: "run-failed", code: "x", message: "it broke", next: "mend it" });
  writer.close();
  return dir;
}

describe("watch without a terminal", () => {
  it.each([
    ["run-finished", 0],
    ["run-failed", 1],
    ["run-stopped", 130],
  ] as const)("ends as the run ends: %s", async (end, code) => {
    const dir = await makeRun(`ended-${end}`, end);
    const ran = await mede2(["watch", dir]);
    expect(ran.code).toBe(code);
    expect(ran.out).toMatch(new RegExp(`ended-${end} ${end.slice(4)}, step 2, loss 0.25`));
  });

  it("follows until the end, one object a line with --json", async () => {
    const dir = await makeRun("followed");
    const watching = mede2(["watch", dir, "--json"]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const [seq, ts] = [99, new Date().toISOString()];
    appendFileSync(
      runPlaces.events(dir),
      `${JSON.stringify({ record: "run-event", v: 1, seq, ts, type: "run-finished", summary: {} })}\n`,
    );
    const ran = await watching;
    expect(ran.code).toBe(0);
    const objects = ran.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { runs: { status: string; step: number }[] });
    expect(objects.at(-1)!.runs[0]).toMatchObject({
      id: "followed",
      status: "finished",
      step: 2,
      alarms: [],
    });
  });

  it("checks once", async () => {
    const dir = await makeRun("checked", "run-failed");
    expect((await mede2(["watch", dir, "--once"])).code).toBe(0);
    expect((await mede2(["watch", dir, "--once", "--check"])).code).toBe(1);
    const { code, err } = await mede2(["watch", dir, "--check"]);
    expect([code, err]).toEqual([2, expect.stringContaining("--once")]);
  });

  it("watches a training of another program", async () => {
    const dir = join(folder, "swift");
    mkdirSync(dir);
    writeFileSync(
      join(dir, "logging.jsonl"),
      '{"loss": 1.5, "grad_norm": NaN, "global_step/max_steps": "1/2"}\n{"train_runtime": 1, "global_step/max_steps": "2/2"}\n',
    );
    const ran = await mede2(["watch", dir, "--once", "--json"]);
    expect(ran.json<{ runs: object[] }>().runs[0]).toMatchObject({
      id: "swift",
      kind: "sft",
      status: "finished",
      steps: 2,
      loss: 1.5,
    });
  });
});

describe("runs export", () => {
  it("writes CSV and TensorBoard events", async () => {
    const dir = await makeRun("exported", "run-finished");
    const csv = join(folder, "steps.csv");
    expect((await mede2(["runs", "export", dir, "--out", csv, "--json"])).json()).toEqual({
      path: csv,
      written: 2,
    });
    expect(readFileSync(csv, "utf8")).toMatch(/^attempt,step,ts,/);
    const board = await mede2([
      "runs",
      "export",
      dir,
      "--format",
      "tensorboard",
      "--out",
      join(folder, "board"),
      "--json",
    ]);
    const { path, written } = board.json<{ path: string; written: number }>();
    expect(written).toBe(5);
    expect(existsSync(path)).toBe(true);
    expect((await mede2(["runs", "export", "nowhere", "--out", csv])).code).toBe(2);
  });
});

describe("launching", () => {
  it("offers plans, what can be resumed, and the demo; says why something cannot start", async () => {
    const workspace = join(folder, "launch");
    mkdirSync(join(workspace, "plans"), { recursive: true });
    writeFileSync(join(workspace, "plans", "eval.plan.json"), JSON.stringify(plan));
    writeFileSync(join(workspace, "bad; touch pwned.plan.json"), "{");
    const choices = await launcherOf({}).choices(workspace);
    expect(choices.map(({ title }) => title)).toEqual([
      "bad; touch pwned.plan.json",
      "plans/eval.plan.json",
      "the demo, quick",
    ]);
    expect(choices[1]!.problem).toContain("does not train");
  });

  it("tells at once when what was started ends at once", async () => {
    const workspace = join(folder, "launch2");
    mkdirSync(workspace);
    cpSync(join(folder, "launch", "plans", "eval.plan.json"), join(workspace, "a.plan.json"));
    await expect(launcherOf(process.env, 100_000).start(workspace, "plan:a.plan.json")).rejects.toThrow(
      /mede2:.*\.mede2\/launched/,
    );
    await expect(launcherOf({}).start(workspace, "plan:gone")).rejects.toThrow("not there any more");
  });
});
