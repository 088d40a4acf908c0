import { basename } from "node:path";
import type { Preflight } from "@mede2/engines";
import type { Reply } from "./command.ts";
import { exitCodes } from "./exit.ts";

/** A preflight as a command says it: a report to read, or its findings as JSON. */
export async function preflightReply({ findings, estimate }: Preflight, plan: string): Promise<Reply> {
  const { preflightReport } = await import("@mede2/engines");
  const valid = !findings.some(({ level }) => level === "error");
  return {
    json: {
      valid,
      findings,
      ...(estimate === undefined
        ? {}
        : {
            estimate: {
              steps: estimate.steps,
              ...(estimate.seconds === undefined ? {} : { seconds: estimate.seconds }),
              memoryBytes: Math.round(estimate.memory.total),
              memory: estimate.memory,
              diskBytes: Math.round(estimate.diskBytes),
            },
          }),
    },
    exit: valid ? exitCodes.done : exitCodes.badInput,
    print: (output) => {
      for (const line of preflightReport(findings, basename(plan)).trimEnd().split("\n")) output.line(line);
    },
  };
}
