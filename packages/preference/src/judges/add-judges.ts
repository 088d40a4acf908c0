import type { Candidates, Judgement, Span } from "@mede2/schemas";
import { type CompiledRubric, compileRubric } from "../compile-rubric.ts";
import { PreferenceError } from "../preference-error.ts";
import type { Rubric } from "../rubric.ts";
import { anchorOf, type DetailedRating, round, totalOf } from "../score-trace.ts";
import { type AskSettings, askJudge, type Judge } from "./ask-judge.ts";
import type { Calibration } from "./calibration.ts";
import { isotonicAt } from "./isotonic.ts";
import type { JudgeScore } from "./parse-judge-reply.ts";

export interface Judging extends AskSettings {
  /** "judge": one judge; "jury": judges of at least two families, who must agree. */
  mode: "judge" | "jury";
  judges: readonly Judge[];
  calibration?: Calibration | undefined;
}

/** A rating with what each judge said, for agreement and calibration; kept by every reader. */
export type JudgedRating = DetailedRating & {
  byJudge: Record<string, Record<string, { anchor: 0 | 1 | 2 } | { unscored: string }>>;
};

/** Throws "too-few-families" for a jury of relatives, or a judge too many. */
export function checkJudging({ mode, judges }: Pick<Judging, "mode" | "judges">): void {
  const families = new Set(judges.map(({ family }) => family));
  if (mode === "judge" && judges.length !== 1)
    throw new PreferenceError(
      "too-few-families",
      `mode judge takes one judge, not ${judges.length}: use mode jury for several`,
    );
  if (mode === "jury" && families.size < 2)
    throw new PreferenceError(
      "too-few-families",
      `a jury needs judges of two families or more, these are of ${[...families].join(", ") || "none"}: add another judge`,
    );
}

/** Adds what judges say to the ratings of one question's traces. The gates stay those of the checks: no judge opens one. */
export async function addJudges(
  { question, traces }: Pick<Candidates, "question" | "traces">,
  ratings: readonly DetailedRating[],
  rubric: Rubric,
  judging: Judging,
): Promise<JudgedRating[]> {
  const compiled = compileRubric(rubric);
  const { mode, judges, calibration, ...ask } = judging;
  const said = await Promise.all(judges.map((judge) => askJudge(judge, question, traces, compiled, ask)));
  return ratings.map((rating, at) => {
    const scores = judges.map((judge, index) => ({ judge, scores: said[index]![at]! }));
    const shown =
      question.images.length > 0 && traces[at]!.images !== "none" && traces[at]!.images !== "options-only";
    const criteria: DetailedRating["criteria"] = { ...rating.criteria };
    for (const { name, judge } of compiled.criteria) {
      if (judge === undefined || (judge.needsImage && !shown)) continue;
      const verdict = combineJudges(
        scores.map(({ judge, scores }) => ({ judge, score: scores[name] ?? { unscored: "judge-left-out" } })),
        name,
        mode,
        calibration,
      );
      criteria[name] = merge(rating.criteria[name], verdict, compiled.rubric);
    }
    return {
      ...rating,
      scorer: { ...rating.scorer, mode, judges: judges.map(({ name }) => name) },
      criteria,
      total: totalOf(compiled.criteria, criteria),
      byJudge: Object.fromEntries(
        scores.map(({ judge, scores }) => [
          judge.name,
          Object.fromEntries(
            Object.entries(scores).map(([name, score]) => [
              name,
              "anchor" in score ? { anchor: score.anchor } : score,
            ]),
          ),
        ]),
      ),
    };
  });
}

type Combined = { value: number; spans: Span[] } | { unscored: string };

/** One judge's calibrated value; or the mean over a jury, first within a family and then over families, when two families judged and nobody is two anchors from another. */
export function combineJudges(
  scores: readonly { judge: Pick<Judge, "name" | "family">; score: JudgeScore }[],
  criterion: string,
  mode: "judge" | "jury",
  calibration?: Calibration,
): Combined {
  const given = scores.flatMap(({ judge, score }) => ("anchor" in score ? [{ judge, ...score }] : []));
  if (given.length === 0) {
    const first = scores[0]?.score;
    return { unscored: first !== undefined && "unscored" in first ? first.unscored : "no-judge" };
  }
  const byFamily = new Map<string, number[]>();
  for (const { judge, anchor } of given) {
    const map = calibration?.judges[judge.name]?.[criterion];
    const value = map === undefined ? anchor / 2 : isotonicAt(map, anchor);
    byFamily.set(judge.family, [...(byFamily.get(judge.family) ?? []), value]);
  }
  if (mode === "jury") {
    if (byFamily.size < 2) return { unscored: "jury-without-quorum" };
    const anchors = given.map(({ anchor }) => anchor);
    if (Math.max(...anchors) - Math.min(...anchors) > 1) return { unscored: "jury-disagrees" };
  }
  const means = [...byFamily.values()].map(
    (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  );
  return {
    value: round(means.reduce((sum, value) => sum + value, 0) / means.length),
    spans: given.flatMap(({ spans }) => spans).slice(0, 12),
  };
}

function merge(
  checks: Judgement | undefined,
  said: Combined,
  { judgeShare, anchors }: CompiledRubric["rubric"],
): Judgement {
  if ("unscored" in said)
    return checks?.status === "scored" ? checks : { status: "unscored", reason: said.unscored };
  const value =
    checks?.status === "scored"
      ? round((1 - judgeShare) * checks.value + judgeShare * said.value)
      : said.value;
  const spans = [...(checks?.status === "scored" ? checks.spans : []), ...said.spans].slice(0, 12);
  return { status: "scored", value, anchor: anchorOf(value, anchors), spans };
}
