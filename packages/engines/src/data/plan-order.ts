import type { TrainingPlan } from "@mede2/schemas";
import { epochBatches } from "@mede2/trainer";

/** Indices of records in the order in which a plan learns from them, and the number of steps that they fill. */
export type PlanOrder = { readonly order: readonly number[]; readonly steps: number };

/**
 * The order of the embedded engine, written out for all epochs, so that any engine that reads its file from the top (no shuffling) learns from the same records in the same
 * steps, with any number of processes. Where the records do not fill an epoch's last step, the next epoch fills it (the embedded engine takes a smaller step instead).
 */
export function planOrder(plan: TrainingPlan, lengths: readonly number[]): PlanOrder {
  const perStep = plan.batch.size * plan.batch.accumulation;
  const rows =
    plan.schedule.steps === undefined
      ? Math.ceil((plan.schedule.epochs ?? 1) * lengths.length)
      : plan.schedule.steps * perStep;
  const order: number[] = [];
  for (let epoch = 0; order.length < rows; epoch++)
    order.push(...epochBatches(lengths, perStep, plan.seed, epoch).flat());
  order.length = rows;
  return { order, steps: Math.ceil(rows / perStep) };
}
