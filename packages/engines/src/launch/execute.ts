import { execFile } from "node:child_process";
import { EngineError } from "../engine-error.ts";

/** What a program said and how it ended. */
export type Executed = { readonly code: number; readonly stdout: string; readonly stderr: string };

export type ExecuteSettings = {
  readonly cwd?: string;
  /** Text for its standard input. */
  readonly input?: string;
  /** Default: 60. */
  readonly seconds?: number;
  /** Output as bytes: each character of it is one (Latin-1). Default: false, UTF-8. */
  readonly bytes?: boolean;
};

/** Runs a program with these arguments. Launchers get it as an argument, so that tests can say what a cluster answers. */
export type Execute = (
  program: string,
  args: readonly string[],
  settings?: ExecuteSettings,
) => Promise<Executed>;

/**
 * Runs a program to its end, without a shell. Any exit code is a result; an EngineError is thrown for a program that is missing ("program-missing")
 * or does not end in time ("program-slow").
 */
export const execute: Execute = (program, args, settings = {}) =>
  new Promise((resolve, reject) => {
    const seconds = settings.seconds ?? 60;
    const child = execFile(
      program,
      args,
      {
        ...{ cwd: settings.cwd, timeout: seconds * 1000, killSignal: "SIGKILL", maxBuffer: 64 << 20 },
        encoding: settings.bytes === true ? "latin1" : "utf8",
      },
      (error, stdout, stderr) => {
        const { code, killed } = (error ?? {}) as { code?: unknown; killed?: boolean };
        if (code === "ENOENT")
          reject(
            new EngineError(
              "program-missing",
              `${program} is not on the PATH of this machine`,
              `install it, or start from a machine that has ${program}`,
              error,
            ),
          );
        else if (killed === true)
          reject(
            new EngineError(
              "program-slow",
              `${program} ${args[0] ?? ""} did not end within ${seconds} s`,
              "see whether the machine that it asks can be reached",
              error,
            ),
          );
        else if (error !== null && typeof code !== "number") reject(error);
        else resolve({ code: typeof code === "number" ? code : 0, stdout, stderr });
      },
    );
    child.stdin?.on("error", () => {}); // it may end before it has read all
    child.stdin?.end(settings.input ?? "");
  });

/** The first line that is not empty, for a message. */
export function firstLine(text: string): string {
  return (
    text
      .split("\n")
      .map((line) => line.trim())
      .find((line) => line !== "") ?? "it said nothing"
  );
}
