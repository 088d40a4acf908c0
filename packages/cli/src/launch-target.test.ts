import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TrainingPlan } from "@mede2/schemas";
import { beforeAll, describe, expect, it } from "vitest";
import { mede2, testFolder } from "../test/run-cli.ts";
import { launchedBy } from "./launch-target.ts";

let cwd: string;
const pathOf = (path: string) => join(cwd, path);
const plan = (launcher?: TrainingPlan["launcher"]) =>
  ({ kind: "sft", engine: "ms-swift", ...(launcher === undefined ? {} : { launcher }) }) as TrainingPlan;
const settings = { time: "24:00:00", nodes: 2 };

beforeAll(async () => {
  cwd = await testFolder();
  await writeFile(pathOf("cluster.json"), JSON.stringify({ name: "slurm", ...settings }));
  await writeFile(pathOf("nameless.json"), JSON.stringify(settings));
  await writeFile(pathOf("broken.json"), "[1");
});

describe("the launcher of the command line", () => {
  it("comes from the file, from the name, or from both", async () => {
    const own = plan(Object.assign({ name: "slurm" } as const, { partition: "gpu" }));
    expect(await launchedBy(own, {}, pathOf)).toBe(own);
    const whole = { name: "slurm", ...settings };
    expect((await launchedBy(own, { target: "cluster.json" }, pathOf)).launcher).toEqual(whole);
    const both = { launcher: "slurm", target: "nameless.json" };
    expect((await launchedBy(plan(), both, pathOf)).launcher).toEqual(whole);
    expect((await launchedBy(own, { launcher: "local" }, pathOf)).launcher).toEqual({ name: "local" });
    expect((await launchedBy(own, { launcher: "slurm" }, pathOf)).launcher).toEqual(own.launcher);
  });

  it.each([
    [{ launcher: "pbs" }, 'there is no launcher "pbs"'],
    [{ target: "nameless.json" }, "nameless.json: it does not name a launcher"],
    [{ launcher: "ray", target: "cluster.json" }, "cluster.json is for the launcher slurm, not ray"],
    [{ target: "broken.json" }, "broken.json is no JSON object"],
  ])("refuses %j", async (options, message) => {
    await expect(launchedBy(plan(), options, pathOf)).rejects.toMatchObject({
      code: "launcher",
      message,
      exit: 2,
    });
  });

  it("is not changed by a resume", async () => {
    const said = await mede2(["train", "--resume", "x", "--launcher", "local"], { cwd });
    expect(said.code).toBe(2);
    expect(said.err).toContain("by its own launcher");
  });
});
