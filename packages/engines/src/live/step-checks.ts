import type { EventOf } from "@mede2/schemas";
import type { Breach } from "./breach.ts";
import type { Expectations } from "./expectations.ts";

type Step = Omit<EventOf<"step-end">, "record" | "v" | "seq" | "ts" | "nonFinite"> & {
  readonly nonFinite?: readonly string[] | undefined;
  readonly nll?: number | undefined;
};

/** Reads the steps of a run in order, over all its attempts. */
export type StepChecks = { step(event: Step): Breach[] };

/** Checks of the numbers that an engine logs: what must hold before the first update, whether all processes work together, and whether a resume goes on where it stopped. */
export function stepChecks(expected: Expectations): StepChecks {
  const losses = new Map<number, number>();
  let last = 0;
  let first = true;
  return {
    step(event) {
      const { step, loss } = event;
      const breaches = [notFinite(event)];
      if (first && step === 1) breaches.push(...atStart(event, expected));
      if (first) breaches.push(epochs(event, expected));
      const before = losses.get(step);
      // a second run that begins at 1 is none of a resume
      if (before !== undefined && step <= last && step > 1)
        breaches.push(afterResume(event, before, expected));
      if (loss !== undefined) losses.set(step, loss);
      first = false;
      last = step;
      return breaches.filter((breach) => breach !== undefined);
    },
  };
}

function notFinite({ step, nonFinite = [] }: Step): Breach | undefined {
  const keys = nonFinite.filter((key) => /^(loss|gradientNorm|rewards)/.test(key));
  if (keys.length === 0) return undefined;
  return {
    name: "not-finite",
    actual: keys.join(", "),
    cause: `${keys.join(" and ")} not finite at step ${step}${keys.includes("loss") ? " (the engine's own log may show a loss of 0)" : ""}`,
    next: "lower the learning rate, or look at the data of this step; resume goes on from the checkpoint before it",
  };
}

/** The table of invariants: policy = reference, so the preference part of the loss is a constant and rewards are 0. */
function atStart(event: Step, expected: Expectations): Breach[] {
  const { lossAtStart, nllWeight = 0, tolerance = 1e-3, worldSize = 1 } = expected;
  const { loss, rewards, nll } = event;
  if (lossAtStart === undefined || loss === undefined) return [];
  const known = nllWeight === 0 || nll !== undefined;
  const preference = loss - nllWeight * (nll ?? 0);
  const moved = [rewards?.chosen, rewards?.rejected, rewards?.margin].some(
    (reward) => reward !== undefined && Math.abs(reward) > tolerance,
  );
  const wrong = known && Math.abs(preference - lossAtStart) > tolerance * Math.max(1, lossAtStart);
  if (!wrong && !moved) return [];
  const doubled = worldSize > 1 && Math.abs(preference / lossAtStart - worldSize) < 0.01;
  const round = (value: number) => Number(value.toFixed(4));
  if (doubled)
    return [
      {
        name: "processes",
        expected: round(lossAtStart),
        actual: round(preference),
        cause: `the first loss is ${worldSize} times what it must be: the processes add their losses up instead of averaging them`,
        next: "on a CPU, set use_cpu (emit does); else check the backend of torch.distributed",
      },
    ];
  return [
    {
      name: "preference-loss-at-start",
      expected: round(lossAtStart),
      actual: known ? round(preference) : `rewards of ${rewards?.chosen} and ${rewards?.rejected}`,
      cause: moved
        ? "the reference is not the model that the run starts from: most likely it is the base, not the adapter of Stage I"
        : "policy and reference are equal, but the loss is another one than the plan's, or dropout is on",
      next: moved
        ? "give the engine the adapter of Stage I as reference, too (ms-swift: ref_adapters), and start again"
        : "compare loss_type, loss_weights and beta in the engine's args.json with the plan",
    },
  ];
}

/** An epoch goes by as fast as the samples of all processes fill it. */
function epochs({ step, epoch }: Step, { rows, perStep, worldSize = 1 }: Expectations): Breach | undefined {
  if (epoch === undefined || rows === undefined || perStep === undefined || step < 1) return undefined;
  if (rows < 4 * perStep) return undefined; // too few steps to tell
  const wanted = perStep / rows;
  const actual = epoch / step;
  if (actual / wanted > 0.75 && actual / wanted < 1.34) return undefined;
  const alone = worldSize > 1 && Math.abs((actual * worldSize) / wanted - 1) < 0.3;
  return {
    name: "processes",
    expected: Number(wanted.toFixed(6)),
    actual: Number(actual.toFixed(6)),
    cause: alone
      ? `each of the ${worldSize} processes trains alone: a step takes ${Math.round(perStep / worldSize)} samples instead of ${perStep}`
      : `a step takes about ${Math.round(actual * rows)} samples instead of ${perStep}`,
    next: alone
      ? "the processes are not synchronised: on a CPU set use_cpu (emit does); else check torchrun's variables"
      : "compare the batch size in the engine's args.json with the plan",
  };
}

/** A step that is taken again after a resume has the loss that it had. */
function afterResume(
  { step, loss }: Step,
  before: number,
  { tolerance = 1e-3 }: Expectations,
): Breach | undefined {
  if (loss === undefined) return undefined;
  if (Math.abs(loss - before) <= tolerance * Math.max(1, Math.abs(before))) return undefined;
  return {
    name: "resumed-loss",
    expected: Number(before.toFixed(4)),
    actual: Number(loss.toFixed(4)),
    cause: `step ${step} has another loss than before the resume: weights, optimiser or data are not those of the checkpoint`,
    next: "resume with the same files and number of processes; a full training needs a base with the names of transformers v5",
  };
}
