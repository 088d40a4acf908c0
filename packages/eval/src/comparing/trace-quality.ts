import type { EvaluationRecord, Question, Trace } from "@mede2/schemas";
import { wilson } from "@mede2/stats";
import { type ClusterSetting, clusterOf, scoreOf } from "../grading/score-of.ts";
import { type PairedUnits, pairScores } from "./paired-units.ts";

/** What somebody who knows the case says of a trace. */
export interface QualityCheck {
  /** The finding in the picture is named right. */
  findingRight: boolean;
  /** The finding that was named, true or not, is the one that the rules go on with. */
  findingCarried: boolean;
  /** Every value that is cited stands in the stem. */
  valuesInStem: boolean;
  /** All links are true of the case, and consistent. */
  trueChain: boolean;
}

export type QualityMeasure = keyof QualityCheck | "rightWithTrueChain" | "rightWithoutTrueChain";

export const qualityMeasures: readonly QualityMeasure[] = [
  "findingRight",
  "findingCarried",
  "valuesInStem",
  "trueChain",
  "rightWithTrueChain",
  "rightWithoutTrueChain",
];

export interface QualityRow {
  questionId: string;
  sample: number;
  cluster: string;
  values: Record<QualityMeasure, 0 | 1>;
}

export interface Share {
  value: number;
  low: number;
  high: number;
  count: number;
  n: number;
}

export interface TraceQuality {
  /** Share of all traces that were checked, with Wilson's interval. */
  measures: Record<QualityMeasure, Share> | null;
  /** Of the right answers, those with a true and consistent chain. */
  chainAmongRight: Share | null;
  /** For paired comparisons: see `qualityUnits`. */
  rows: QualityRow[];
  /** Traces that the check had nothing to say of, or whose request failed. */
  unchecked: number;
}

/**
 * What the traces do, beside whether they are right. `items` are answers of one model under one condition; `check` says what holds of a trace,
 * or undefined when the case is not known.
 */
export function traceQuality(
  items: Iterable<{ question: Question; record: EvaluationRecord; trace: Trace }>,
  check: (question: Question, trace: Trace) => QualityCheck | undefined,
  { cluster = "auto" }: { cluster?: ClusterSetting } = {},
): TraceQuality {
  const rows: QualityRow[] = [];
  let unchecked = 0;
  for (const { question, record, trace } of items) {
    const score = scoreOf(record);
    const quality = score === null ? undefined : check(question, trace);
    if (quality === undefined) {
      unchecked += 1;
      continue;
    }
    const right = score === 1;
    const all = {
      ...quality,
      rightWithTrueChain: right && quality.trueChain,
      rightWithoutTrueChain: right && !quality.trueChain,
    };
    const values = Object.fromEntries(
      qualityMeasures.map((name) => [name, all[name] ? 1 : 0]),
    ) as QualityRow["values"];
    rows.push({
      questionId: question.id,
      sample: record.sample,
      cluster: clusterOf(record, cluster),
      values,
    });
  }
  const count = (measure: QualityMeasure) => rows.filter(({ values }) => values[measure] === 1).length;
  const right = count("rightWithTrueChain") + count("rightWithoutTrueChain");
  return {
    measures:
      rows.length === 0
        ? null
        : (Object.fromEntries(
            qualityMeasures.map((name) => [name, share(count(name), rows.length)]),
          ) as Record<QualityMeasure, Share>),
    chainAmongRight: right === 0 ? null : share(count("rightWithTrueChain"), right),
    rows,
    unchecked,
  };
}

/** Two models' rows, paired by question, for `differenceOf` and `poolUnits`. */
export function qualityUnits(
  a: readonly QualityRow[],
  b: readonly QualityRow[],
  measure: QualityMeasure,
): PairedUnits {
  return pairScores(byQuestion(a, measure), byQuestion(b, measure), measure);
}

function byQuestion(rows: readonly QualityRow[], measure: QualityMeasure) {
  const sums = new Map<string, { sum: number; n: number; cluster: string }>();
  for (const { questionId, cluster, values } of rows) {
    const known = sums.get(questionId) ?? { sum: 0, n: 0, cluster };
    sums.set(questionId, { ...known, sum: known.sum + values[measure], n: known.n + 1 });
  }
  return new Map([...sums].map(([id, { sum, n, cluster }]) => [id, { score: sum / n, cluster }]));
}

function share(count: number, n: number): Share {
  return { ...wilson(count, n), count, n };
}
