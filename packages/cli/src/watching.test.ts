import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRun, openRunWriter, runPlaces } from "@mede2/runs";
import type { Plan } from "@mede2/schemas";
import { describe, expect, it } from "vitest";
import { mede2, testFolder } from "../test/run-cli.ts";
import { randomModel, writeTrainingPlan } from "../test/tiny-world.ts";
import { planArguments } from "./launch-recipes.ts";
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
    expect(ran.out).toMatch(new RegExp(`ended-${end} ${end.slice(4)}, step 2(?: of 2)?, loss 0.25`));
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
    const replayed = await mede2(["watch", dir, "--replay"]);
    expect([replayed.code, replayed.err]).toEqual([2, expect.stringContaining("on a terminal")]);
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
    const all = await launcherOf({}).choices(workspace);
    const choices = all.filter(({ id }) => !id.startsWith("recipe:"));
    expect(choices.map(({ title }) => title)).toEqual([
      "bad; touch pwned.plan.json",
      "plans/eval.plan.json",
      "the demo, quick",
    ]);
    expect(choices[1]!.problem).toContain("does not train");
    expect(all[0]).toMatchObject({
      title: "demo-stage1",
      problem: expect.stringContaining("no *.demonstrations"),
    });
  });

  it("makes a plan of a recipe from a form, checks it in a process of its own, and starts it", async () => {
    const workspace = join(folder, "launch3");
    await randomModel(join(workspace, "model"));
    await writeTrainingPlan(workspace, "unused.json", 1);
    // in place of the command: says what it was asked, and answers as the command does
    const fake = join(folder, "fake.mjs");
    writeFileSync(
      fake,
      `import { appendFileSync, writeFileSync } from "node:fs";
       const argv = process.argv.slice(2);
       appendFileSync(${JSON.stringify(join(folder, "asked.jsonl"))}, JSON.stringify(argv) + "\\n");
       if (argv[0] === "doctor") console.log(JSON.stringify({ baseModel: { usable: true, path: "/shipped" } }));
       if (argv[0] === "plan" && argv.includes("7")) { console.error("mede2: no such thing"); process.exit(2); }
       if (argv[0] === "plan") {
         writeFileSync(argv[argv.indexOf("--out") + 1], "{}");
         const estimate = { steps: 2, seconds: 61, memoryBytes: 3e8, diskBytes: 2e6 };
         console.log(JSON.stringify({ valid: true, findings: [], estimate }));
       }`,
    );
    const launcher = launcherOf(process.env, { graceMilliseconds: 60_000, program: [fake] });
    const recipe = (await launcher.choices(workspace)).find(({ id }) => id === "recipe:demo-stage1")!;
    const [model, data, steps] = recipe.fields!;
    expect(model!.options.map(({ value }) => value)).toEqual([join(workspace, "model"), "/shipped"]);
    expect(data!.options.map(({ label }) => label)).toEqual(["data/stage1.demonstrations.jsonl"]);
    expect([steps!.typed!.check("0"), steps!.typed!.check("12")]).toEqual([
      expect.stringContaining("above 0"),
      undefined,
    ]);
    const values = { model: model!.options[0]!.value, data: data!.options[0]!.value, steps: "2" };
    const made = await launcher.prepare(workspace, recipe.id, values);
    expect(made.estimate).toBe("2 steps, about 1 min 1 s, 300.0 MB of memory, 2.0 MB on disk");
    await expect(launcher.prepare(workspace, recipe.id, { ...values, steps: "7" })).rejects.toThrow(
      "no such thing",
    );
    await expect(launcher.start(workspace, "made:../../x.plan.json")).rejects.toThrow("not there any more");
    await launcher.start(workspace, made.id!);
    const asked = readFileSync(join(folder, "asked.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as string[]);
    expect(asked.at(-1)).toEqual([
      "train",
      expect.stringMatching(/^\.mede2\/launched\/.*-demo-stage1\.plan\.json$/),
    ]);
    // and what it was asked is what the command understands
    const out = join(workspace, "real.plan.json");
    const plan = await mede2([
      ...planArguments("demo-stage1", values, out),
      "--no-time",
      "--workspace",
      workspace,
    ]);
    expect(plan.json<{ valid: boolean }>().valid).toBe(true);
    const { schedule } = JSON.parse(readFileSync(out, "utf8")) as {
      schedule: { steps: number; epochs?: number };
    };
    expect([schedule.steps, schedule.epochs]).toEqual([2, undefined]);
  });

  it.skipIf(process.platform !== "linux")(
    "starts it in a session of its own: Ctrl-C and a hangup of the terminal do not reach it",
    async () => {
      const workspace = join(folder, "launch4");
      mkdirSync(workspace);
      cpSync(join(folder, "launch", "plans", "eval.plan.json"), join(workspace, "a.plan.json"));
      const program = join(folder, "session.mjs");
      // proc(5): process group and session are the third and fourth field behind the name
      writeFileSync(
        program,
        `import { readFileSync, writeFileSync } from "node:fs";
       if (process.argv[2] === "train")
         writeFileSync(${JSON.stringify(join(folder, "session.json"))}, JSON.stringify({
           pid: process.pid, stat: readFileSync("/proc/self/stat", "utf8").split(") ")[1].split(" ").slice(2, 4).map(Number) }));`,
      );
      await launcherOf(process.env, { graceMilliseconds: 60_000, program: [program] }).start(
        workspace,
        "plan:a.plan.json",
      );
      const { pid, stat } = JSON.parse(readFileSync(join(folder, "session.json"), "utf8")) as {
        pid: number;
        stat: number[];
      };
      expect(stat).toEqual([pid, pid]);
    },
  );

  it("tells at once when what was started ends at once", async () => {
    const workspace = join(folder, "launch2");
    mkdirSync(workspace);
    cpSync(join(folder, "launch", "plans", "eval.plan.json"), join(workspace, "a.plan.json"));
    await expect(
      launcherOf(process.env, { graceMilliseconds: 100_000 }).start(workspace, "plan:a.plan.json"),
    ).rejects.toThrow(/mede2:.*\.mede2\/launched/);
    await expect(launcherOf({}).start(workspace, "plan:gone")).rejects.toThrow("not there any more");
  });
});
