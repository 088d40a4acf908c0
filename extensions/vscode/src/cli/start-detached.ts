import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { FoundCli } from "./find-cli.ts";

type Cli = Extract<FoundCli, { found: true }>;

export interface Detached {
  readonly pid: number | undefined;
  readonly log: string;
  /** The exit code, as long as this window lives; an error when it could not be started. */
  readonly ended: Promise<{ readonly code: number | null; readonly error?: string }>;
}

/**
 * Starts a command that outlives the window: its own process group, nothing piped, output to a log file. No shell, ever: what is in the
 * array arrives as it is.
 */
export function startDetached(cli: Cli, args: readonly string[], cwd: string, log: string): Detached {
  mkdirSync(dirname(log), { recursive: true });
  const file = openSync(log, "w");
  let child: ChildProcess;
  try {
    child = spawn(cli.program, [...cli.before, ...args], {
      ...{ cwd, detached: true, shell: false, windowsHide: true, stdio: ["ignore", file, file] },
      env: cliEnvironment(process.env),
    });
  } finally {
    closeSync(file);
  }
  const ended = new Promise<{ code: number | null; error?: string }>((resolve) => {
    child.once("error", (error) => resolve({ code: null, error: error.message }));
    child.once("exit", (code) => resolve({ code }));
  });
  child.unref();
  return { pid: child.pid, log, ended };
}

/** The editor's own variables are none of the command's business; MEDE2_WORKSPACE is said by --workspace. */
export function cliEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(
    ([name]) =>
      !/^(VSCODE_|ELECTRON_|NODE_OPTIONS$|CODE_SERVER_|MEDE2_WORKSPACE$|PASSWORD$|HASHED_PASSWORD$)/.test(
        name,
      ),
  );
  return { ...Object.fromEntries(kept), NO_COLOR: "1" };
}
