import type { RunStatus } from "@mede2/schemas";
import { type Role, type Segment, span } from "../text/line.ts";

const looks: Readonly<Record<RunStatus, readonly [sign: string, role: Role]>> = {
  queued: ["○", "dim"],
  running: ["●", "accent"],
  paused: ["◆", "warn"],
  stopped: ["■", "warn"],
  finished: ["✓", "good"],
  failed: ["✗", "bad"],
  lost: ["✗", "bad"],
};

/** The status with a sign and a word: it is never told by colour alone. */
export function statusSegment(status: RunStatus): Segment {
  const [sign, role] = looks[status];
  return span(`${sign} ${status}`, role);
}

const stages: Readonly<Record<string, string>> = {
  sft: "Stage I",
  preference: "Stage II",
  pretrain: "pretrain",
  evaluate: "evaluate",
};

/** The stage of the recipe that a kind of run belongs to, or the kind. */
export const stageOf = (kind: string): string => stages[kind] ?? kind;

export function progressBar(share: number | undefined, cells: number): Segment[] {
  if (share === undefined) return [span("░".repeat(cells), "dim")];
  const full = Math.round(share * cells);
  return [span("█".repeat(full), share >= 1 ? "good" : "accent"), span("░".repeat(cells - full), "dim")];
}
