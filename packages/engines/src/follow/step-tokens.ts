import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { EmittedRun } from "../engine.ts";

/** Tokens that a step computes and those that are learnt, by our own count of the emitted rows: engines do not log them. */
export type StepTokens = { of(step: number): { tokens: number; supervisedTokens: number } | undefined };

export async function readStepTokens(run: EmittedRun): Promise<StepTokens> {
  const perStep = Number(run.expected.perStep ?? 0);
  const text = await readFile(join(run.dir, "data/rows.jsonl"), "utf8").catch(() => "");
  const rows = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { tokens?: number; supervised?: number });
  return {
    of(step) {
      const taken = perStep > 0 ? rows.slice((step - 1) * perStep, step * perStep) : [];
      if (taken.length === 0 || taken.some(({ tokens }) => tokens === undefined)) return undefined;
      return {
        tokens: taken.reduce((sum, row) => sum + row.tokens!, 0),
        supervisedTokens: taken.reduce((sum, row) => sum + (row.supervised ?? 0), 0),
      };
    },
  };
}
