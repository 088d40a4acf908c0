import { existsSync } from "node:fs";
import { mkdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createRun, openRunWriter } from "@mede2/runs";
import type { TrainingPlan } from "@mede2/schemas";
import { beforeEach, describe, expect, it } from "vitest";
import { mede2, testFolder } from "../test/run-cli.ts";
import { randomModel, writeTrainingPlan } from "../test/tiny-world.ts";

type Reply = { removed: number; bytes: number; dryRun: boolean; items: { kind: string; path: string }[] };
let cwd: string;
let plan: TrainingPlan;
const gc = async (...more: string[]) => {
  const ran = await mede2(["gc", ...more, "--json"], { cwd });
  expect(ran.err).toBe("");
  return ran.json<Reply>();
};
const paths = ({ items }: Reply) => items.map(({ path }) => path).sort();

/** A run whose checkpoints are folders with just what tells that they are whole. */
async function run(id: string, steps: readonly number[], more: Partial<TrainingPlan> = {}) {
  const { dir } = await createRun({
    workspace: cwd,
    plan: { ...plan, ...more },
    code: { version: "1" },
    data: [],
    id,
  });
  for (const step of steps) {
    const folder = join(dir, `checkpoints/step-000000${step}/trainer`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "state.json"), "{}");
    await writeFile(join(folder, "../model.safetensors"), "x".repeat(1000));
  }
  return dir;
}
async function end(dir: string, bestStep?: number) {
  const writer = await openRunWriter(dir);
  if (bestStep !== undefined)
    for (const [step, loss] of [
      [bestStep, 0.5],
      [bestStep + 1, 0.7],
    ] as const)
      writer.append({ type: "evaluation-end", step, task: "held-out", metrics: { loss } });
  writer.append({ type: "run-finished", summary: {} });
  writer.close();
}

beforeEach(async () => {
  cwd = await testFolder();
  await randomModel(join(cwd, "model"));
  plan = await writeTrainingPlan(cwd, join(cwd, "a.plan.json"), 3);
});

describe("gc", () => {
  it("keeps the newest, the best and what something begins with, and deletes nothing unasked", async () => {
    await end(await run("a", [1, 2, 3, 4]), 2);
    await end(await run("b", [5, 6], { model: "runs/a/checkpoints/step-0000001" }));
    const going = await openRunWriter(await run("c", [1, 2]));
    const asked = await gc();
    expect(asked).toMatchObject({ removed: 2, dryRun: true });
    expect(paths(asked)).toEqual(["runs/a/checkpoints/step-0000003", "runs/b/checkpoints/step-0000005"]);
    expect(existsSync(join(cwd, "runs/a/checkpoints/step-0000003"))).toBe(true);
    await writeFile(
      join(cwd, "b.plan.json"),
      JSON.stringify({ ...plan, reference: "runs/b/checkpoints/step-0000005" }),
    );
    const done = await gc("--apply");
    expect(done).toMatchObject({ removed: 1, dryRun: false });
    expect(done.bytes).toBeGreaterThan(1000);
    for (const [path, there] of [
      ["runs/a/checkpoints/step-0000001", true], // b began with it
      ["runs/a/checkpoints/step-0000002", true], // the best
      ["runs/a/checkpoints/step-0000003", false],
      ["runs/a/checkpoints/step-0000004", true], // the newest
      ["runs/b/checkpoints/step-0000005", true], // a plan names it
      ["runs/c/checkpoints/step-0000001", true], // the run is going
    ] as const)
      expect([path, existsSync(join(cwd, path))]).toEqual([path, there]);
    going.close();
    expect(await gc()).toMatchObject({ removed: 0 });
  });

  it("never lets the last whole checkpoint go, nor follows a link", async () => {
    const dir = await run("a", [1, 2]);
    await rm(join(dir, "checkpoints/step-0000002/trainer"), { recursive: true }); // not whole
    await end(dir);
    const elsewhere = await testFolder();
    await mkdir(join(elsewhere, ".x.999999999-abc.tmp"));
    await symlink(elsewhere, join(cwd, "linked"));
    const reply = await gc("--hours", "0");
    expect(paths(reply)).toEqual(["runs/a/checkpoints/step-0000002"]);
  });

  it("finds images that nothing names, and leaves young ones", async () => {
    const store = join(cwd, ".mede2/images/aa");
    await mkdir(store, { recursive: true });
    const [named, lost, young] = ["1", "2", "3"].map((digit) => `aa${digit.repeat(62)}`) as [
      string,
      string,
      string,
    ];
    for (const sha256 of [named, lost, young]) await writeFile(join(store, `${sha256}.png`), "png");
    const old = new Date(Date.now() - 48 * 3_600_000);
    for (const sha256 of [named, lost]) await utimes(join(store, `${sha256}.png`), old, old);
    // a hash on the border between two pieces of a large file
    await writeFile(
      join(cwd, "data/x.questions.jsonl"),
      `${" ".repeat(2 ** 20 - 70)}{"sha256":"${named}"}\n`,
    );
    expect(paths(await gc())).toEqual([`.mede2/images/aa/${lost}.png`]);
    expect(await gc("--only", "checkpoint")).toMatchObject({ removed: 0 });
    await gc("--apply");
    expect([named, lost, young].map((sha256) => existsSync(join(store, `${sha256}.png`)))).toEqual([
      ...[true, false, true],
    ]);
  });

  it("finds what killed jobs left, but not what a living one writes or the only copy of a folder", async () => {
    const dir = await run("a", [1]);
    await end(dir);
    const at = (name: string) => join(dir, "checkpoints", name);
    const uuid = "0b9a6c1e-5a31-4f0e-9d55-1d2f6a7b8c9d";
    const old = new Date(Date.now() - 48 * 3_600_000);
    for (const name of [
      ".step-0000009.999999999-abc123.tmp", // of a process that is gone
      `.step-0000001.${process.pid}-abc123.tmp`, // of one that lives
      ".step-0000007.999999999-abc123.old", // moved aside, never replaced: the only copy
      ".step-0000001.999999999-abc123.old", // moved aside and replaced
      "step-0000005.damaged",
    ]) {
      await mkdir(at(name));
      await utimes(at(name), old, old);
    }
    await mkdir(join(cwd, ".mede2/images/bb"), { recursive: true });
    const image = join(cwd, `.mede2/images/bb/bb${"0".repeat(62)}.png.${uuid}.tmp`);
    await writeFile(image, "half");
    expect(paths(await gc())).not.toContain(image.slice(cwd.length + 1));
    await utimes(image, old, old);
    expect(paths(await gc())).toEqual(
      [
        image.slice(cwd.length + 1),
        "runs/a/checkpoints/.step-0000001.999999999-abc123.old",
        "runs/a/checkpoints/.step-0000009.999999999-abc123.tmp",
        "runs/a/checkpoints/step-0000005.damaged",
      ].sort(),
    );
  });

  it("sets a quota, which a training keeps", async () => {
    expect(await gc("--quota", "1.5MB")).toMatchObject({ quotaBytes: 1_500_000 });
    expect(JSON.parse(await readFile(join(cwd, ".mede2/workspace.json"), "utf8"))).toEqual({
      quotaBytes: 1_500_000,
    });
    const { trainHere } = await import("../test/tiny-world.ts");
    const argv = ["train", "a.plan.json", "--out", "runs/q", "--json"];
    const full = await mede2(argv, { cwd, startTraining: trainHere });
    expect(full.code).toBe(1);
    expect(full.json()).toMatchObject({
      error: { code: "quota", message: expect.stringContaining("1.5 MB") },
    });
    expect(await gc("--quota", "none")).not.toHaveProperty("quotaBytes");
    const resumed = await mede2(["train", "--resume", "runs/q", "--json"], { cwd, startTraining: trainHere });
    expect(resumed.json()).toMatchObject({ status: "finished" });
    expect((await mede2(["gc", "--quota", "much"], { cwd })).code).toBe(2);
  });
});
