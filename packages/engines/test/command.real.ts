import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loggedSteps, newFolder, reached, until } from "./emitted.ts";
import { writeSampleWorld } from "./sample-world.mjs";

const cli = fileURLToPath(new URL("../../cli/bin/mede2.mjs", import.meta.url));
const tiny = fileURLToPath(new URL("../../recipes/models/tiny", import.meta.url));
const trainer = fileURLToPath(new URL("fake-trainer.mjs", import.meta.url));
const base = newFolder("command");
const workspace = join(base, "work space");
const environment = join(base, "swift's env");
const all = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

type Reply = { status: string; steps: number };
const run = (...args: string[]) =>
  JSON.parse(
    execFileSync(process.execPath, [cli, ...args, "--json"], { cwd: workspace, encoding: "utf8" })
      .trim()
      .split("\n")
      .at(-1)!,
  ) as Reply & { runs: { id: string; status: string; step: number }[]; outcome: string };
const start = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [cli, "train", ...args, "--engine-dir", environment], {
    cwd: workspace,
    stdio: "ignore",
  });
const gone = (child: ChildProcess) => new Promise<number | null>((done) => child.once("exit", done));

/** A `swift` that reads its configuration as far as the fake trainer needs it. */
const swift = `#!${process.execPath}
const { readFileSync } = require("node:fs");
const text = readFileSync(process.argv[3], "utf8");
const value = (name) => JSON.parse(new RegExp("^" + name + ": (.*)$", "m").exec(text)[1]);
const rest = process.argv.slice(4);
process.argv = [process.argv[0], ${JSON.stringify(trainer)}, "--output_dir", value("output_dir"), "--max_steps", String(value("max_steps")),
  "--save_steps", "5", "--step_ms", "500", "--save_ms", "500", ...rest];
import(${JSON.stringify(trainer)});
`;

describe("mede2 train by a launcher (needs a built workspace)", () => {
  beforeAll(async () => {
    const world = await writeSampleWorld(workspace, tiny, {
      demonstrations: 16,
      pairs: 4,
      heldOut: 2,
      weights: false,
    });
    const plan = world.stage1Plan("ms-swift", {
      settings: { targetModel: "/models/published-tiny" },
      schedule: { name: "constant", learningRate: 1e-3, steps: 40 },
    });
    writeFileSync(join(workspace, "a.plan.json"), JSON.stringify(plan));
    writeFileSync(join(workspace, "target.json"), JSON.stringify({ name: "local", graceSeconds: 15 }));
    mkdirSync(join(environment, "bin"), { recursive: true });
    writeFileSync(join(environment, "package.json"), "{}");
    writeFileSync(join(environment, "bin/swift"), swift);
    chmodSync(join(environment, "bin/swift"), 0o755);
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  it("goes on when the command is killed, and is followed again without a second start", async () => {
    const command = start("a.plan.json", "--target", "target.json", "--out", "runs/a");
    const engine = join(workspace, "runs/a/engine");
    await reached(engine, 6, 200);
    command.kill("SIGKILL");
    await gone(command);
    expect(run("runs", ".").runs).toMatchObject([{ id: "a", status: "lost" }]);
    const before = (await loggedSteps(engine)).steps.length;
    await until("the job to go on", 30, async () => (await loggedSteps(engine)).steps.length > before);
    expect(run("train", "--resume", "a", "--engine-dir", environment)).toMatchObject({
      status: "finished",
      steps: 40,
    });
    expect((await loggedSteps(engine)).steps).toEqual(all(40));
    expect(run("runs", ".").runs).toMatchObject([{ id: "a", status: "finished", step: 40 }]);
  });

  it("is stopped by mede2 control, and resumed", async () => {
    const command = start("a.plan.json", "--launcher", "local", "--out", "runs/b");
    const end = gone(command);
    const engine = join(workspace, "runs/b/engine");
    await reached(engine, 6, 200);
    execFileSync(process.execPath, [cli, "control", "b", "stop"], { cwd: workspace });
    expect(await end).toBe(130);
    expect(run("train", "--resume", "b", "--engine-dir", environment)).toMatchObject({
      status: "finished",
      steps: 40,
    });
    expect((await loggedSteps(engine)).steps).toEqual(all(40));
  });
});
