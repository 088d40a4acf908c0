import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ended, fakeRun, loggedSteps, newFolder, reached, until } from "../../test/emitted.ts";
import { localLauncher } from "./local.ts";

const target = { name: "local", graceSeconds: 20 } as const;
const launcher = localLauncher();
const folders: string[] = [];
const folder = () => {
  const made = newFolder();
  folders.push(made);
  return made;
};
const json = (dir: string, name: string) =>
  JSON.parse(readFileSync(join(dir, "launch", name), "utf8")) as Record<string, number | string>;
/** Whether it lives and is no zombie, which it stays where nobody asks for its end. */
const alive = (pid: unknown) =>
  /^State:\s(?!Z|X)/m.test(existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/status`, "utf8") : "");

afterAll(async () => {
  const { rm } = await import("node:fs/promises");
  for (const dir of folders) await rm(dir, { recursive: true, force: true });
});

describe.skipIf(process.platform === "win32")("a job on this machine", () => {
  it("runs to its end, with its variables and without those that must not be there", async () => {
    process.env.PAI_TRAINING_JOB_ID = "1"; // with it ms-swift writes no log
    const dir = join(folder(), "a run");
    const job = await launcher.submit(fakeRun(dir, { step_ms: 1 }), target);
    delete process.env.PAI_TRAINING_JOB_ID;
    expect(await ended(launcher, job)).toEqual({ state: "succeeded", exitCode: 0 });
    expect((await loggedSteps(dir)).steps).toHaveLength(12);
    const log = await launcher.logs(job, 0);
    expect(log.text).toContain("training from step 0 of 12, world size 1");
    expect(await launcher.logs(job, log.next)).toEqual({ text: "", next: log.next });
    expect(existsSync(join(dir, "launch/reserve"))).toBe(false);
  });

  it.each(["sp ace", "quo'te\"s", "ha#sh $HOME `id` $(id)", "per%cent %j", "-dash", "ünï*[a]?;&|<>\\n"])(
    "takes a folder named %s as it is",
    async (name) => {
      const dir = join(folder(), name);
      const image = join(dir, "an image; $(touch pwned)'\".png");
      const run = fakeRun(dir, { step_ms: 1, image }, { env: { ODD: "a'b\"c $HOME $(id) #" } });
      writeFileSync(image, "");
      const job = await launcher.submit(run, { ...target, setup: writeSetup(dir) });
      expect((await ended(launcher, job)).state).toBe("succeeded");
      expect(readdirSync(dir).sort()).toEqual(
        ["an image; $(touch pwned)'\".png", "launch", "odd", "output", "setup $x.sh"].sort(),
      );
      expect(readFileSync(join(dir, "odd"), "utf8")).toBe("sourced");
    },
  );

  it("refuses a line break in a path, an argument or a variable, and a variable without a proper name", async () => {
    const dir = folder();
    const run = fakeRun(dir);
    for (const wrong of [
      { ...run, command: [...run.command, "a\nb"] },
      { ...run, env: { A: "x\ny" } },
      { ...run, targetDir: `${dir}\n` },
    ])
      await expect(launcher.submit(wrong, target)).rejects.toMatchObject({ code: "line-break" });
    await expect(launcher.submit({ ...run, env: { "a[$(id)]": "x" } }, target)).rejects.toMatchObject({
      code: "variable-name",
    });
    expect(existsSync(join(dir, "output"))).toBe(false);
  });

  it("saves and ends when asked, and goes on from there with the log of a run that was never cut", async () => {
    const dir = folder();
    const options = { step_ms: 20, max_steps: 40, save_steps: 100, parent: "true" };
    const job = await launcher.submit(fakeRun(dir, options), target);
    await reached(dir, 6);
    // the process that started the trainer dies at once: that must not be taken for the end
    await launcher.stop(job);
    const end = await ended(launcher, job);
    expect(end.state).toBe("stopped");
    expect(end.reason).toMatch(/^stopped as asked; the newest checkpoint is of step \d+$/);
    const before = (await loggedSteps(dir)).steps.at(-1)!;
    const again = await launcher.resume(fakeRun(dir, options), target, job);
    expect((await ended(launcher, again)).state).toBe("succeeded");
    const { steps, losses } = await loggedSteps(dir);
    expect(steps).toEqual(Array.from({ length: 40 }, (_, at) => at + 1));
    expect(losses).toEqual(steps.map((step) => Number((0.7 * 0.97 ** step).toFixed(8))));
    expect((await launcher.logs(again, 0)).text).toContain(`training from step ${before} of 40`);
  });

  it("kills what does not end within the grace", async () => {
    const dir = folder();
    const job = await launcher.submit(fakeRun(dir, { save_ms: 60_000, save_steps: 100, max_steps: 1000 }), {
      ...target,
      graceSeconds: 1,
    });
    await reached(dir, 2);
    await launcher.stop(job);
    const end = await ended(launcher, job, 20);
    expect(end).toMatchObject({ state: "stopped", exitCode: 137 });
    expect(end.reason).toBe("stopped as asked; no checkpoint was saved");
  });

  it("is found again by another process, attached to and not started twice", async () => {
    const dir = folder();
    const options = { step_ms: 40, max_steps: 30, save_steps: 10 };
    const job = await launcher.submit(fakeRun(dir, options), target);
    const other = localLauncher();
    const same = await other.submit(fakeRun(dir, options), target);
    expect(same.id).toBe(job.id);
    expect(await other.status(JSON.parse(JSON.stringify(job)))).toEqual({ state: "running" });
    expect((await ended(other, same)).state).toBe("succeeded");
    expect((await loggedSteps(dir)).steps).toHaveLength(30);
  });

  it("says that the training was killed, ends what it left behind and goes on from the newest checkpoint", async () => {
    const dir = folder();
    const options = { step_ms: 20, max_steps: 20, save_steps: 4 };
    const job = await launcher.submit(fakeRun(dir, { ...options, die_at: 10, parent: "true" }), target);
    const end = await ended(launcher, job);
    expect(end).toMatchObject({ state: "failed", exitCode: 247 });
    expect(end.reason).toBe(
      "killed by SIGKILL: the machine ran out of memory, or somebody killed the process",
    );
    const again = await launcher.resume(fakeRun(dir, options), target, job);
    expect((await ended(launcher, again)).state).toBe("succeeded");
    // steps 9 and 10 were done twice, none is missing
    expect([...new Set((await loggedSteps(dir)).steps)]).toEqual(
      Array.from({ length: 20 }, (_, at) => at + 1),
    );
    expect((await launcher.logs(again, 0)).text).toContain("training from step 8 of 20");
  });

  it("sees a training whose supervisor was killed, does not start a second one, and stops it", async () => {
    const dir = folder();
    const options = { step_ms: 50, max_steps: 1000, save_ms: 100 };
    const job = await launcher.submit(fakeRun(dir, options), target);
    await reached(dir, 2);
    process.kill(Number(job.id), "SIGKILL");
    const { group } = json(dir, "started.json");
    const status = await until("the orphan", 10, async () => {
      const now = await launcher.status(job);
      return now.reason === undefined ? undefined : now;
    });
    expect(status).toEqual({
      state: "running",
      reason: `its supervisor is gone, the training goes on in process group ${group}`,
    });
    expect((await launcher.submit(fakeRun(dir, options), target)).id).toBe(job.id);
    await launcher.stop(job);
    const end = await ended(launcher, job);
    expect(end.state).toBe("stopped");
    expect(end.reason).toMatch(/the newest checkpoint is of step \d+$/);
    expect(alive(group)).toBe(false);
    expect(readdirSync(join(dir, "output")).some((name) => name.startsWith("checkpoint-"))).toBe(true);
  });

  it("is lost when all of it was killed at once, and after a reboot", async () => {
    const dir = folder();
    const job = await launcher.submit(fakeRun(dir, { max_steps: 1000 }), target);
    process.kill(Number(job.id), "SIGKILL");
    process.kill(-Number(json(dir, "started.json").group), "SIGKILL");
    expect((await ended(launcher, job)).state).toBe("lost");
    expect((await ended(launcher, job)).reason).toContain("left no record of its end");
    const again = await launcher.resume(fakeRun(dir, { step_ms: 20, max_steps: 200 }), target, job);
    const started = readFileSync(join(dir, "launch/started.json"), "utf8");
    writeFileSync(
      join(dir, "launch/started.json"),
      started.replace(/"bootId":"[^"]*"/, '"bootId":"00000000-0000-0000-0000-000000000000"'),
    );
    expect((await launcher.status(again)).state).toBe("lost");
    writeFileSync(join(dir, "launch/started.json"), started);
    expect((await launcher.status(again)).state).toBe("running");
    await launcher.stop(again);
    expect((await ended(launcher, again)).state).toBe("stopped");
  });

  it("starts several processes with the variables of torchrun, each job at a port of its own", async () => {
    const dir = folder();
    const run = fakeRun(dir, { step_ms: 1 }, { processes: { nodes: 1, perNode: 2 } });
    const job = await launcher.submit(run, target);
    expect((await ended(launcher, job)).state).toBe("succeeded");
    expect((await loggedSteps(dir)).worlds.every((world) => world === 2)).toBe(true);
    expect((await launcher.logs(job, 0)).text).toMatch(/port (2\d{4}|3\d{4}) \1, node 0 of 127\.0\.0\.1/);
    await expect(
      launcher.submit({ ...run, processes: { nodes: 2, perNode: 1 } }, target),
    ).rejects.toMatchObject({ code: "launcher" });
  });

  it("does not take a checkpoint whose mark was cut", async () => {
    const dir = folder();
    const job = await launcher.submit(fakeRun(dir, { step_ms: 1 }), target);
    expect((await ended(launcher, job)).state).toBe("succeeded");
    const mark = (step: number) => join(dir, `output/checkpoint-${step}/trainer_state.json`);
    const text = readFileSync(mark(12), "utf8");
    writeFileSync(mark(12), text.slice(0, text.lastIndexOf("}", text.length - 4) + 1));
    writeFileSync(mark(10), "");
    expect(newest(dir)).toBe("5");
    writeFileSync(mark(12), JSON.stringify(JSON.parse(text)));
    expect(newest(dir)).toBe("12");
  });

  it("does not start a fourth time from the same step", async () => {
    const dir = folder();
    const bash = () => spawnSync("bash", [join(dir, "launch/job.sh"), "run"]).status;
    const job = await launcher.submit(fakeRun(dir, { step_ms: 1, die_at: 3 }), target);
    await ended(launcher, job);
    bash();
    bash();
    expect(bash()).toBe(75);
    const status = await launcher.status(job);
    expect(status.state).toBe("failed");
    expect(status.reason).toContain("no checkpoint newer than the beginning");
    // who resumes it on purpose is heard
    const again = await launcher.resume(fakeRun(dir, { step_ms: 1 }), target, job);
    expect((await ended(launcher, again)).state).toBe("succeeded");
  });

  it("says why a job did not start", async () => {
    const dir = folder();
    const run = fakeRun(dir, {}, { command: ["no-such-program"] });
    const end = await ended(launcher, await launcher.submit(run, target));
    expect(end).toMatchObject({ state: "failed", exitCode: 127, reason: "its program was not found there" });
    const setup = await ended(
      launcher,
      await launcher.submit(fakeRun(folder()), { ...target, setup: "/no/such file" }),
    );
    expect(setup).toMatchObject({ state: "failed", exitCode: 78 });
  });
});

const newest = (dir: string) =>
  execFileSync("bash", [join(dir, "launch/job.sh"), "status"], { encoding: "utf8" })
    .trim()
    .split("\n")[1];

function writeSetup(dir: string): string {
  const path = join(dir, "setup $x.sh");
  writeFileSync(path, "printf sourced >odd\n");
  return path;
}
