import { type PromptStyle, promptStyles } from "@mede2/llm";
import type { PlanData, TrainingPlan } from "@mede2/schemas";

/** The name of a data file's prompt style, as the trainer takes it: its own, else the plan's, else "reason". */
export function promptStyleName(data: PlanData, plan: TrainingPlan): unknown {
  return (data as { promptStyle?: unknown }).promptStyle ?? plan.settings?.promptStyle ?? "reason";
}

/** The style of that name; undefined where there is none. */
export function promptStyleNamed(name: unknown): PromptStyle | undefined {
  return typeof name === "string" && Object.hasOwn(promptStyles, name)
    ? promptStyles[name as keyof typeof promptStyles]
    : undefined;
}

/** How the styles are told. */
export const promptStyleList = (): string => Object.keys(promptStyles).join(", ");
