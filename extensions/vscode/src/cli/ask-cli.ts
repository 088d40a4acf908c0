import { execFile } from "node:child_process";
import type { FoundCli } from "./find-cli.ts";
import { cliEnvironment } from "./start-detached.ts";

type Cli = Extract<FoundCli, { found: true }>;

/** What a short command said: its JSON object, or what went wrong in its own words. */
export type CliReply =
  | { readonly ok: true; readonly json: Record<string, unknown>; readonly code: number }
  | { readonly ok: false; readonly message: string; readonly code: number | null };

/** Runs a short command with `--json` and reads the object in its last line. Ends it when the signal says so. */
export function askCli(
  cli: Cli,
  args: readonly string[],
  cwd: string,
  signal?: AbortSignal,
): Promise<CliReply> {
  return new Promise((resolve) => {
    const child = execFile(
      cli.program,
      [...cli.before, ...args],
      {
        ...{ cwd, shell: false, windowsHide: true, maxBuffer: 1 << 26, encoding: "utf8" },
        env: cliEnvironment(process.env),
        ...(signal === undefined ? {} : { signal }),
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : null;
        const json = lastObject(stdout);
        if (json !== undefined && code !== null) resolve({ ok: true, json, code });
        else resolve({ ok: false, message: complaint(stderr) ?? error?.message ?? "it wrote no JSON", code });
      },
    );
    child.stdin?.end();
  });
}

/** The object in the last line that is not empty. */
export function lastObject(stdout: string): Record<string, unknown> | undefined {
  const line = stdout.trimEnd().split("\n").at(-1) ?? "";
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The last lines that a command wrote to stderr: its error and its advice. Objects that it wrote for programs are left out. */
export function complaint(stderr: string): string | undefined {
  const lines = stderr
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("{"));
  const error = lines.findLastIndex((line) => /^(error|mede2)\b/i.test(line));
  const text = lines.slice(error < 0 ? -2 : error).join(" ");
  return text === "" ? undefined : text.slice(0, 800);
}
