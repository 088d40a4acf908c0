import type { RunEstimate } from "./estimate/run-estimate.ts";

/** What a check has to say about a plan, its data or the machine. An error keeps the run from being started. */
export type Finding = {
  readonly level: "error" | "warning" | "info";
  /** Kebab-case; the same cause has the same code. */
  readonly code: string;
  /** What is wrong, and where: file, line, key. */
  readonly message: string;
  /** What the reader can do about it. */
  readonly next?: string;
  /** How often it was found, when the message stands for several. */
  readonly count?: number;
};

/** What there is to say of a plan, and what it will need; without an estimate where the plan cannot be carried out. */
export type Preflight = { readonly findings: readonly Finding[]; readonly estimate?: RunEstimate };
