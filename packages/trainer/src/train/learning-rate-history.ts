import { readControls, runPlaces } from "@mede2/runs";
import { readLines } from "@mede2/schemas";

/** A learning rate that was set by request when `step` steps had been taken: it holds from the next step on. */
export type RateChange = { readonly step: number; readonly learningRate: number };

/**
 * The learning rates that earlier attempts were asked for, by the step at which each took effect: an attempt that goes on from an older checkpoint sets them
 * again at the same steps. Where an attempt that went back was asked for another rate, that wish holds, and later changes of attempts before it are forgotten.
 */
export async function pastLearningRates(runDir: string): Promise<RateChange[]> {
  const rates = new Map<string, number>();
  for (const { id, args } of (await readControls(runDir)).requests)
    if (typeof args.learningRate === "number") rates.set(id, args.learningRate);
  if (rates.size === 0) return [];
  let changes: RateChange[] = [];
  let step = 0;
  for await (const { text } of readLines(runPlaces.events(runDir))) {
    const event = parse(text);
    if (event.type === "run-started") step = stepOf(event.fromCheckpoint);
    else if (event.type === "step-end") step = Number(event.step);
    else if (event.type === "control-acknowledged" && event.outcome === "done") {
      const learningRate = rates.get(String(event.id));
      if (learningRate !== undefined) changes = withChange(changes, { step, learningRate });
    }
  }
  return changes;
}

/** Adds a change; those planned for the same step or later are overruled. */
export function withChange(changes: readonly RateChange[], change: RateChange): RateChange[] {
  return [...changes.filter(({ step }) => step < change.step), change];
}

/** Only lines that matter are parsed; a torn one says nothing. */
function parse(text: string): Record<string, unknown> {
  if (!/"type":"(?:run-started|step-end|control-acknowledged)"/.test(text)) return {};
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function stepOf(checkpoint: unknown): number {
  return Number(/step-(\d+)$/.exec(String(checkpoint ?? ""))?.[1] ?? 0);
}
