import { isTrainingPlan, type Plan } from "@mede2/schemas";
import type { Context } from "./command.ts";
import { engineContext } from "./engine-context.ts";
import type { Finding } from "./plan-check.ts";
import type { PlanEstimate } from "./plan-estimate.ts";

/** What a plan for an outside engine is estimated to take, by that engine's own preflight; memory is that of each process or GPU. */
export type OutsideEstimate = Omit<PlanEstimate, "basis"> & { readonly basis: "engine" };

/** Asks the engine of a plan what it says of every row, of its machines and of time. Nothing is started. */
export async function estimateOutside(
  plan: Plan,
  workspace: string,
  { io }: Context,
): Promise<{ readonly estimate?: OutsideEstimate; readonly notes: readonly Finding[] }> {
  if (!isTrainingPlan(plan) || plan.engine === "embedded") return { notes: [] };
  const { engineOf } = await import("@mede2/engines");
  const { findings, estimate } = await engineOf(plan.engine).preflight(
    plan,
    engineContext(plan, workspace, undefined, io.env),
  );
  const notes = findings.map(({ level, message, next }) => ({
    level,
    message: next === undefined ? message : `${message}; ${next}`,
  }));
  if (estimate === undefined) return { notes };
  const { steps, seconds, memory, diskBytes } = estimate;
  return {
    notes,
    estimate: {
      ...{ steps, memoryBytes: memory.total, diskBytes, basis: "engine" },
      ...(seconds === undefined ? {} : { seconds }),
    },
  };
}
