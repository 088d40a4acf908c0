import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Seconds that a work takes over all its attempts. */
export type WorkClock = {
  seconds(): number;
  /** Call it now and then: what was worked is kept a few times a minute, so that a kill loses little of it. */
  tick(): void;
  /** Keeps it now. */
  save(): void;
};

const everySeconds = 5;

/** Opens the clock of a work in a small file; a file that is missing or damaged counts as no work done. */
export function openWorkClock(path: string, now: () => number = () => performance.now()): WorkClock {
  const before = readSeconds(path);
  const started = now();
  let saved = started;
  const seconds = () => before + (now() - started) / 1000;
  const save = () => {
    saved = now();
    const temporary = `${path}.${process.pid}.tmp`;
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(temporary, `${JSON.stringify({ seconds: seconds() })}\n`);
      renameSync(temporary, path);
    } catch {
      // a full disk is told by the work itself; a wrong sum of seconds must not hide that
    }
  };
  return {
    seconds,
    save,
    tick() {
      if (now() - saved >= everySeconds * 1000) save();
    },
  };
}

function readSeconds(path: string): number {
  try {
    const { seconds } = JSON.parse(readFileSync(path, "utf8")) as { seconds?: unknown };
    return typeof seconds === "number" && Number.isFinite(seconds) && seconds >= 0 ? seconds : 0;
  } catch {
    return 0;
  }
}
