import { CommanderError } from "commander";
import type { Context } from "./command.ts";
import { type ExitCode, exitCodes, type Fault, faultOf, Stopped } from "./exit.ts";
import type { Io } from "./io.ts";
import { openOutput } from "./output.ts";
import { printable } from "./printable.ts";
import { buildProgram } from "./program.ts";

/** Runs one command line (`argv` without node and script) and returns its exit code. It throws nothing and ends no process. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const forPrograms = argv.includes("--json");
  const output = openOutput(io, forPrograms);
  const context: Context = { io, output, resumeHint: undefined, exit: exitCodes.done };
  const program = buildProgram(context);
  try {
    await program.parseAsync([...argv], { from: "user" });
    return context.exit;
  } catch (error) {
    if (error instanceof CommanderError && isHelp(error))
      return error.code === "commander.help" ? exitCodes.badInput : exitCodes.done;
    const fault = error instanceof CommanderError ? usageFault(error, argv) : faultFor(error, context);
    tell(fault, error, context, forPrograms);
    return fault.exit;
  }
}

function isHelp({ code }: CommanderError): boolean {
  return ["commander.help", "commander.helpDisplayed", "commander.version"].includes(code);
}

function usageFault(error: CommanderError, argv: readonly string[]): Fault {
  const words = argv.slice(
    0,
    Math.max(
      0,
      argv.findIndex((word) => !/^[a-z][a-z-]*$/.test(word)),
    ),
  );
  const command = ["mede2", ...words.slice(0, 2)].join(" ");
  const message = error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ");
  return { code: "usage", message, next: `see ${command} --help`, exit: exitCodes.badInput };
}

/** After Ctrl-C whatever ends the command counts as stopped, unless it failed on its own. */
function faultFor(error: unknown, { io, resumeHint }: Context): Fault {
  const { stop } = io;
  const stopped =
    error instanceof Stopped ||
    (stop.aborted && (error === stop.reason || (error instanceof Error && error.name === "AbortError")));
  if (!stopped) return faultOf(error);
  return { code: "stopped", message: "stopped", next: resumeHint, exit: exitCodes.stopped };
}

function tell(fault: Fault, error: unknown, { io, output }: Context, forPrograms: boolean): void {
  const { code, message, next } = fault;
  const sentence = message.trim().replace(/[.\s]+$/, "");
  const step = next === undefined ? "" : `; ${next.trim().replace(/[.\s]+$/, "")}`;
  output.note({ text: "mede2: ", style: code === "stopped" ? "yellow" : "red" }, `${sentence}${step}.`);
  if (io.env.MEDE2_DEBUG === "1" && error instanceof Error) output.note(printable(stackOf(error)));
  if (forPrograms)
    output.json({ error: { code, message: sentence, ...(next === undefined ? {} : { next }) } });
}

function stackOf(error: Error): string {
  const own = error.stack ?? String(error);
  return error.cause instanceof Error ? `${own}\ncaused by ${stackOf(error.cause)}` : own;
}
