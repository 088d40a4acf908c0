export { CliError, type ExitCode, exitCodes } from "./exit.ts";
export type { Io, Sink } from "./io.ts";
export { oneLine, printable, printableJson } from "./printable.ts";
export { run } from "./run.ts";
