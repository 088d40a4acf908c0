import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loggedSteps, newFolder, until } from "./emitted.ts";
import { newFakeRun } from "./fake-plan.ts";

const base = newFolder("disk");
const disk = join(base, "disk");
mkdirSync(disk);
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]).status === 0;
const free = (size: string) => execFileSync("mount", ["-o", `remount,size=${size}`, disk]);
const all = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

describe.skipIf(!mounted)(
  `a disk that fills${mounted ? "" : " (a small file system cannot be mounted here: root can)"}`,
  () => {
    beforeAll(() => free("1m"));
    afterAll(() => {
      execFileSync("umount", [disk]);
      rmSync(base, { recursive: true, force: true });
    });

    it("is named, the end is recorded all the same, and the run goes on when there is room", async () => {
      const options = { step_ms: 40, max_steps: 40, save_steps: 4, weights: 150_000 };
      const run = await newFakeRun(join(disk, "run"), options);
      const fault = await run.start().catch((error: unknown) => error);
      expect(fault).toMatchObject({ code: expect.stringMatching(/^(disk-full|write-failed|ENOSPC)$/) });
      expect(String((fault as Error).message)).toMatch(/disk is full|[Nn]o space left on device/);
      // whoever followed may have met the full disk first; the training meets it, too
      const end = join(run.engineDir, "launch/exit.json");
      await until("the end of the job", 60, async () => existsSync(end));
      const { rc, step } = JSON.parse(readFileSync(end, "utf8")) as { rc: number; step: number };
      expect(rc).toBe(1);
      // a checkpoint that was cut is not taken
      expect(step % 4).toBe(0);
      expect(step).toBeGreaterThan(0);
      free("20m");
      expect(await run.start()).toMatchObject({ status: "finished", steps: 40 });
      expect([...new Set((await loggedSteps(run.engineDir)).steps)].sort((a, b) => a - b)).toEqual(all(40));
      const steps = (await run.events()).filter(({ type }) => type === "step-end") as unknown as {
        step: number;
      }[];
      expect([...new Set(steps.map((event) => event.step))].sort((a, b) => a - b)).toEqual(all(40));
      expect((await run.view()).status).toBe("finished");
    });

    it("does not even let a job begin without room for the record of its end, and says so", async () => {
      free("30m");
      const run = await newFakeRun(join(disk, "second"), {});
      const used = Number(
        execFileSync("df", ["--output=avail", "-k", disk], { encoding: "utf8" }).split("\n")[1],
      );
      mkdirSync(join(run.engineDir, "launch"), { recursive: true });
      writeFileSync(join(disk, "filler"), Buffer.alloc((used - 64) * 1024));
      const fault = await run.start().catch((error: unknown) => error);
      expect(String((fault as Error).message)).toMatch(/disk full|[Nn]o space left on device/);
      rmSync(join(disk, "filler"));
      expect(await run.start()).toMatchObject({ status: "finished" });
    });
  },
);
