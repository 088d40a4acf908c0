import type { Question } from "@mede2/schemas";

/** What another harness is given: the verbatim text of the last reply. */
export interface PeerReply {
  text: string;
  options: readonly string[];
  gold: Question["gold"];
}

/**
 * What another harness says. `label` is null where it reads none. `guess`: it could not read an answer and draws one at random (`drawn`, `among` so
 * many), or takes the nearest option by letters (`nearest`). A drawn guess is not correct here; its expected score is 1/among.
 */
export interface PeerVerdict {
  label: string | null;
  correct: boolean;
  guess: { kind: "drawn" | "nearest"; among: number } | null;
}

/** Labels of the right options, in upper case; empty for a question without labels. */
export const goldLabels = (gold: Question["gold"]): readonly string[] =>
  "labels" in gold ? gold.labels : [];

export const verdictOf = (label: string | null, gold: Question["gold"]): PeerVerdict => ({
  label,
  correct: label !== null && goldLabels(gold).length === 1 && goldLabels(gold)[0] === label,
  guess: null,
});
