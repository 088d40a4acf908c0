import { rename, rm } from "node:fs/promises";
import { RunError } from "./run-error.ts";

/** Lets `write` fill a file beside `out` and puts it in its place: it appears whole or not at all. Throws a RunError "write-failed", or what `write` threw of that kind. */
export async function wholeFile<T>(out: string, write: (temporary: string) => Promise<T>): Promise<T> {
  const temporary = `${out}.${process.pid}.tmp`;
  try {
    const result = await write(temporary);
    await rename(temporary, out);
    return result;
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof RunError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new RunError(
      "write-failed",
      `${out} could not be written (${reason}); choose another place`,
      error,
    );
  }
}
