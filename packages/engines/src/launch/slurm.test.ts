import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { fakeRun, newFolder } from "../../test/emitted.ts";
import { fakePrograms } from "../../test/fake-programs.ts";
import type { JobHandle } from "./launcher.ts";
import { slurmLauncher } from "./slurm.ts";
import { slurmSeconds } from "./slurm-script.ts";

const base = newFolder("slurm");
const slurm = fakePrograms(join(base, "bin"), ["sbatch", "squeue", "scontrol", "scancel", "sacct"]);
const launcher = slurmLauncher();
const target = { name: "slurm", time: "24:00:00" } as const;
let runs = 0;
const fresh = (changes = {}) => {
  runs += 1;
  return fakeRun(join(base, `a run ${runs}`), {}, { name: "stage1", ...changes });
};
const handle = (dir: string, id = "42"): JobHandle => ({
  ...{ launcher: "slurm", id, submittedAt: "2026-01-01T00:00:00.000Z", host: "login" },
  ...{ dir, targetDir: dir, detail: {} },
});
const unknown = { code: 1, stderr: "slurm_load_jobs error: Invalid job id specified\n" };

beforeEach(() => {
  for (const name of ["sbatch", "squeue", "scontrol", "scancel", "sacct"]) slurm.answer(name, {});
  slurm.answer("sbatch", { stdout: "42\n" });
});
afterAll(() => {
  slurm.restore();
  rmSync(base, { recursive: true, force: true });
});

describe("a job for Slurm", () => {
  it("is submitted from its folder by a script that holds no path", async () => {
    const run = fresh({ processes: { nodes: 2, perNode: 8 } });
    const job = await launcher.submit(run, {
      ...target,
      ...{ partition: "gpu", gpusPerNode: 8, cpusPerTask: 64, memory: "200G", constraint: "a100|h100" },
    });
    expect(job.id).toBe("42");
    expect(slurm.calls("sbatch").at(-1)).toEqual(["sbatch", "--parsable", "launch/job.sbatch"]);
    expect(readFileSync(join(run.dir, "launch/job.sbatch"), "utf8")).toBe(`#!/bin/bash
# Submit it from the folder that holds "launch": sbatch launch/job.sbatch
#SBATCH --job-name=stage1
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --time=24:00:00
#SBATCH --output=launch/job.log
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@300
#SBATCH --gpus-per-node=8
#SBATCH --cpus-per-task=64
#SBATCH --mem=200G
#SBATCH --partition=gpu
#SBATCH --constraint=a100|h100
#SBATCH --requeue
exec bash launch/job.sh batch
`);
    expect(readFileSync(join(run.dir, "launch/settings"), "utf8")).toBe(
      "checkpoints=output\nmark=trainer_state.json\nnodes=2\nper-node=8\ngrace=120\nrequeue=yes\n",
    );
  });

  it("is attached to when one of its name waits or runs in its folder, and in no other", async () => {
    const run = fresh();
    slurm.answer("squeue", { stdout: `7|${base}/another run\n9|${run.dir}\n` });
    expect((await launcher.submit(run, target)).id).toBe("9");
    slurm.answer("squeue", { stdout: `7|${base}/another run\n` });
    expect((await launcher.submit(run, target)).id).toBe("42");
  });

  it("takes the number of a job in a federation", async () => {
    slurm.answer("sbatch", { stdout: "43;cluster2\n" });
    expect((await launcher.submit(fresh(), target)).id).toBe("43");
  });

  it("is not submitted where the queue does not answer: it might be there already", async () => {
    slurm.answer("squeue", { code: 1, stderr: "slurm_load_jobs error: Unable to contact slurm controller" });
    const before = slurm.calls("sbatch").length;
    await expect(launcher.submit(fresh(), target)).rejects.toMatchObject({ code: "slurm-unreachable" });
    expect(slurm.calls("sbatch")).toHaveLength(before);
  });

  it("says what sbatch said", async () => {
    slurm.answer("sbatch", { code: 1, stderr: "sbatch: error: invalid partition specified: gpux\n" });
    await expect(launcher.submit(fresh(), target)).rejects.toMatchObject({
      code: "submit-failed",
      message: "sbatch refused the job: sbatch: error: invalid partition specified: gpux",
    });
  });

  it.each([
    [{ partition: "gpu\n#SBATCH --uid=0" }, "launcher.partition"],
    [{ time: "1 day" }, "launcher.time"],
    [{ time: undefined }, "launcher.time is missing"],
    [{ gpusPerNode: 0 }, "launcher.gpusPerNode"],
    [{ tasks: 3 }, 'has no setting "tasks"'],
    [{ account: "a b" }, "launcher.account"],
    [{ setup: "relative.sh" }, "launcher.setup"],
  ])("refuses %j", async (wrong, said) => {
    const bad = { ...target, ...wrong } as never;
    const findings = await launcher.check(bad);
    expect(findings.map(({ message }) => message).join()).toContain(said);
    await expect(launcher.submit(fresh(), bad)).rejects.toMatchObject({ code: "launcher" });
  });

  it("refuses a time that ends before the warning can be heeded, and a name that a script could misread", async () => {
    await expect(launcher.submit(fresh(), { ...target, time: "6" })).rejects.toThrow("back into the queue");
    await expect(launcher.submit(fresh({ name: "a\n#SBATCH -p x" }), target)).rejects.toThrow(
      "name of a job",
    );
  });

  it("reads times as sbatch does", () => {
    const times = {
      "90": 5400,
      "2:30": 150,
      "1:00:00": 3600,
      "1-0": 86400,
      "1-2:30": 95400,
      "2-00:00:01": 172801,
    };
    for (const [text, seconds] of Object.entries(times)) expect(slurmSeconds(text)).toBe(seconds);
  });
});

describe("the status of a job", () => {
  it.each([
    ["PENDING|Resources", "queued", "Resources"],
    ["REQUEUE_HOLD|JobHeldAdmin", "queued", "JobHeldAdmin"],
    ["RUNNING|None", "running", undefined],
    ["COMPLETING|None", "running", undefined],
    ["SUSPENDED|None", "running", undefined],
    ["TIMEOUT|TimeLimit", "failed", "TIMEOUT: its time was up before"],
    ["OUT_OF_MEMORY|OutOfMemory", "failed", "OUT_OF_MEMORY: out of memory on its node"],
    ["NODE_FAIL|NodeDown", "failed", "NODE_FAIL: its node failed"],
    ["PREEMPTED|None", "failed", "PREEMPTED: another job took its place"],
    ["CANCELLED|None", "stopped", "cancelled before it could save"],
    ["FAILED|NonZeroExitCode", "failed", "FAILED: it failed before its supervisor could say why"],
  ])("%s is %s", async (said, state, reason) => {
    slurm.answer("squeue", { stdout: `${said}\n` });
    const status = await launcher.status(handle(fresh().dir));
    expect(status.state).toBe(state);
    if (reason === undefined) expect(status.reason).toBeUndefined();
    else expect(status.reason).toContain(reason);
  });

  it("is what the job itself said, where Slurm says COMPLETED or nothing", async () => {
    const { dir } = fresh();
    await launcher.submit(fakeRun(dir, {}, { name: "x" }), target);
    const end = (words: object) =>
      writeFileSync(
        join(dir, "launch/exit.json"),
        JSON.stringify({ from: -1, step: 7, job: "42", rc: 0, asked: "", ...words }),
      );
    slurm.answer("squeue", { stdout: "COMPLETED|None\n" });
    end({ asked: "stop" });
    expect(await launcher.status(handle(dir))).toEqual({
      ...{ state: "stopped", exitCode: 0, reason: "stopped as asked; the newest checkpoint is of step 7" },
    });
    slurm.answer("squeue", unknown);
    slurm.answer("scontrol", unknown);
    end({ rc: 137 });
    expect((await launcher.status(handle(dir))).reason).toMatch(/^killed by SIGKILL/);
    end({ rc: 0, asked: "time" });
    expect((await launcher.status(handle(dir))).reason).toBe(
      "its time was up; the newest checkpoint is of step 7",
    );
    end({ rc: 1, asked: "no-progress" });
    expect((await launcher.status(handle(dir))).reason).toContain("round in a circle");
    // an earlier job's word is not this one's
    expect((await launcher.status(handle(dir, "43"))).state).toBe("lost");
  });

  it("asks the controller and the accounts when the queue forgot", async () => {
    const { dir } = fresh();
    slurm.answer("squeue", unknown);
    slurm.answer("scontrol", {
      stdout: "JobId=42 JobName=x JobState=NODE_FAIL Reason=NodeDown Dependency=\n",
    });
    expect((await launcher.status(handle(dir))).reason).toBe("NODE_FAIL: its node failed");
    slurm.answer("scontrol", unknown);
    slurm.answer("sacct", { stdout: "CANCELLED by 1000\n" });
    expect((await launcher.status(handle(dir))).state).toBe("stopped");
    slurm.answer("sacct", { code: 1, stderr: "Slurm accounting storage is disabled" });
    expect(await launcher.status(handle(dir))).toMatchObject({ state: "lost" });
  });

  it.each([
    "Unable to contact slurm controller (connect failure)",
    "Socket timed out on send/recv operation",
  ])("is unknown, not lost, when Slurm says: %s", async (stderr) => {
    const { dir } = fresh();
    slurm.answer("squeue", { code: 1, stderr });
    await expect(launcher.status(handle(dir))).rejects.toMatchObject({ code: "slurm-unreachable" });
    slurm.answer("squeue", unknown);
    slurm.answer("scontrol", { code: 1, stderr });
    await expect(launcher.status(handle(dir))).rejects.toMatchObject({ code: "slurm-unreachable" });
  });
});

describe("a stop", () => {
  it("signals the batch shell of a job that runs, takes back one that waits, and leaves one that ended", async () => {
    const run = fresh();
    await launcher.submit(run, target);
    slurm.answer("squeue", { stdout: "RUNNING|None\n" });
    await launcher.stop(handle(run.dir));
    expect(slurm.calls("scancel").at(-1)).toEqual(["scancel", "--batch", "--signal=USR2", "42"]);
    slurm.answer("squeue", { stdout: "PENDING|Priority\n" });
    await launcher.stop(handle(run.dir));
    expect(slurm.calls("scancel").at(-1)).toEqual(["scancel", "42"]);
    const before = slurm.calls("scancel").length;
    slurm.answer("squeue", { stdout: "TIMEOUT|None\n" });
    await launcher.stop(handle(run.dir));
    expect(slurm.calls("scancel")).toHaveLength(before);
  });

  it("says what scancel said", async () => {
    const run = fresh();
    await launcher.submit(run, target);
    slurm.answer("squeue", { stdout: "RUNNING|None\n" });
    slurm.answer("scancel", {
      code: 1,
      stderr: "scancel: error: Kill job error on job id 42: Access/permission denied",
    });
    await expect(launcher.stop(handle(run.dir))).rejects.toMatchObject({ code: "stop-failed" });
  });
});

it("names the programs that are missing", async () => {
  const path = process.env.PATH;
  process.env.PATH = "/nowhere";
  const findings = await launcher.check(target);
  process.env.PATH = path;
  expect(findings.map(({ message }) => message)).toEqual(
    ["sbatch", "squeue", "scontrol", "scancel"].map((name) => `${name} is not on the PATH of this machine`),
  );
});
