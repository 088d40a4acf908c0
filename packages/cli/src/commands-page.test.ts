import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { mede2 } from "../test/run-cli.ts";
import { openOutput } from "./output.ts";
import { buildProgram } from "./program.ts";

const never = new AbortController().signal;
const sink = { write: () => {} };
const io = { stdout: sink, stderr: sink, env: {}, cwd: ".", clock: Date.now, stop: never, end: never };
const program = buildProgram({ io, output: openOutput(io, false), resumeHint: undefined, exit: 0 });

/** Commands that do something, by their words: those without commands of their own, and those that act without one. */
const commandsOf = (command: Command, words: readonly string[] = []): (readonly string[])[] =>
  command.commands.flatMap((each) => {
    const path = [...words, each.name()];
    const acts = each.commands.length === 0 || each.options.some(({ long }) => long === "--json");
    return [...(acts ? [path] : []), ...commandsOf(each, path)];
  });
const commands = commandsOf(program).map((words) => [words.join(" ")] as const);

describe("every command", () => {
  it.each(commands)("%s has a help with an example", async (words) => {
    const { code, out } = await mede2([...words.split(" "), "--help"]);
    expect(code).toBe(0);
    expect(out).toMatch(/\nExamples?:\n {2}mede2 /);
    expect(out).toContain("--json");
  });

  const page = join(fileURLToPath(new URL("../../..", import.meta.url)), "docs/commands.md");
  it.skipIf(!existsSync(page)).each(commands)("%s has an example in docs/commands.md", (words) => {
    const text = readFileSync(page, "utf8");
    const run = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block).join("\n");
    const told = [...text.matchAll(/^\| `([a-z -]+)` \| `mede2 /gm)].map(([, name]) => name);
    const runs = new RegExp(`mede2 ${words}(?![a-z-])`).test(run);
    expect(runs || told.includes(words)).toBe(true);
  });
});
