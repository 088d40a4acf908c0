import type { Alarm, RunState } from "@mede2/runs";
import type { Plan, RunStatus } from "@mede2/schemas";
import type { Piece, StyleName } from "./output.ts";

/** A run as `runs` and `watch` tell it to programs. What is not known is left out. */
export type RunSummary = {
  readonly id: string;
  readonly kind: string;
  readonly status: RunStatus | "unreadable";
  readonly step: number;
  readonly steps?: number;
  readonly loss?: number;
  readonly alarms: readonly Pick<Alarm, "name" | "level" | "message" | "next">[];
  readonly dir: string;
  readonly recipe?: string;
  readonly createdAt?: string;
  readonly updatedAt?: string;
  /** Why the run cannot be read. */
  readonly reason?: string;
};

/** Steps of the whole run: from the plan, or from the share of the epochs that is done. */
export function plannedSteps(state: RunState, plan: Plan): number | undefined {
  if (state.steps !== null) return state.steps;
  if (state.phase === "finished") return state.step;
  const epochs = "schedule" in plan ? (plan.schedule as { epochs?: number }).epochs : undefined;
  const { latest } = state;
  if (epochs === undefined || latest?.epoch === undefined || latest.epoch <= 0) return undefined;
  return Math.max(state.step, Math.ceil((epochs * latest.step) / latest.epoch - 1e-6));
}

const statusStyles: Readonly<Record<string, StyleName>> = {
  finished: "green",
  running: "cyan",
  paused: "yellow",
  stopped: "yellow",
  queued: "dim",
  failed: "red",
  lost: "red",
  unreadable: "red",
};

export function statusPiece(status: string): Piece {
  const style = statusStyles[status];
  return style === undefined ? status : { text: status, style };
}
