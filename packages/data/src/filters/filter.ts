import type { Question } from "@mede2/schemas";

/** A question is kept, or dropped for a reason: a short name that is counted, and a phrase on this case. */
export type Verdict = { kept: true } | { dropped: string; detail: string };

/** One rule that a question must pass. */
export interface Filter {
  name: string;
  /** The rule with its settings in one sentence, for the card. */
  about: string;
  judge(question: Question): Verdict | Promise<Verdict>;
  /** Sees every question of the set, in order, before the first is judged: for rules about the set as a whole. */
  survey?(question: Question): void;
  /** Sees every question that passed all filters, so that a rule compares with what is kept and not with what another rule dropped. */
  admit?(question: Question): void | Promise<void>;
  /** What the card should say beside the counts, once all is judged. */
  notes?(): string[];
}

export const kept: Verdict = { kept: true };

export const dropped = (reason: string, detail: string): Verdict => ({ dropped: reason, detail });
