import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LaunchTarget } from "../src/launch/launcher.ts";
import { sshLauncher, targetDirOf } from "../src/launch/ssh.ts";
import { ended, fakeRun, loggedSteps, newFolder, until } from "./emitted.ts";

const sshd = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].find((path) => existsSync(path));
const lacking =
  sshd === undefined
    ? "sshd is missing: openssh-server"
    : spawnSync("rsync", ["--version"]).status === 0
      ? ""
      : "rsync is missing";
const base = newFolder("ssh");
const port = 22_000 + Math.floor(Math.random() * 8000);
const launcher = sshLauncher();
const all = (count: number) => Array.from({ length: count }, (_, at) => at + 1);
let server: ChildProcess;
let runs = 0;

/** "There" is a folder of this machine with a hostile name, which only ssh is told. */
const folder = join(base, "over there 'q' \"d\" #1 $(touch pwned) `id` ü %h");
const identityFile = join(base, "a key");
const knownHostsFile = join(base, "known hosts");
const target: LaunchTarget = {
  ...{ name: "ssh", host: `${userInfo().username}@127.0.0.1`, port, folder, identityFile, knownHostsFile },
  graceSeconds: 15,
};
/** The fake trainer lies outside the emitted folder: it is installed there, as an engine would be. */
const fresh = (options: Record<string, string | number>) => {
  runs += 1;
  const name = `run-${runs}`;
  return fakeRun(join(base, `here ${name} $(touch pwned)`), options, {
    name,
    targetDir: targetDirOf(target, name)!,
  });
};
const begin = async () => {
  server = spawn(sshd!, ["-D", "-f", join(base, "sshd_config"), "-E", join(base, "sshd.log")], {
    stdio: "ignore",
  });
  await until(
    "sshd",
    20,
    async () => spawnSync("ssh-keyscan", ["-p", String(port), "127.0.0.1"]).stdout.length > 0,
  );
};
/** Ends the server and its connections, which would live on without it. */
const end = async () => {
  const sessions = spawnSync("ps", ["-o", "pid=", "--ppid", String(server.pid)], { encoding: "utf8" }).stdout;
  server.kill();
  for (const pid of sessions.split("\n").map(Number)) if (pid > 0) process.kill(pid);
  await sleep(500);
};

describe.skipIf(lacking !== "")(`a real sshd${lacking === "" ? "" : ` (${lacking})`}`, () => {
  beforeAll(async () => {
    for (const key of ["host_key", "a key"])
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(base, key)]);
    writeFileSync(join(base, "authorized_keys"), readFileSync(`${identityFile}.pub`));
    writeFileSync(
      join(base, "sshd_config"),
      `${[
        ...[`Port ${port}`, "ListenAddress 127.0.0.1", `HostKey ${join(base, "host_key")}`, "UsePAM no"],
        ...[
          `AuthorizedKeysFile ${join(base, "authorized_keys")}`,
          "StrictModes no",
          "PasswordAuthentication no",
        ],
        ...["PermitRootLogin prohibit-password", `PidFile ${join(base, "sshd.pid")}`],
      ].join("\n")}\n`,
    );
    if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true }); // where sshd as root puts its unprivileged half
    await begin();
  });
  afterAll(async () => {
    await end();
    rmSync(base, { recursive: true, force: true });
  });

  it("refuses a machine whose key is not known, and says so", async () => {
    const findings = await launcher.check(target);
    expect(findings).toMatchObject([{ level: "error", code: "ssh-unreachable" }]);
    expect(findings[0]!.message).toContain("Host key verification failed");
    const keys = execFileSync("ssh-keyscan", ["-p", String(port), "127.0.0.1"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    writeFileSync(knownHostsFile, keys);
    expect(await launcher.check(target)).toEqual([]);
  });

  it("takes a run over, does it, and brings log and newest checkpoint back", async () => {
    const run = fresh({ step_ms: 20 });
    writeFileSync(join(run.dir, "rows of 'data'.jsonl"), "{}\n");
    const job = await launcher.submit(run, target);
    expect(await ended(launcher, job)).toEqual({ state: "succeeded", exitCode: 0 });
    expect(readFileSync(join(run.targetDir, "rows of 'data'.jsonl"), "utf8")).toBe("{}\n");
    expect((await loggedSteps(run.dir)).steps).toEqual([]);
    await launcher.fetch(job);
    expect((await loggedSteps(run.dir)).steps).toEqual(all(12));
    expect(readdirSync(join(run.dir, "output")).sort()).toEqual(["checkpoint-12", "logging.jsonl"]);
    expect(readdirSync(join(run.dir, "output/checkpoint-12"))).toContain("trainer_state.json");
    const log = await launcher.logs(job, 0);
    expect(log.text).toContain("training from step 0 of 12");
    expect(await launcher.logs(job, log.next)).toEqual({ text: "", next: log.next });
    expect(readdirSync(base).concat(readdirSync(folder))).not.toContain("pwned");
  });

  it("follows a log that grows, and one that was cut, in the same file", async () => {
    const run = fresh({ step_ms: 60, max_steps: 60 });
    const job = await launcher.submit(run, target);
    const seen = await until("some steps", 30, async () => {
      await launcher.fetch(job);
      const { steps } = await loggedSteps(run.dir);
      return steps.length > 3 && steps.length < 60 ? steps.length : undefined;
    });
    await until("more steps", 30, async () => {
      await launcher.fetch(job);
      return (await loggedSteps(run.dir)).steps.length > seen;
    });
    expect((await ended(launcher, job)).state).toBe("succeeded");
    const { next } = await launcher.logs(job, 0);
    writeFileSync(join(run.targetDir, "launch/job.log"), "anew\n");
    const cut = await launcher.logs(job, next);
    expect(cut).toEqual({ text: "", next: 0 });
    expect(await launcher.logs(job, cut.next)).toEqual({ text: "anew\n", next: 5 });
    appendFileSync(join(run.targetDir, "launch/job.log"), "ü€".repeat(400_000));
    let [text, from] = ["", 5];
    for (;;) {
      const part = await launcher.logs(job, from);
      if (part.text === "") break;
      text += part.text;
      from = part.next;
    }
    expect(text).toBe("ü€".repeat(400_000));
  });

  it("outlives the connection and the launcher, is found again, stopped and resumed", async () => {
    const options = { step_ms: 50, max_steps: 2000, save_steps: 5000, save_ms: 1500, parent: "true" };
    const run = fresh(options);
    const job = await launcher.submit(run, target);
    await end();
    await expect(launcher.status(job)).rejects.toMatchObject({ code: "ssh-unreachable" });
    await begin();
    const other = sshLauncher();
    const found = JSON.parse(JSON.stringify(job)) as typeof job;
    expect(await other.status(found)).toEqual({ state: "running" });
    expect((await other.submit(run, target)).id).toBe(job.id);
    await until("step 5", 30, async () => (await loggedSteps(run.targetDir)).steps.length > 5);
    await other.stop(found);
    const stopped = await ended(other, found);
    expect(stopped.reason).toMatch(/^stopped as asked; the newest checkpoint is of step \d+$/);
    await other.fetch(found);
    const rest = fakeRun(run.dir, { ...options, step_ms: 1 }, { name: run.name, targetDir: run.targetDir });
    const again = await other.resume(rest, target, found);
    expect((await ended(other, again)).state).toBe("succeeded");
    await other.fetch(again);
    expect((await loggedSteps(run.dir)).steps).toEqual(all(2000));
  });

  it("brings a checkpoint whole or not at all", async () => {
    const run = fresh({ step_ms: 10, weights: 3_000_000 });
    const job = await launcher.submit(run, target);
    await ended(launcher, job);
    const there = join(run.targetDir, "output/checkpoint-12");
    const mark = readFileSync(join(there, "trainer_state.json"), "utf8");
    writeFileSync(join(there, "trainer_state.json"), mark.slice(0, 100)); // it is being written
    await launcher.fetch(job);
    expect(readdirSync(join(run.dir, "output")).sort()).toEqual(["checkpoint-10", "logging.jsonl"]);
    writeFileSync(join(there, "trainer_state.json"), mark);
    await launcher.fetch(job);
    expect(readFileSync(join(run.dir, "output/checkpoint-12/trainer_state.json"), "utf8")).toBe(mark);
    expect(readFileSync(join(run.dir, "output/checkpoint-12/adapter_model.safetensors")).length).toBe(
      3_000_000,
    );
  });

  it("says that the training was killed there", async () => {
    const job = await launcher.submit(fresh({ step_ms: 10, die_at: 6, parent: "true" }), target);
    expect((await ended(launcher, job)).reason).toMatch(/^killed by SIGKILL/);
  });
});
