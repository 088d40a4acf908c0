import type { Judgement, Rating, Span } from "@mede2/schemas";
import type { CheckResult } from "./checks/check.ts";
import { type CompiledRubric, compileRubric } from "./compile-rubric.ts";
import { PreferenceError } from "./preference-error.ts";
import type { Rubric } from "./rubric.ts";
import { defaultRubric } from "./rubrics/default-rubric.ts";
import { type TraceContext, type TraceInput, traceContext } from "./trace-context.ts";

/** A rating with what it rests on. The two more keys are kept by every reader of the record. */
export type DetailedRating = Rating & {
  /** Value of every check that applied, by criterion. */
  parts: Record<string, Record<string, number>>;
  /** Why gates failed. */
  failures: Record<string, { reason: string; spans: Span[] }>;
};

const mostSpans = 12;

/**
 * MMRP without any model: gates and criteria of the rubric over one trace. Deterministic, linear in the trace's length, and it never throws for a
 * trace, whatever its text. A check that has nothing to go by (no image, no links, no log-probabilities) does not count; a criterion
 * of which no check applies is unscored with the reason. The total is the weighted mean of the scored criteria.
 */
export function scoreTrace(input: TraceInput, rubric: Rubric = defaultRubric): DetailedRating {
  const { question, trace } = input;
  if (trace.questionId !== question.id)
    throw new PreferenceError(
      "wrong-question",
      `trace ${trace.id} answers ${trace.questionId}, not ${question.id}: hand in the trace's own question`,
    );
  const compiled = compileRubric(rubric);
  const context = traceContext(input);
  const rating: DetailedRating = {
    record: "rating",
    v: 1,
    traceId: trace.id,
    scorer: {
      name: "mmrp",
      version: scorerVersion,
      rubric: `${compiled.rubric.name}@${compiled.rubric.version}`,
      mode: "programmatic",
      judges: [],
    },
    gates: {},
    criteria: {},
    total: null,
    parts: {},
    failures: {},
  };
  for (const { name, atLeast, check } of compiled.gates) {
    const result = check.run(context);
    if ("notApplicable" in result) rating.gates[name] = "not-applicable";
    else if (result.value >= atLeast - 1e-9) rating.gates[name] = "passed";
    else {
      rating.gates[name] = "failed";
      const spans = result.spans.slice(0, mostSpans);
      rating.failures[name] = { reason: result.reason ?? `${check.name} is ${result.value}`, spans };
    }
  }
  judge(compiled, context, rating);
  return rating;
}

/** Changes whenever the same trace may get another rating under the same rubric. */
export const scorerVersion = "3";

function judge({ criteria, rubric }: CompiledRubric, context: TraceContext, rating: DetailedRating): void {
  for (const { name, parts, combine: how } of criteria) {
    const results = parts.map((part) => ({ ...part, result: part.check.run(context) }));
    const judgement = combine(results, rubric.anchors, how);
    rating.criteria[name] = judgement;
    const values: Record<string, number> = {};
    for (const { check, result } of results) if ("value" in result) values[check.name] = round(result.value);
    rating.parts[name] = values;
  }
  rating.total = totalOf(criteria, rating.criteria);
}

/** The weighted mean of the criteria that have a value; null when none that counts has one. */
export function totalOf(criteria: CompiledRubric["criteria"], judged: Rating["criteria"]): number | null {
  let [sum, weights] = [0, 0];
  for (const { name, weight } of criteria) {
    const judgement = judged[name];
    if (judgement?.status !== "scored") continue;
    sum += weight * judgement.value;
    weights += weight;
  }
  return weights > 0 ? round(sum / weights) : null;
}

/** What the mean counts beside the least: one fault decides, and two are worse than one. */
const besides = 0.2;

function combine(
  results: readonly { weight: number; result: CheckResult }[],
  [one, two]: readonly [number, number],
  how: "mean" | "worst",
): Judgement {
  const applied = results.flatMap(({ weight, result }) => ("value" in result ? [{ weight, ...result }] : []));
  if (applied.length === 0) {
    const first = results[0]?.result;
    const reason =
      first === undefined ? "judge-only" : "notApplicable" in first ? first.notApplicable : "nothing-applies";
    return { status: "unscored", reason };
  }
  const weights = applied.reduce((sum, { weight }) => sum + weight, 0);
  const mean = applied.reduce((sum, { weight, value }) => sum + weight * value, 0) / weights;
  const least = Math.min(...applied.map(({ value }) => value));
  const value = round(how === "mean" ? mean : (least + besides * mean) / (1 + besides));
  return {
    status: "scored",
    value,
    anchor: anchorOf(value, [one, two]),
    spans: distinct(applied.flatMap(({ spans }) => spans)),
  };
}

/** 0, 1 or 2 by the rubric's thresholds. */
export function anchorOf(value: number, [one, two]: readonly [number, number]): 0 | 1 | 2 {
  return value >= two ? 2 : value >= one ? 1 : 0;
}

/** Six digits, so that a sum's order of terms does not show. */
export const round = (value: number) => Math.round(value * 1e6) / 1e6;

function distinct(spans: readonly Span[]): Span[] {
  const seen = new Set<string>();
  return spans
    .filter(({ field, start, end }) => {
      const key = `${field}:${start}:${end}`;
      return !seen.has(key) && seen.add(key) !== undefined;
    })
    .sort((a, b) => a.start - b.start || a.end - b.end)
    .slice(0, mostSpans);
}

/** Whether a rating lets its trace be chosen: no gate failed. */
export function passesGates(rating: Rating): boolean {
  return Object.values(rating.gates).every((state) => state !== "failed");
}
