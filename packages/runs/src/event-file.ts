import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { RunError } from "./run-error.ts";

/** An append-only file with one writer, whose last line is always whole. */
export interface EventFile {
  /** Writes the text in one system call. Throws a RunError "write-failed" and takes back what was written of it, as if never called. */
  append(text: string): void;
  /** Makes what was written survive a power cut. */
  sync(): void;
  close(): void;
}

/** Opens the file for appending. Its last line must be whole: see `repairJsonlTail`. */
export function openEventFile(path: string): EventFile {
  const file = openSync(path, "a");
  return {
    append(text) {
      const bytes = Buffer.from(text, "utf8");
      const { size } = fstatSync(file);
      let done = 0;
      try {
        // one call unless the system takes a part only (full disk, signal)
        while (done < bytes.length) done += writeSync(file, bytes, done, bytes.length - done);
      } catch (error) {
        if (done > 0) ftruncateSync(file, size);
        const reason = error instanceof Error ? error.message : String(error);
        throw new RunError(
          "write-failed",
          `${path}: an event could not be written (${reason}); free disk space and resume the run`,
          error,
        );
      }
    },
    sync: () => fsyncSync(file),
    close: () => closeSync(file),
  };
}
