import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fakeHost } from "../test/fake-run.ts";
import { recoverDirs, writeDirAtomic } from "./index.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mede2-dir-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const fill = (content: string) => async (temporary: string) => {
  mkdirSync(join(temporary, "sub"));
  writeFileSync(join(temporary, "sub", "file"), content);
};
const content = () => readFileSync(join(folder, "step-1", "sub", "file"), "utf8");

it("shows a folder whole or not at all", async () => {
  const path = join(folder, "step-1");
  await writeDirAtomic(path, async (temporary) => {
    await fill("one")(temporary);
    expect(existsSync(path)).toBe(false);
  });
  expect(content()).toBe("one");
  const failing = writeDirAtomic(path, () => Promise.reject(new Error("disk full")), fakeHost(), {
    replace: true,
  });
  await expect(failing).rejects.toThrow("disk full");
  expect(content()).toBe("one");
  expect(readdirSync(folder)).toEqual(["step-1"]);
});

it("replaces only when it is told to", async () => {
  const path = join(folder, "step-1");
  await writeDirAtomic(path, fill("one"));
  await expect(writeDirAtomic(path, fill("two"))).rejects.toMatchObject({ code: "exists" });
  expect(content()).toBe("one");
  await writeDirAtomic(path, fill("two"), fakeHost(), { replace: true });
  expect(content()).toBe("two");
  expect(readdirSync(folder)).toEqual(["step-1"]);
});

it("tidies up after a crash at any point, and leaves the living alone", async () => {
  const host = fakeHost();
  host.dead.add(7);
  for (const name of [
    ".step-1.7-abc.old",
    ".step-2.7-abc.tmp",
    ".step-2.8-abc.tmp",
    ".run.json.7.ab12.tmp",
    "step-3",
    ".step-3.7-abc.old",
  ])
    mkdirSync(join(folder, name));
  await recoverDirs(folder, host);
  expect(readdirSync(folder).sort()).toEqual([".step-2.8-abc.tmp", "step-1", "step-3"]);
  expect(await recoverDirs(join(folder, "nowhere"), host)).toEqual([]);
});
