import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fakeRun, newFolder } from "../../test/emitted.ts";
import type { Executed, ExecuteSettings } from "./execute.ts";
import type { LaunchTarget } from "./launcher.ts";
import { sshLauncher, targetDirOf } from "./ssh.ts";

const base = newFolder("ssh");
const folder = '/data/it\'s "here" $(id)';
const target: LaunchTarget = {
  ...{ name: "ssh", host: "anna@gpu1", port: 2222, folder, identityFile: "/home/anna/it's a key" },
};
const run = () =>
  fakeRun(join(base, "run"), {}, { name: "stage1", targetDir: targetDirOf(target, "stage1")! });

/** A launcher whose programs are answered here; what they were asked is noted. */
function told(answer: (program: string, command: string) => Partial<Executed>) {
  const calls: { program: string; args: readonly string[]; settings: ExecuteSettings | undefined }[] = [];
  const launcher = sshLauncher({
    async execute(program, args, settings) {
      calls.push({ program, args, settings });
      return { code: 0, stdout: "", stderr: "", ...answer(program, args.at(-1) ?? "") };
    },
  });
  return { launcher, calls };
}

afterAll(() => rmSync(base, { recursive: true, force: true }));

describe("a job on another machine", () => {
  it("is told its folder by standard input alone, never in a command", async () => {
    let started = false;
    const { launcher, calls } = told((program, command) => {
      if (program !== "ssh") return {};
      if (command.includes("job.sh run")) started = true;
      return command.includes("status") ? { code: started ? 0 : 127, stdout: "running 42\n-1\n" } : {};
    });
    const job = await launcher.submit(run(), target);
    expect(job.targetDir).toBe(`${folder}/stage1`);
    await launcher.stop(job);
    for (const { args, settings } of calls.filter(({ program }) => program === "ssh")) {
      expect(args.join("\n")).not.toContain("/data");
      expect(settings?.input).toBe(`${folder}/stage1\n`);
      expect(args.slice(-3, -1)).toEqual(["--", "anna@gpu1"]);
      expect(args).toContain("BatchMode=yes");
    }
    const [copy] = calls.filter(({ program }) => program === "rsync");
    expect(copy!.args).toContain("--protect-args");
    expect(copy!.args.slice(-3)).toEqual(["--", `${join(base, "run")}/`, `anna@gpu1:${folder}/stage1`]);
    expect(copy!.args[1]).toContain("'-i' '/home/anna/it''s a key'");
  });

  it("is unknown, not lost, where the machine cannot be reached", async () => {
    const { launcher } = told(() => ({
      code: 255,
      stderr: "banner\nssh: connect to host gpu1 port 2222: No route to host\n",
    }));
    await expect(launcher.submit(run(), target)).rejects.toMatchObject({
      code: "ssh-unreachable",
      message: "anna@gpu1 cannot be reached by ssh: ssh: connect to host gpu1 port 2222: No route to host",
    });
  });

  it("says that the disk there is full", async () => {
    const { launcher } = told((program, command) =>
      program === "rsync"
        ? { code: 11, stderr: 'rsync: write failed on "x": No space left on device (28)\n' }
        : { code: command.includes("status") ? 127 : 0 },
    );
    await expect(launcher.submit(run(), target)).rejects.toMatchObject({ code: "disk-full" });
  });

  it.each(["-oProxyCommand=id", "a b", "host;id", "anna@-x", ""])("refuses %j as a host", async (host) => {
    const { launcher, calls } = told(() => ({}));
    expect(await launcher.check({ ...target, host })).toMatchObject([{ level: "error" }]);
    await expect(launcher.submit(run(), { ...target, host })).rejects.toMatchObject({ code: "launcher" });
    expect(calls).toEqual([]);
  });
});
