import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { LaunchTarget } from "../src/launch/launcher.ts";
import { rayLauncher } from "../src/launch/ray.ts";
import { rayClient } from "../src/launch/ray-client.ts";
import { ended, fakeRun, loggedSteps, newFolder, reached, until } from "./emitted.ts";

// a Ray head lives in a network namespace of its own, and this test has to run there: scripts/check-launchers.mjs sees to both
const address = process.env.MEDE2_RAY_ADDRESS;
const token = process.env.MEDE2_RAY_TOKEN ?? "";
const base = newFolder("ray");
const tokenFile = join(base, "to ken");
writeFileSync(tokenFile, `${token}\n`);
const target: LaunchTarget = {
  name: "ray",
  address: address ?? "http://127.0.0.1:1",
  tokenFile,
  graceSeconds: 15,
};
const launcher = rayLauncher({ env: {} });
const all = (count: number) => Array.from({ length: count }, (_, at) => at + 1);
let runs = 0;
const fresh = (options: Record<string, string | number>, folder = "run") => {
  runs += 1;
  const name = `fake-${runs}`;
  return fakeRun(join(base, `${folder} ${runs}`), options, { name });
};

afterAll(() => rmSync(base, { recursive: true, force: true }));

describe.skipIf(address === undefined)("a real Ray head (started by scripts/check-launchers.mjs)", () => {
  it("wants its token, and says so", async () => {
    expect(await launcher.check(target)).toEqual([]);
    const { tokenFile: _, ...without } = target;
    expect(await launcher.check(without)).toMatchObject([{ level: "error", code: "ray-token" }]);
    expect(await rayLauncher({ env: { RAY_AUTH_TOKEN: token } }).check(without)).toEqual([]);
    expect(await rayLauncher({ env: { RAY_AUTH_TOKEN: "wrong" } }).check(without)).toMatchObject([
      { code: "ray-token", next: "the token is not the head's" },
    ]);
  });

  it("takes a job by REST, from a folder with a hostile name", async () => {
    const run = fresh({ step_ms: 20 }, "sp ace 'q' \"d\" #1 $(touch pwned) {HOME} $HOME `id` ü");
    const job = await launcher.submit(run, target);
    expect(await ended(launcher, job)).toEqual({ state: "succeeded", exitCode: 0 });
    expect((await loggedSteps(run.dir)).steps).toEqual(all(12));
    const log = await launcher.logs(job, 0);
    expect(log.text).toContain("training from step 0 of 12");
    expect(await launcher.logs(job, log.next)).toEqual({ text: "", next: log.next });
  });

  it("is attached to when it is there already", async () => {
    const run = fresh({ step_ms: 100, max_steps: 60 });
    const job = await launcher.submit(run, target);
    expect((await launcher.submit(run, target)).id).toBe(job.id);
    // between the look and the submission somebody else may have submitted it: Ray answers 500 and "already exists"
    const client = rayClient(address!, token);
    expect(await client.submit({ entrypoint: "true", submission_id: job.id, metadata: {} })).toBe(false);
    expect((await ended(launcher, job)).state).toBe("succeeded");
    expect((await loggedSteps(run.dir)).steps).toEqual(all(60));
  });

  it("saves and ends when it is stopped, though that takes longer than Ray would wait, and is resumed", async () => {
    const run = fresh({ step_ms: 50, max_steps: 100, save_steps: 1000, save_ms: 5000, parent: "true" });
    const job = await launcher.submit(run, target);
    await reached(run.dir, 5);
    await launcher.stop(job);
    const end = await ended(launcher, job);
    expect(end.reason).toMatch(/^stopped as asked; the newest checkpoint is of step \d+$/);
    const again = await launcher.resume(run, target, job);
    expect(again.id).toBe(`${job.id}-2`);
    expect((await ended(launcher, again)).state).toBe("succeeded");
    expect((await loggedSteps(run.dir)).steps).toEqual(all(100));
  });

  it("is stopped while it waits, and does nothing when its turn comes", async () => {
    const first = fresh({ step_ms: 100, max_steps: 4000 });
    const busy = await launcher.submit(first, { ...target, cpus: 2 });
    await reached(first.dir, 1);
    const second = fresh({});
    const job = await launcher.submit(second, { ...target, cpus: 2 });
    expect((await launcher.status(job)).state).toBe("queued");
    await launcher.stop(job);
    const end = await ended(launcher, job, 20);
    expect(end.state).toBe("stopped");
    await launcher.stop(busy);
    expect((await ended(launcher, busy)).state).toBe("stopped");
    const client = rayClient(address!, token);
    await until("the end of the second in Ray", 60, async () =>
      ["STOPPED", "SUCCEEDED", "FAILED"].includes((await client.job(job.id))?.status ?? ""),
    );
    expect(existsSync(join(second.dir, "output"))).toBe(false);
    expect((await launcher.status(job)).state).toBe("stopped");
  });

  it("leaves a checkpoint when somebody stops it in Ray's dashboard", async () => {
    const run = fresh({ step_ms: 50, max_steps: 1000, save_steps: 2000, save_ms: 6000 });
    const job = await launcher.submit(run, target);
    await reached(run.dir, 3);
    await rayClient(address!, token).stop(job.id);
    const end = await ended(launcher, job);
    expect(end.reason).toMatch(/^stopped as asked; the newest checkpoint is of step \d+$/);
  });

  it("says that the training was killed", async () => {
    const job = await launcher.submit(fresh({ step_ms: 10, die_at: 6, parent: "true" }), target);
    const end = await ended(launcher, job);
    expect(end.state).toBe("failed");
    expect(end.reason).toMatch(/^killed by SIGKILL/);
  });

  it("knows a job that is gone from a head that is silent", async () => {
    const run = fresh({ step_ms: 1 });
    const job = await launcher.submit(run, target);
    await ended(launcher, job);
    const other = { ...job, dir: base, id: "nobody" };
    expect((await launcher.status(other)).state).toBe("lost");
    const silent = { ...job, detail: { ...job.detail, address: "http://127.0.0.1:9" } };
    await expect(launcher.status(silent)).rejects.toMatchObject({ code: "ray-unreachable" });
    expect(readFileSync(join(run.dir, "launch/exit.json"), "utf8")).toContain('"rc":0');
  });
});
