import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { type Io, run } from "../src/index.ts";

export type Ran = {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The object on the last line of stdout. */
  json<T>(): T;
};

/** Runs a command line in this process, with streams that remember. */
export async function mede2(argv: readonly string[], more: Partial<Io> = {}): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []];
  const never = new AbortController().signal;
  const code = await run(argv, {
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
    env: {},
    cwd: process.cwd(),
    clock: Date.now,
    stop: never,
    end: never,
    ...more,
  });
  return {
    code,
    out: out.join(""),
    err: err.join(""),
    json: <T>() => JSON.parse(out.join("").trimEnd().split("\n").at(-1)!) as T,
  };
}

/** A folder of this test file, removed after it. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mede2-cli-"));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
