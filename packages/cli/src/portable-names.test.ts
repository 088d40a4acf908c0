import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { evaluationFiles } from "@mede2/eval";
import { openImageStore } from "@mede2/images";
import { newRunId, requestControl, runPlaces } from "@mede2/runs";
import { nameFault, type Plan } from "@mede2/schemas";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { mede2, testFolder } from "../test/run-cli.ts";
import { refuseUnwritable } from "./refuse-unwritable.ts";

/** The parts of a path below `top` that could not be names on every system. */
const faultsIn = (path: string, top: string): string[] =>
  path
    .slice(top.length)
    .split(/[/\\]/)
    .filter((name) => name !== "" && nameFault(name) !== null);

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("CON", "aux.x", "a:b", "..", "NUL.", "x".repeat(400), "a/b\\c", "\u202e"),
);

test("names that the program makes up can be written on every system", () => {
  const time = fc.integer({ min: 0, max: 4e12 });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(
      anyText,
      time,
      random,
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      (text, ms, part, hash) => {
        expect(nameFault(newRunId({ clock: () => ms, random: () => part }))).toBeNull();
        const store = openImageStore("/store");
        const sha256 = Buffer.from(hash).toString("hex");
        for (const mime of ["image/png", "image/jpeg", "image/tiff", "image/webp"] as const)
          expect(faultsIn(store.path({ sha256, mime, width: 1, height: 1 }), "/store")).toEqual([]);
        const files = evaluationFiles("/out", text);
        for (const path of Object.values(files)) expect(faultsIn(path, "/out")).toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});

test("requests to a run have such names, whoever asks", async () => {
  const folder = await testFolder();
  await mkdir(runPlaces.control(folder), { recursive: true });
  for (const by of ["CON", "a:b", "..\\x"]) await requestControl(folder, { by, request: "pause" });
  const names = await readdir(runPlaces.control(folder));
  expect(names).toHaveLength(3);
  expect(names.map(nameFault)).toEqual([null, null, null]);
});

describe("a path to be written", () => {
  const io = (cwd: string) => ({ io: { cwd } }) as Parameters<typeof refuseUnwritable>[1];

  it.each(["results:1", "new/aux.jsonl", "nul", "what?", "runs/end.", "a/b\\c"])(
    "is refused: %s",
    async (named) => {
      await expect(refuseUnwritable(named, io("/work"), (path) => path === "/work")).rejects.toThrow(
        /on every system/,
      );
    },
  );

  it.each(["demo", "./out/x.csv", "../elsewhere", "/abs/new.pairs.jsonl"])("is taken: %s", async (named) => {
    await expect(
      refuseUnwritable(named, io("/work/here"), (path) =>
        ["/", "/work", "/work/here", "/abs"].includes(path),
      ),
    ).resolves.toBeUndefined();
  });

  it("may lie below a folder that is there, whatever it is called", async () => {
    const there = ["/work", "/work/2026-01-31T12:00"];
    await expect(
      refuseUnwritable("2026-01-31T12:00/a", io("/work"), (path) => there.includes(path)),
    ).resolves.toBeUndefined();
  });

  it("is refused by the command with a sentence and 2, and nothing is written", async () => {
    const cwd = await testFolder();
    const { code, err } = await mede2(["demo", "--quick", "--out", "con"], { cwd });
    expect(code).toBe(2);
    expect(err).toContain("Windows keeps this name for a device");
    expect(err).toContain("choose another name");
    expect(await readdir(cwd)).toEqual([]);
  });

  it("is refused as the folder of an export, which has no --out", async () => {
    const { code, err } = await mede2(["export", "some-run", "model:1"], { cwd: await testFolder() });
    expect(code).toBe(2);
    expect(err).toContain('nothing can be called "model:1" on every system');
  });
});

test("a run's folder and id are held to it", async () => {
  const { createRun } = await import("@mede2/runs");
  const folder = await testFolder();
  const plan: Plan = {
    record: "plan",
    v: 1,
    kind: "evaluate",
    recipe: "custom",
    data: [],
    seed: 1,
    threads: 1,
  };
  const settings = { workspace: folder, plan, code: { version: "0" }, data: [] };
  for (const more of [{ id: "stage:1" }, { dir: join(folder, "aux") }])
    await expect(createRun({ ...settings, ...more })).rejects.toMatchObject({ code: "bad-name" });
  expect(await readdir(folder)).toEqual([]);
});
