import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mede2, testFolder } from "../test/run-cli.ts";

describe("films", () => {
  it("refuses a source without films and a fold that does not exist, in one sentence", async () => {
    const cwd = await testFolder();
    await mkdir(join(cwd, "empty"));
    for (const [argv, what] of [
      [["films", "nowhere", "--out", "work"], /nowhere/],
      [["films", "empty", "--out", "work"], /empty/],
      [["films", "empty", "--out", "work", "--fold", "5"], /no fold 5.*0, 1, 2, 3 and 4/],
      [["films", "empty"], /--out/],
    ] as const) {
      const { code, err } = await mede2(argv, { cwd });
      expect(code, argv.join(" ")).toBe(2);
      expect(err.trim().split("\n").at(-1)).toMatch(what);
    }
  }, 60_000);

  it("refuses a folder of other settings", async () => {
    const cwd = await testFolder();
    await mkdir(join(cwd, "empty"));
    await mkdir(join(cwd, "work"));
    await writeFile(join(cwd, "work/films.json"), "{}\n");
    const { code, err } = await mede2(["films", "empty", "--out", "work"], { cwd });
    expect(code).toBe(2);
    expect(err).toMatch(/films\.json tells of a run on films with other settings/);
    await expect(access(join(cwd, "work/runs/1-stage0"))).rejects.toThrow();
  }, 60_000);
});
