import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { slurmLauncher } from "../src/launch/slurm.ts";
import { ended, fakeRun, loggedSteps, newFolder, reached, until } from "./emitted.ts";

const script = fileURLToPath(new URL("../../../scripts/slurm-env.sh", import.meta.url));
const lacking = spawnSync("bash", [script, "can"], { encoding: "utf8" }).stdout.trim();
const base = newFolder("slurm");
const launcher = slurmLauncher();
const target = { name: "slurm", time: "30", graceSeconds: 15 } as const;
const all = (count: number) => Array.from({ length: count }, (_, at) => at + 1);
const attempts = (dir: string) => readFileSync(join(dir, "launch/attempts.jsonl"), "utf8");
const signal = (id: string, name: string) => execFileSync("scancel", ["--batch", `--signal=${name}`, id]);
let runs = 0;
const place = (name = "run") => {
  runs += 1;
  return join(base, `${name} ${runs}`);
};
/** Runs of one name and one folder are one job. */
const fresh = (options: Record<string, string | number>, changes = {}) =>
  fakeRun(place(), options, { name: `fake-${runs}`, ...changes });

describe.skipIf(lacking !== "")(`a real Slurm${lacking === "" ? "" : ` (${lacking})`}`, () => {
  beforeAll(() => {
    const said = execFileSync("bash", [script, "up", join(base, "slurm")], { encoding: "utf8" });
    process.env.SLURM_CONF = said.trim().split("\n").at(-1)!.replace("SLURM_CONF=", "");
  });
  afterAll(() => {
    spawnSync("scancel", ["--user=root"]);
    spawnSync("bash", [script, "down", join(base, "slurm")]);
    rmSync(base, { recursive: true, force: true });
  });

  it("is seen to be there", async () => {
    expect(await launcher.check(target)).toEqual([]);
  });

  it("takes a job from a folder with a hostile name, and the queue forgets it but not we", async () => {
    const run = fakeRun(place("sp ace 'q' \"d\" #1 $(touch pwned) ü"), { step_ms: 20 });
    const job = await launcher.submit(run, target);
    expect(await ended(launcher, job)).toEqual({ state: "succeeded", exitCode: 0 });
    expect((await loggedSteps(run.dir)).steps).toEqual(all(12));
    expect((await launcher.logs(job, 0)).text).toContain("training from step 0 of 12, world size 1, node 0");
    await until(
      "the queue to forget",
      120,
      async () => spawnSync("squeue", ["--jobs", job.id], { encoding: "utf8" }).status === 1,
    );
    expect(await launcher.status(job)).toEqual({ state: "succeeded", exitCode: 0 });
  });

  it("attaches to a job that is there already", async () => {
    const run = fresh({ step_ms: 50, max_steps: 60 });
    const job = await launcher.submit(run, target);
    expect((await launcher.submit(run, target)).id).toBe(job.id);
    await reached(run.dir, 1);
    expect((await slurmLauncher().submit(run, target)).id).toBe(job.id);
    expect((await ended(launcher, job)).state).toBe("succeeded");
    expect((await loggedSteps(run.dir)).steps).toEqual(all(60));
  });

  it("saves and ends when it is stopped, does not go back into the queue, and is resumed", async () => {
    const run = fresh({ step_ms: 40, max_steps: 60, save_steps: 1000, save_ms: 3000, parent: "true" });
    const job = await launcher.submit(run, target);
    await reached(run.dir, 5);
    await launcher.stop(job);
    const end = await ended(launcher, job);
    expect(end.state).toBe("stopped");
    expect(end.reason).toMatch(/^stopped as asked; the newest checkpoint is of step \d+$/);
    const again = await launcher.resume(run, target, job);
    expect(again.id).not.toBe(job.id);
    expect((await ended(launcher, again)).state).toBe("succeeded");
    expect((await loggedSteps(run.dir)).steps).toEqual(all(60));
  });

  it("saves when its time is nearly up, goes back into the queue and goes on by itself", async () => {
    const run = fresh({ step_ms: 40, max_steps: 80, save_steps: 1000, save_ms: 3000 });
    const job = await launcher.submit(run, target);
    await reached(run.dir, 5);
    signal(job.id, "USR1"); // what Slurm sends
    const waits = await until("its place in the queue", 60, async () => {
      const status = await launcher.status(job);
      return status.state === "queued" ? status : undefined;
    });
    expect(waits.reason).toBe("BeginTime");
    expect(existsSync(join(run.dir, "launch/exit.json"))).toBe(false);
    expect(await ended(launcher, job, 200)).toEqual({ state: "succeeded", exitCode: 0 });
    expect((await loggedSteps(run.dir)).steps).toEqual(all(80));
    expect(attempts(run.dir)).toMatch(/"requeued":\{"job":"\d+","from":-1,"step":\d+\}/);
    const log = (await launcher.logs(job, 0)).text;
    expect(log).toContain("training from step 0 of 80"); // a requeue must not begin the log anew
    expect(log).toMatch(/training from step [1-9]\d* of 80/);
  });

  it("is warned by Slurm itself in time", async () => {
    const run = fresh({ step_ms: 500, max_steps: 260, save_steps: 1000, save_ms: 3000 });
    const job = await launcher.submit(run, { ...target, time: "2:40", warnSeconds: 30 });
    await until(
      "its way back into the queue",
      200,
      async () =>
        existsSync(join(run.dir, "launch/attempts.jsonl")) && attempts(run.dir).includes("requeued"),
    );
    expect((await ended(launcher, job, 300)).state).toBe("succeeded");
    expect((await loggedSteps(run.dir)).steps).toEqual(all(260));
  });

  it("does not go round in a circle when no checkpoint comes of its time", async () => {
    const run = fresh({ step_ms: 40, max_steps: 4000, save_steps: 10_000, save_ms: 60_000 });
    const job = await launcher.submit(run, { ...target, graceSeconds: 2 });
    await reached(run.dir, 2);
    signal(job.id, "USR1");
    const end = await ended(launcher, job);
    expect(end.state).toBe("failed");
    expect(end.reason).toContain("no checkpoint newer than the beginning came of it");
    expect(attempts(run.dir)).not.toContain("requeued");
  });

  it("takes back a job that waits", async () => {
    const first = fresh({ step_ms: 100, max_steps: 4000 });
    const busy = await launcher.submit(first, { ...target, cpusPerTask: 2 });
    await reached(first.dir, 1);
    const second = fresh({});
    const job = await launcher.submit(second, target);
    const waits = await launcher.status(job);
    expect(waits.state).toBe("queued");
    await launcher.stop(job);
    expect((await ended(launcher, job)).state).toBe("stopped");
    expect(existsSync(join(second.dir, "output"))).toBe(false);
    await launcher.stop(busy);
    expect((await ended(launcher, busy)).state).toBe("stopped");
  });

  it("says that the training was killed", async () => {
    const run = fresh({ step_ms: 20, die_at: 7, parent: "true" });
    const job = await launcher.submit(run, target);
    const end = await ended(launcher, job);
    expect(end.state).toBe("failed");
    expect(end.reason).toMatch(/^killed by SIGKILL/);
  });

  it("does not take a silent controller for the end of a job", async () => {
    const run = fresh({ step_ms: 50, max_steps: 200 });
    const job = await launcher.submit(run, target);
    await reached(run.dir, 2);
    const pid = Number(readFileSync(join(base, "slurm/slurmctld.pid"), "utf8"));
    process.kill(pid, "SIGTERM");
    await until("the end of the controller", 30, async () => !existsSync(`/proc/${pid}`));
    await expect(launcher.status(job)).rejects.toMatchObject({ code: "slurm-unreachable" });
    execFileSync("slurmctld");
    expect((await ended(launcher, job)).state).toBe("succeeded");
    expect((await loggedSteps(run.dir)).steps).toEqual(all(200));
  });

  it("goes on from its newest checkpoint when its node fails", async () => {
    const run = fresh({ step_ms: 100, max_steps: 60, save_steps: 5 });
    const job = await launcher.submit(run, target);
    await reached(run.dir, 12);
    // the machine goes down: all of Slurm on it, and the job
    process.kill(Number(readFileSync(join(base, "slurm/slurmd.pid"), "utf8")), "SIGKILL");
    for (const pid of pidsOf(run.dir)) process.kill(pid, "SIGKILL");
    await until("Slurm to see it", 120, async () => {
      const state = execFileSync("sinfo", ["--noheader", "--format=%T"], { encoding: "utf8" });
      return /down/.test(state);
    });
    execFileSync("slurmd", ["-N", hostname().split(".")[0]!]);
    expect((await ended(launcher, job, 200)).state).toBe("succeeded");
    expect([...new Set((await loggedSteps(run.dir)).steps)]).toEqual(all(60));
    expect((await launcher.logs(job, 0)).text).toMatch(/training from step (10|15) of 60/);
  });

  it("refuses what Slurm refuses, in its words", async () => {
    await expect(launcher.submit(fresh({}), { ...target, partition: "nowhere" })).rejects.toMatchObject({
      code: "submit-failed",
      message: expect.stringContaining("invalid partition specified: nowhere"),
    });
  });
});

/** The training in this folder, and what watches over it there: the shells and the daemons of Slurm that started it for this job. */
function pidsOf(dir: string): number[] {
  const rows = execFileSync("ps", ["-A", "-ww", "-o", "pid=,ppid=,comm=,args="], { encoding: "utf8" })
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line))
    .filter((row) => row !== null)
    .map(([, pid, parent, name, args]) => ({ pid: Number(pid), parent: Number(parent), name, args }));
  const found = new Set<number>();
  let next = rows.filter(({ args }) => args?.includes(`${dir}/output`));
  while (next.length > 0) {
    for (const { pid } of next) found.add(pid);
    const parents = new Set(next.map(({ parent }) => parent));
    next = rows.filter(({ pid, name }) => parents.has(pid) && (name === "bash" || name === "slurmstepd"));
  }
  return [...found].reverse();
}
