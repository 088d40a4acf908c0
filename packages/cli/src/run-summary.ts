import type { Alarm } from "@mede2/runs";
import type { RunStatus } from "@mede2/schemas";
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
