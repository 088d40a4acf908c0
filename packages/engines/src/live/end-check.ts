import type { Breach } from "./breach.ts";

/** Exit code 0 says little: a trainer that saved on TERM ends with it, too. */
export function endCheck(
  exitCode: number | undefined,
  taken: number,
  asked: number | undefined,
): Breach | undefined {
  if (exitCode !== 0 || asked === undefined || taken >= asked) return undefined;
  return {
    name: "steps",
    expected: asked,
    actual: taken,
    cause: `the engine ended with code 0 after ${taken} of ${asked} steps`,
    next: "resume the run: it was told to end, by a signal or a time limit",
  };
}
