import type { RunEventBody } from "@mede2/schemas";
import type { Breach } from "./breach.ts";
import { endCheck } from "./end-check.ts";
import type { Expectations } from "./expectations.ts";
import { outputChecks } from "./output-checks.ts";
import { stepChecks } from "./step-checks.ts";

/** All checks of a run on an outside engine, fed as it goes. Each breach is told once. */
export type RunChecks = {
  /** What it printed since the last call; a line that is not whole is kept for the next. */
  output(text: string): Breach[];
  event(body: RunEventBody): Breach[];
  /** Events of earlier attempts: remembered, not judged. */
  past(body: RunEventBody): void;
  end(exitCode: number | undefined, taken: number): Breach[];
  /** The last of what it printed, for a diagnosis. */
  tail(): string;
};

const kept = 20_000;

export function runChecks(expected: Expectations): RunChecks {
  const [steps, printed] = [stepChecks(expected), outputChecks(expected)];
  const told = new Set<string>();
  let rest = "";
  let tail = "";
  const fresh = (breaches: readonly Breach[]) =>
    breaches.filter(({ name, cause }) => {
      const key = `${name} ${cause}`;
      if (told.has(key)) return false;
      told.add(key);
      return true;
    });
  return {
    output(text) {
      tail = (tail + text).slice(-kept);
      const lines = (rest + text).split(/[\r\n]+/);
      rest = lines.pop() ?? "";
      return fresh(lines.flatMap((line) => printed.line(line)));
    },
    event: (body) => (body.type === "step-end" ? fresh(steps.step(body)) : []),
    past(body) {
      if (body.type === "step-end") steps.step(body);
    },
    end(exitCode, taken) {
      const short = endCheck(exitCode, taken, expected.steps);
      return fresh([...(rest === "" ? [] : printed.line(rest)), ...(short === undefined ? [] : [short])]);
    },
    tail: () => tail,
  };
}
