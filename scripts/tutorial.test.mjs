import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bashOf, chaptersOf, secondsOf } from "./lib/tutorial.mjs";
import { root } from "./lib/workspace.mjs";

const page =
  "# T\n\n```sh\nnot a chapter\n```\n\n## It's one\n\n```sh\nx=1\n```\n\ntext\n\n```sh screen\nexit 7\n```\n\n## None\n\ntext\n\n## Two\n\n```sh\ntest $x = 1\n```\n";

test("blocks of a page, by chapter, without screens", () => {
  expect(chaptersOf(page)).toEqual([
    { title: "It's one", first: true, blocks: ["x=1\n"] },
    { title: "Two", first: false, blocks: ["test $x = 1\n"] },
  ]);
});

test.skipIf(process.platform === "win32")("they run in one bash, which stops at what fails", () => {
  const run = (text) => spawnSync("bash", ["-c", bashOf(chaptersOf(text))], { encoding: "utf8" });
  const good = run(page);
  expect(good.status).toBe(0);
  expect([...secondsOf(good.stdout).keys()]).toEqual(["It's one", "Two"]);
  const bad = run(page.replace("x=1", "x=1; false"));
  expect(bad.status).toBe(1);
  expect(secondsOf(bad.stdout).size).toBe(0);
});

test("the tutorial has chapters to run, and the demo comes first", () => {
  const chapters = chaptersOf(readFileSync(join(root, "docs/tutorial.md"), "utf8"));
  expect(chapters.length).toBeGreaterThan(5);
  expect(chapters[0].blocks.join("")).toContain("demo --quick");
});
