import { resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import type { ExitCode } from "./exit.ts";
import type { Io } from "./io.ts";
import type { Output } from "./output.ts";

/** What a command gets beside its arguments. */
export type Context = {
  readonly io: Io;
  readonly output: Output;
  /** What is said when the command is stopped: how to go on. */
  resumeHint: string | undefined;
  exit: ExitCode;
};

/** What a command has to say: an object for programs, lines for people. */
export type Reply = {
  readonly json: object;
  readonly print?: (output: Output) => void;
  /** Default: done. */
  readonly exit?: ExitCode;
};

export type CommonOptions = { readonly json?: true; readonly workspace?: string };

/** A command with the options that all have, and examples under its help. */
export function addCommand(parent: Command, usage: string, summary: string, examples: string[]): Command {
  return withExamples(
    parent
      .command(usage)
      .summary(summary)
      .description(`${summary}.`)
      .option("--json", "write one JSON object as the last line of stdout")
      .option("--workspace <dir>", "folder of runs and images (default: $MEDE2_WORKSPACE, else here)"),
    examples,
  );
}

/** A command that only has commands. */
export function addGroup(parent: Command, name: string, summary: string): Command {
  return parent.command(name).summary(summary).description(`${summary}.`);
}

function withExamples(command: Command, examples: readonly string[]): Command {
  const title = examples.length === 1 ? "Example:" : "Examples:";
  return command.addHelpText("after", `\n${title}\n${examples.map((line) => `  ${line}`).join("\n")}`);
}

/** Says the reply of a command in the form that was asked for. */
export function say(context: Context, options: CommonOptions, reply: Reply): void {
  if (options.json) context.output.json(reply.json);
  else reply.print?.(context.output);
  context.exit = reply.exit ?? 0;
}

/** The workspace of a command, absolute. */
export function workspaceFolder({ io }: Context, { workspace }: CommonOptions): string {
  return resolve(io.cwd, workspace ?? (io.env.MEDE2_WORKSPACE || "."));
}

/** A path of the command line, absolute. */
export const pathOf = ({ io }: Context, path: string): string => resolve(io.cwd, path);

/** Parsers of options. Each says what it expects. */
export const parse = {
  positive: (text: string): number => whole(text, 1, "a whole number above 0"),
  count: (text: string): number => whole(text, 0, "a whole number, 0 or more"),
  aboveZero: (text: string): number => number(text, (value) => value > 0, "a number above 0"),
  atLeastZero: (text: string): number => number(text, (value) => value >= 0, "a number, 0 or more"),
  share: (text: string): number =>
    number(text, (value) => value > 0 && value <= 1, "a number above 0, at most 1"),
  list: (text: string): string[] =>
    text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== ""),
} as const;

/** An option that may be given several times. */
export const collect = (text: string, before: readonly string[] = []): string[] => [...before, text];

function whole(text: string, least: number, expected: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < least) throw new InvalidArgumentError(`Expected ${expected}.`);
  return value;
}

function number(text: string, holds: (value: number) => boolean, expected: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value) || !holds(value)) throw new InvalidArgumentError(`Expected ${expected}.`);
  return value;
}
