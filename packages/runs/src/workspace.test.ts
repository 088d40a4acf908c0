import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  bytesBelow,
  freeBytes,
  readWorkspaceSettings,
  startWorkspace,
  workspaceBytes,
  writeWorkspaceSettings,
} from "./index.ts";

let workspace = "";
beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), "mede2-workspace-"));
});
afterEach(() => rm(workspace, { recursive: true, force: true }));
const ignore = () => readFile(join(workspace, ".gitignore"), "utf8");

it("keeps runs and images out of a repository, and changes no file that is there", async () => {
  await startWorkspace(join(workspace, "new"));
  expect(await readFile(join(workspace, "new/.gitignore"), "utf8")).toMatch(
    /^\/runs\/$[\s\S]*^\/\.mede2\/$/m,
  );
  await writeFile(join(workspace, ".gitignore"), "mine\n");
  await startWorkspace(workspace);
  expect(await ignore()).toBe("mine\n");
  await rm(join(workspace, ".gitignore"));
  await mkdir(join(workspace, "runs"));
  await startWorkspace(workspace); // it is a workspace already: who took the file away wanted that
  await expect(ignore()).rejects.toThrow("ENOENT");
});

it("keeps a quota, and names the file that is wrong", async () => {
  expect(await readWorkspaceSettings(workspace)).toEqual({});
  await writeWorkspaceSettings(workspace, { quotaBytes: 5000 });
  expect(await readWorkspaceSettings(workspace)).toEqual({ quotaBytes: 5000 });
  for (const text of ["{", '{"quotaBytes":"5 GB"}', "[]", '{"quotaBytes":-1}']) {
    await writeFile(join(workspace, ".mede2/workspace.json"), text);
    await expect(readWorkspaceSettings(workspace)).rejects.toThrow("workspace.json must be");
  }
});

it("counts runs and images, and what is free", async () => {
  await mkdir(join(workspace, "runs/a"), { recursive: true });
  await mkdir(join(workspace, ".mede2/images"), { recursive: true });
  await writeFile(join(workspace, "runs/a/x"), "12345");
  await writeFile(join(workspace, ".mede2/images/y"), "123");
  await writeFile(join(workspace, "data.jsonl"), "not counted");
  expect(await workspaceBytes(workspace)).toBe(8);
  expect(await bytesBelow(join(workspace, "nothing"))).toBe(0);
  expect(await freeBytes(join(workspace, "not/there/yet"))).toBeGreaterThan(0);
});
