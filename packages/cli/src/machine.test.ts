import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { mede2, testFolder } from "../test/run-cli.ts";

describe("doctor", () => {
  it("ran a session on the CPU, and gives a reason for every device", async () => {
    const cwd = await testFolder();
    const { devices } = (await mede2(["doctor", "--json"], { cwd })).json<{
      devices: { name: string; usable: boolean; reason: string }[];
    }>();
    expect(devices.map(({ name }) => name)).toEqual(["cpu", "cuda", "webgpu"]);
    expect(devices[0]).toMatchObject({ usable: true, reason: expect.stringContaining("computes") });
    for (const { reason } of devices) expect(reason.length).toBeGreaterThan(10);
  });
});

describe("plan", () => {
  it("lists the recipes, and says what is neither recipe nor file", async () => {
    const { recipes } = (await mede2(["plan", "--json"])).json<{ recipes: { name: string }[] }>();
    expect(recipes.map(({ name }) => name)).toContain("demo-stage1");
    const wrong = await mede2(["plan", "no-such"]);
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain("no-such is no recipe, and there is no such file; name");
    expect(wrong.err).toContain("demo-stage2");
  });
});

const bin = fileURLToPath(new URL("../bin/mede2.mjs", import.meta.url));
const built = existsSync(fileURLToPath(new URL("../dist/main.js", import.meta.url)));

describe.skipIf(!built)(
  `the built command${built ? "" : " (skipped: dist is missing, run the build first)"}`,
  () => {
    it("starts, and leaves its exit code to the shell", () => {
      const help = spawnSync(process.execPath, [bin, "--help"], { encoding: "utf8" });
      expect(help).toMatchObject({ status: 0, stderr: "" });
      expect(help.stdout).toContain("Usage: mede2");
      const wrong = spawnSync(process.execPath, [bin, "runs", "--nonsense", "--json"], { encoding: "utf8" });
      expect(wrong.status).toBe(2);
      expect(JSON.parse(wrong.stdout.trim().split("\n").at(-1)!)).toHaveProperty("error");
    });
  },
);
