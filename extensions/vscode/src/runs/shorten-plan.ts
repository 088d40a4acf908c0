import { isTrainingPlan, type Plan } from "@mede2/schemas";

export interface PlanWish {
  /** End after so many steps instead of the recipe's epochs. */
  readonly steps?: number | undefined;
  readonly engine?: string | undefined;
  readonly device?: string | undefined;
}

/** A plan with the wishes of a form put in; whether they can be honoured is the command's to say. */
export function wishedPlan(plan: Plan, { steps, engine, device }: PlanWish): Record<string, unknown> {
  const changed: Record<string, unknown> = { ...plan };
  if (engine !== undefined) changed.engine = engine;
  if (device !== undefined) changed.device = device;
  if (steps !== undefined && isTrainingPlan(plan)) {
    const { epochs: _epochs, ...schedule } = plan.schedule;
    changed.schedule = { ...schedule, steps };
  }
  return changed;
}

/** A name for a run or a plan: when, and of which recipe. Safe as a file name everywhere. */
export function runName(recipe: string, now: Date): string {
  const time = now.toISOString().replace(/[-:]/g, "").slice(0, 15);
  const safe = recipe
    .replace(/[^\w.-]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "")
    .slice(0, 40);
  return `${time}-${safe === "" ? "run" : safe}`;
}
