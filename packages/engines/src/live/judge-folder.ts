import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { eventBatches, foreignReader } from "@mede2/runs";
import type { RunEventBody } from "@mede2/schemas";
import { plannedObjective } from "@mede2/trainer";
import type { Breach } from "./breach.ts";
import { type Diagnosis, diagnose } from "./diagnose.ts";
import type { Expectations } from "./expectations.ts";
import { runChecks } from "./run-checks.ts";

/** What became of a training that another program wrote to a folder, and what must not have been. */
export type Verdict = {
  /** Steps that it took, and those that it was asked for. */
  readonly steps: number;
  readonly asked: number | undefined;
  /** By its log: "finished", "stopped", "failed", or "open" when the log just ends. */
  readonly end: "finished" | "stopped" | "failed" | "open";
  readonly breaches: readonly Breach[];
  /** Why it died, by what it printed. */
  readonly diagnosis: Diagnosis | undefined;
};

/**
 * Judges an output folder of ms-swift (`args.json`, `logging.jsonl`, and what it printed as `output`, when there is a file of it) that we did not start: the checks that need
 * no plan. A resumed full training, a reference that is the base, a divergence and an early end with code 0 are found so.
 */
export async function judgeFolder(dir: string, output?: string): Promise<Verdict> {
  const text = output === undefined ? "" : await readFile(output, "utf8");
  return judge(await expectationsOfArguments(dir), text, eventBatches(dir));
}

/** Judges what a trainer of transformers, such as TRL's, printed to a file (`*.log`), where there is nothing else of it. `expected`: what is known of the run. */
export async function judgeOutput(file: string, expected: Expectations = {}): Promise<Verdict> {
  const text = await readFile(file, "utf8");
  const reader = foreignReader({ program: "transformers", file });
  async function* batches() {
    for (;;) {
      const { events, more } = await reader.read();
      yield events;
      if (!more) return;
    }
  }
  const verdict = await judge(expected, text, batches());
  // what raises prints its cause, and no end
  const diagnosis = verdict.end === "open" ? diagnose(text) : verdict.diagnosis;
  return { ...verdict, end: diagnosis === undefined ? verdict.end : "failed", diagnosis };
}

async function judge(
  expected: Expectations,
  output: string,
  batches: AsyncIterable<readonly { readonly type: string; readonly step?: unknown }[]>,
): Promise<Verdict> {
  const checks = runChecks(expected);
  const breaches: Breach[] = checks.output(output);
  let [steps, end] = [0, "open" as Verdict["end"]];
  for await (const batch of batches)
    for (const event of batch) {
      breaches.push(...checks.event(event as RunEventBody));
      if (event.type === "step-end") steps = (event as { step: number }).step;
      if (event.type === "run-resumed") end = "open";
      const ended = /^run-(finished|stopped|failed)$/.exec(event.type)?.[1];
      if (ended !== undefined) end = ended as Verdict["end"];
    }
  if (end === "finished" || end === "stopped") breaches.push(...checks.end(0, steps));
  return {
    steps,
    asked: expected.steps,
    end,
    breaches,
    diagnosis: end === "failed" ? diagnose(checks.tail()) : undefined,
  };
}

/** What the arguments of a run of ms-swift let expect. */
async function expectationsOfArguments(dir: string): Promise<Expectations> {
  let given: Record<string, unknown>;
  try {
    given = JSON.parse(await readFile(join(dir, "args.json"), "utf8")) as Record<string, unknown>;
  } catch {
    return {};
  }
  const number = (key: string) => (typeof given[key] === "number" ? (given[key] as number) : undefined);
  const steps = number("max_steps");
  const worldSize = number("global_world_size");
  return {
    ...(steps === undefined || steps < 1 ? {} : { steps }),
    ...(worldSize === undefined || worldSize < 1 ? {} : { worldSize }),
    tolerance: given.torch_dtype === "float32" ? 1e-3 : 5e-2,
    ...preferenceOf(given),
  };
}

const names: Readonly<Record<string, Parameters<typeof plannedObjective>[0]["name"]>> = {
  sigmoid: "dpo",
  robust: "dpo",
  hinge: "hinge",
  apo_zero: "apo-zero",
  bco_pair: "bco-pair",
};

function preferenceOf(given: Readonly<Record<string, unknown>>): Expectations {
  if (given.rlhf_type !== "dpo") return {};
  const types = Array.isArray(given.loss_type) ? given.loss_type.map(String) : [String(given.loss_type)];
  const weights = Array.isArray(given.loss_weights) ? given.loss_weights.map(Number) : types.map(() => 1);
  const beta = typeof given.beta === "number" ? given.beta : 0.1;
  let [lossAtStart, nllWeight] = [0, typeof given.rpo_alpha === "number" ? given.rpo_alpha : 0];
  for (const [index, type] of types.entries()) {
    const weight = weights[index] ?? 1;
    const name = names[type];
    const atStart = name === undefined ? undefined : plannedObjective({ name, beta }).atStart;
    if (type === "sft") nllWeight += weight;
    else if (atStart === undefined) return {};
    else lossAtStart += weight * atStart;
  }
  return { lossAtStart, nllWeight };
}
