import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { askCli, complaint, lastObject } from "./ask-cli.ts";
import { buildPairs, checkPlan, train } from "./cli-arguments.ts";
import { cliEnvironment, startDetached } from "./start-detached.ts";

const folder = mkdtempSync(join(tmpdir(), "mede2-cli-"));
const echo = join(folder, "echo.mjs");
writeFileSync(
  echo,
  "console.log('noise');console.log(JSON.stringify({args:process.argv.slice(2),cwd:process.cwd()}));process.exitCode=Number(process.env.CODE_FOR_TEST??0)",
);
const cli = { found: true, program: process.execPath, before: [echo], from: "test" } as const;
const nasty = ["a b.plan.json", "$(touch x)", "`id`", "; rm -rf /", '"quoted"', "ünï\ncode"];

it("hands every argument over as it is, and reads the last line", async () => {
  const reply = await askCli(cli, nasty, folder);
  expect(reply).toMatchObject({ ok: true, code: 0, json: { args: nasty, cwd: folder } });
});

it("says what went wrong in the command's own words", async () => {
  const broken = join(folder, "broken.mjs");
  writeFileSync(
    broken,
    "console.error('reading 1\\nerror: model: there is no such folder\\n  check the path');process.exit(2)",
  );
  const reply = await askCli({ ...cli, before: [broken] }, [], folder);
  expect(reply).toEqual({
    ok: false,
    code: 2,
    message: "error: model: there is no such folder check the path",
  });
});

it("starts a command that is on its own, with its output in a log", async () => {
  const log = join(folder, "logs", "echo.log");
  const { ended, pid } = startDetached(cli, nasty, folder, log);
  expect(pid).toBeGreaterThan(0);
  expect(await ended).toEqual({ code: 0 });
  expect(JSON.parse(readFileSync(log, "utf8").split("\n")[1]!)).toMatchObject({ args: nasty });
});

it("says when the program cannot be started", async () => {
  const { ended } = startDetached(
    { ...cli, program: join(folder, "nowhere") },
    [],
    folder,
    join(folder, "x.log"),
  );
  expect((await ended).error).toMatch(/ENOENT/);
});

it("keeps the editor's variables from the command", () => {
  expect(
    cliEnvironment({
      PATH: "p",
      VSCODE_IPC: "x",
      ELECTRON_RUN_AS_NODE: "1",
      NODE_OPTIONS: "-r evil",
      PASSWORD: "s",
    }),
  ).toEqual({
    PATH: "p",
    NO_COLOR: "1",
  });
});

it("reads only an object", () => {
  expect(lastObject("a\n[1]\n")).toBeUndefined();
  expect(lastObject("")).toBeUndefined();
  expect(complaint("")).toBeUndefined();
  expect(complaint('mede2: it was killed\nresume it\n{"error":{"code":"x"}}\n')).toBe(
    "mede2: it was killed resume it",
  );
});

it("refuses a path that would read as an option", () => {
  expect(() => train("--help", "r", "w")).toThrow(RangeError);
  expect(() => checkPlan("-x", "w")).toThrow(RangeError);
  expect(buildPairs("/w/a.candidates.jsonl", "/w/a.pairs.jsonl", 0.3, "/w")).toEqual([
    ...[
      "pairs",
      "build",
      "/w/a.candidates.jsonl",
      "--out",
      "/w/a.pairs.jsonl",
      "--both-right",
      "0.3",
      "--workspace",
      "/w",
      "--json",
    ],
  ]);
});
