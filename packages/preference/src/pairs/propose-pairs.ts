import { isCorrect } from "@mede2/answers";
import type { Candidates, Rating, Trace } from "@mede2/schemas";
import { compileRubric } from "../compile-rubric.ts";
import { isotonicAt } from "../judges/isotonic.ts";
import { PreferenceError } from "../preference-error.ts";
import type { Rubric } from "../rubric.ts";
import { passesGates } from "../score-trace.ts";
import { constructedFrom, negativeKindOf, type Side } from "./negative-kinds.ts";
import type { PairSettings } from "./pair-settings.ts";
import { rightAnswerOf } from "./right-answer.ts";

/** A possible pair, small enough to keep millions of them. */
export interface Proposal {
  questionId: string;
  /** Pairs of one case are capped together. */
  caseId: string;
  /** The right answer in words: what `balance` balances. */
  answer: string;
  chosen: string;
  rejected: string;
  kind: string;
  /** Both answers are right. */
  bothRight: boolean;
  margin: number;
  /** ln(length of chosen / length of rejected). */
  lengthLogRatio: number;
}

/** Why traces, pairs and questions were not used: counts by reason. */
export type Dropped = Record<string, number>;

interface Rated extends Side {
  rating: Rating;
  total: number | null;
  eligible: boolean;
}

/** All pairs that one question's candidates allow. */
export function proposePairs(
  candidates: Candidates,
  settings: PairSettings,
  rubric: Rubric,
): { proposals: Proposal[]; dropped: Dropped } {
  const dropped: Dropped = {};
  const drop = (reason: string) => {
    dropped[reason] = (dropped[reason] ?? 0) + 1;
  };
  const { question } = candidates;
  const floors = compileRubric(rubric).criteria;
  const rated = distinctTraces(candidates.traces, () => drop("duplicate-trace")).map((trace): Rated => {
    const rating = ratingOf(candidates, trace.id);
    if (rating === undefined)
      throw new PreferenceError(
        "unrated",
        `the trace ${trace.id} of ${question.id} has no rating: score the candidates first`,
      );
    const right = isCorrect(trace.answer, question.gold);
    const below = floors.find(({ name, floor }) => {
      const judged = rating.criteria[name];
      return judged?.status === "scored" && judged.value < floor - 1e-9;
    });
    const eligible = settings.outcomeOnly ? right : passesGates(rating) && below === undefined;
    if (!eligible && constructedFrom(trace) === null) {
      const gate = Object.keys(rating.gates).find((name) => rating.gates[name] === "failed");
      drop(
        settings.outcomeOnly
          ? "not-chosen:wrong"
          : gate !== undefined
            ? `not-chosen:gate:${gate}`
            : `not-chosen:floor:${below?.name}`,
      );
    }
    return { trace, rating, right, constructed: constructedFrom(trace), total: rating.total, eligible };
  });
  const proposals = rated
    .filter(({ eligible }) => eligible)
    .flatMap((chosen) =>
      rated.flatMap((rejected) => {
        if (rejected === chosen) return [];
        const proposal = propose(candidates, chosen, rejected, settings);
        if (typeof proposal !== "string") return [proposal];
        drop(proposal);
        return [];
      }),
    );
  if (proposals.length === 0) drop("question-without-pair");
  return { proposals, dropped };
}

function propose(
  { question }: Candidates,
  chosen: Rated,
  rejected: Rated,
  settings: PairSettings,
): Proposal | string {
  const kind = negativeKindOf(chosen, rejected);
  if (kind === null) return "pair:no-kind";
  if (settings.outcomeOnly && rejected.right) return "pair:same-outcome";
  if (settings.rejectedAnswers && rejected.trace.answer.status !== "found")
    return `pair:rejected-${rejected.trace.answer.status}`;
  if (!settings.outcomeOnly) {
    if (chosen.total === null || rejected.total === null) return "pair:no-total";
    if (chosen.total - rejected.total < settings.margin - 1e-9) return "pair:margin";
    const { calibration, agreement } = settings;
    if (calibration !== undefined && isotonicAt(calibration, chosen.total - rejected.total) < agreement)
      return "pair:calibration";
    const judged = compareCriteria(chosen.rating, rejected.rating, settings.anchorSlack);
    if (judged !== null) return judged;
  }
  const lengthLogRatio = Math.log(lengthOf(chosen.trace) / lengthOf(rejected.trace));
  const matched = Math.abs(lengthLogRatio) < settings.lengthLogRatio;
  if (settings.lengthMatch === "require" && !matched) return "pair:length";
  return {
    questionId: question.id,
    caseId: question.group.case ?? question.id,
    answer: rightAnswerOf(question),
    chosen: chosen.trace.id,
    rejected: rejected.trace.id,
    kind,
    bothRight: chosen.right && rejected.right,
    margin: (chosen.total ?? 0) - (rejected.total ?? 0),
    lengthLogRatio,
  };
}

/** The rejected side must be worse somewhere, and may not be much better anywhere. Criteria that either side lacks do not count. */
function compareCriteria(chosen: Rating, rejected: Rating, slack: number): string | null {
  let worse = false;
  for (const [name, better] of Object.entries(chosen.criteria)) {
    const other = rejected.criteria[name];
    if (better.status !== "scored" || other?.status !== "scored") continue;
    if (other.value < better.value - 1e-9) worse = true;
    if ((other.anchor ?? 0) - (better.anchor ?? 0) > slack) return "pair:better-elsewhere";
  }
  return worse ? null : "pair:not-worse";
}

/** The first rating of a trace counts: that of the last scorer that ran. */
export function ratingOf({ ratings }: Candidates, traceId: string): Rating | undefined {
  return ratings.find((rating) => rating.traceId === traceId);
}

/** Tokens where they were counted, or else code units. */
export function lengthOf({ tokens, text }: Trace): number {
  return tokens.completion > 0 ? tokens.completion : Math.max(1, text.length / 4);
}

/** Two samples with the same words are one. */
function distinctTraces(traces: readonly Trace[], onDuplicate: () => void): Trace[] {
  const seen = new Set<string>();
  return traces.filter(({ text }) => {
    if (!seen.has(text)) return seen.add(text);
    onDuplicate();
    return false;
  });
}
