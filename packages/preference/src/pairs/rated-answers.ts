import { isCorrect } from "@mede2/answers";
import {
  type Candidates,
  candidatesSchema,
  problemSentence,
  problemsOf,
  type RatedAnswer,
  type Rating,
  ratedAnswerSchema,
  readJsonl,
  type Trace,
  type WrittenJsonl,
  withId,
  writeJsonlAtomic,
} from "@mede2/schemas";
import { z } from "zod";
import { compileRubric } from "../compile-rubric.ts";
import { PreferenceError } from "../preference-error.ts";
import type { Rubric } from "../rubric.ts";
import { defaultRubric } from "../rubrics/default-rubric.ts";
import { passesGates } from "../score-trace.ts";
import { constructedFrom } from "./negative-kinds.ts";
import { type Dropped, ratingOf } from "./propose-pairs.ts";

/** How answers are told desirable from undesirable one by one. All have defaults. */
export const ratedAnswerSettingsSchema = z.strictObject({
  /** Name of the plan, for the provenance. */
  plan: z.string().default(""),
  /** Least total of a desirable answer, which must pass every gate and floor too. */
  desirableFrom: z.number().default(0.5),
  /** Greatest total of an undesirable answer that passes them; what lies between is left out. */
  undesirableTo: z.number().default(0.5),
  /** Most answers of one question on either side: the best of the desirable, the worst of the undesirable. */
  perSide: z.int().min(1).default(4),
  /** Whether an undesirable answer must at least have an answer. */
  answered: z.boolean().default(true),
  /** Control: a right answer is desirable, a wrong one is not, and the process does not count. */
  outcomeOnly: z.boolean().default(false),
  /** "balanced": both sides weigh the same in all, one an answer on average; "equal": 1. */
  weight: z.enum(["balanced", "equal"]).default("balanced"),
  /** Most answers in all. */
  limit: z.int().min(1).optional(),
});

export type RatedAnswerSettings = z.infer<typeof ratedAnswerSettingsSchema>;
export type RatedAnswerSettingsInput = z.input<typeof ratedAnswerSettingsSchema>;

export interface RatedAnswerCounts {
  answers: number;
  desirable: number;
  undesirable: number;
  /** Undesirable answers that are right: their process is what is wrong. */
  rightButUndesirable: number;
  questions: number;
  /** Answers that were not used, by reason. */
  dropped: Dropped;
}

/**
 * Rated candidates as answers that are judged one by one, for losses without pairs (KTO, BCO). Deterministic in candidates and settings; the file is read twice and must not change
 * meanwhile. Throws a PreferenceError for candidates without ratings, and when a side would be empty.
 */
export async function buildRatedAnswersFile(
  { candidates, out }: { candidates: string; out: string },
  settings: RatedAnswerSettingsInput = {},
  rubric: Rubric = defaultRubric,
): Promise<WrittenJsonl & RatedAnswerCounts> {
  const { data: ready, error } = ratedAnswerSettingsSchema.safeParse(settings);
  if (error !== undefined)
    throw new PreferenceError(
      "invalid-settings",
      `rated answers: ${problemSentence(problemsOf(error, settings))}`,
    );
  if (ready.undesirableTo > ready.desirableFrom)
    throw new PreferenceError("invalid-settings", "rated answers: undesirableTo lies above desirableFrom");
  const counts: RatedAnswerCounts = {
    ...{ answers: 0, desirable: 0, undesirable: 0, rightButUndesirable: 0, questions: 0 },
    dropped: {},
  };
  for await (const one of readJsonl(candidates, candidatesSchema)) count(counts, one, ready, rubric);
  if (counts.desirable === 0 || counts.undesirable === 0)
    throw new PreferenceError(
      "one-sided",
      `there are ${counts.desirable} desirable and ${counts.undesirable} undesirable answers: a loss on single answers needs both; sample more, or move desirableFrom and undesirableTo`,
    );
  const weightOf = (desirable: boolean): number =>
    ready.weight === "equal"
      ? 1
      : round(counts.answers / (2 * (desirable ? counts.desirable : counts.undesirable)));
  const written = await writeJsonlAtomic(out, answersOf(candidates, ready, rubric, weightOf), {
    schema: ratedAnswerSchema,
  });
  return { ...written, ...counts };
}

function count(
  counts: RatedAnswerCounts,
  candidates: Candidates,
  settings: RatedAnswerSettings,
  rubric: Rubric,
): void {
  const { kept, dropped } = judged(candidates, settings, rubric);
  for (const [reason, n] of Object.entries(dropped))
    counts.dropped[reason] = (counts.dropped[reason] ?? 0) + n;
  let used = 0;
  for (const { desirable, right } of kept) {
    if (counts.answers >= (settings.limit ?? Number.POSITIVE_INFINITY)) break;
    used += 1;
    counts.answers += 1;
    counts[desirable ? "desirable" : "undesirable"] += 1;
    if (right && !desirable) counts.rightButUndesirable += 1;
  }
  if (used > 0) counts.questions += 1;
}

async function* answersOf(
  path: string,
  settings: RatedAnswerSettings,
  rubric: Rubric,
  weightOf: (desirable: boolean) => number,
): AsyncGenerator<RatedAnswer> {
  let left = settings.limit ?? Number.POSITIVE_INFINITY;
  for await (const candidates of readJsonl(path, candidatesSchema)) {
    const { question } = candidates;
    for (const { trace, rating, desirable } of judged(candidates, settings, rubric).kept) {
      if (left-- <= 0) return;
      const { name, version, rubric: rubricName } = rating.scorer;
      yield withId({
        ...{ record: "rated-answer" as const, v: 1 as const },
        ...{ question, trace, rating, desirable, weight: weightOf(desirable) },
        provenance: {
          plan: settings.plan,
          scorer: `${name} ${version} ${rubricName}`,
          parents: [trace.id],
          ...(settings.outcomeOnly && { control: "outcome-only" }),
        },
        ...{ licence: question.licence, split: question.split },
      });
    }
  }
}

interface Judged {
  trace: Trace;
  rating: Rating;
  right: boolean;
  desirable: boolean;
}

/** The answers of one question that are kept, desirable ones first, the clearest of each side first. */
function judged(
  candidates: Candidates,
  settings: RatedAnswerSettings,
  rubric: Rubric,
): { kept: Judged[]; dropped: Dropped } {
  const dropped: Dropped = {};
  const drop = (reason: string) => {
    dropped[reason] = (dropped[reason] ?? 0) + 1;
  };
  const floors = compileRubric(rubric).criteria;
  const texts = new Set<string>();
  const all = candidates.traces.flatMap((trace): Judged[] => {
    if (texts.has(trace.text)) {
      drop("duplicate-trace");
      return [];
    }
    texts.add(trace.text);
    const rating = ratingOf(candidates, trace.id);
    if (rating === undefined)
      throw new PreferenceError(
        "unrated",
        `the trace ${trace.id} of ${candidates.question.id} has no rating: score the candidates first`,
      );
    const right = isCorrect(trace.answer, candidates.question.gold);
    const fit =
      passesGates(rating) &&
      floors.every(({ name, floor }) => {
        const criterion = rating.criteria[name];
        return criterion?.status !== "scored" || criterion.value >= floor - 1e-9;
      });
    const side = sideOf(rating, right, fit, constructedFrom(trace) !== null, settings);
    const unread = settings.answered && trace.answer.status !== "found";
    if (typeof side === "string") drop(side);
    else if (!side && unread) drop(`undesirable-${trace.answer.status}`);
    else return [{ trace, rating, right, desirable: side }];
    return [];
  });
  const clearest = (desirable: boolean): Judged[] => {
    const own = all.filter((each) => each.desirable === desirable);
    const total = ({ rating }: Judged) => rating.total ?? 0;
    const order = own.sort(
      (a, b) => (desirable ? total(b) - total(a) : total(a) - total(b)) || (a.trace.id < b.trace.id ? -1 : 1),
    );
    for (const _ of order.slice(settings.perSide)) drop("per-side");
    return order.slice(0, settings.perSide);
  };
  return { kept: [...clearest(true), ...clearest(false)], dropped };
}

/** Whether an answer is desirable, or why it is left out. */
function sideOf(
  { total }: Rating,
  right: boolean,
  fit: boolean,
  constructed: boolean,
  { outcomeOnly, desirableFrom, undesirableTo }: RatedAnswerSettings,
): boolean | string {
  if (constructed) return false;
  if (outcomeOnly) return right;
  if (!fit) return false;
  if (total === null) return "no-total";
  if (total >= desirableFrom - 1e-9) return true;
  return total <= undesirableTo + 1e-9 ? false : "between";
}

const round = (value: number) => Math.round(value * 1e6) / 1e6;
