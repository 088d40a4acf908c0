import type { EvaluationRecord, Rating } from "@mede2/schemas";
import { type AuditShare, shareOf } from "../auditing/image-audit.ts";
import { type ClusterSetting, clusterOf, scoreOf } from "../grading/score-of.ts";

/** How answers and reasoning go together: four shares of all rated answers, that sum to 1. */
export interface QualityPart {
  n: number;
  rightGood: AuditShare;
  /** A right answer by reasoning that does not hold. */
  rightPoor: AuditShare;
  wrongGood: AuditShare;
  wrongPoor: AuditShare;
  /** Of the right answers, those whose reasoning does not hold. */
  poorAmongRight: AuditShare | null;
}

export interface ReasoningQuality extends QualityPart {
  /** Mean of each criterion among right and among wrong answers, where it was scored. */
  criteria: Record<string, { right: AuditShare | null; wrong: AuditShare | null; unscored: number }>;
  /** How often each gate failed. */
  gates: Record<string, AuditShare>;
  /** The same by the value of each tag that was asked for: specialty, modality, type. */
  by: Record<string, Record<string, QualityPart>>;
  /** Answers without a verdict on their reasoning, by reason. */
  unrated: Record<string, number>;
  scorer: string | null;
  threshold: number;
}

export interface QualitySettings {
  /** Reasoning is good when no gate that counts failed and the mean of its scored criteria is at least this. Default 0.6. */
  threshold?: number;
  /** Gates and criteria that only repeat whether the answer is right. */
  outcome?: readonly string[];
  by?: readonly string[];
  cluster?: ClusterSetting;
}

type Row = { right: boolean; good: boolean; cluster: string; tags: Record<string, unknown> };

/**
 * Trace quality joined to correctness. `items` are answers of one model under one condition with the rating of their trace (undefined: none was made). What
 * the answer is worth must not decide what the reasoning is worth, so gates and criteria in `outcome` do not count.
 */
export function reasoningQuality(
  items: Iterable<{ record: EvaluationRecord; rating: Rating | undefined }>,
  settings: QualitySettings = {},
): ReasoningQuality | null {
  const { threshold = 0.6, outcome = ["answer-correct", "outcome"], by = [], cluster = "auto" } = settings;
  const counts = (name: string) => !outcome.includes(name);
  const rows: Row[] = [];
  const unrated: Record<string, number> = {};
  const criteria = new Map<
    string,
    { rows: { right: boolean; value: number; cluster: string }[]; unscored: number }
  >();
  const gates = new Map<string, { value: number; cluster: string }[]>();
  let scorer: string | null = null;
  for (const { record, rating } of items) {
    const leave = (reason: string) => {
      unrated[reason] = (unrated[reason] ?? 0) + 1;
    };
    const score = scoreOf(record);
    if (score === null) leave("not-scored");
    else if (rating === undefined) leave("not-rated");
    else {
      const right = score >= 0.5;
      const own = clusterOf(record, cluster);
      const values: number[] = [];
      for (const [name, judgement] of Object.entries(rating.criteria)) {
        if (!counts(name)) continue;
        const known = criteria.get(name) ?? { rows: [], unscored: 0 };
        criteria.set(name, known);
        if (judgement.status === "unscored") known.unscored += 1;
        else {
          known.rows.push({ right, value: judgement.value, cluster: own });
          values.push(judgement.value);
        }
      }
      if (values.length === 0) {
        leave("no-criterion-applies");
        continue;
      }
      let broken = false;
      for (const [name, state] of Object.entries(rating.gates)) {
        if (!counts(name) || state === "not-applicable") continue;
        const list = gates.get(name) ?? [];
        gates.set(name, list);
        list.push({ value: Number(state === "failed"), cluster: own });
        broken ||= state === "failed";
      }
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      scorer ??= `${rating.scorer.name}@${rating.scorer.version} ${rating.scorer.rubric} ${rating.scorer.mode}`;
      rows.push({ right, good: !broken && mean >= threshold, cluster: own, tags: record.tags });
    }
  }
  if (rows.length === 0) return null;
  return {
    ...partOf(rows),
    criteria: Object.fromEntries(
      [...criteria].map(([name, { rows: scored, unscored }]) => {
        const among = (right: boolean) => {
          const list = scored.filter((row) => row.right === right);
          return list.length === 0 ? null : shareOf(list);
        };
        return [name, { right: among(true), wrong: among(false), unscored }];
      }),
    ),
    gates: Object.fromEntries([...gates].map(([name, list]) => [name, shareOf(list)])),
    by: Object.fromEntries(by.map((tag) => [tag, partsBy(rows, tag)])),
    unrated,
    scorer,
    threshold,
  };
}

function partsBy(rows: readonly Row[], tag: string): Record<string, QualityPart> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const value = row.tags[tag];
    const name = typeof value === "string" ? value : "(none)";
    const list = groups.get(name);
    if (list) list.push(row);
    else groups.set(name, [row]);
  }
  return Object.fromEntries(
    [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, list]) => [name, partOf(list)]),
  );
}

function partOf(rows: readonly Row[]): QualityPart {
  const share = (list: readonly Row[], holds: (row: Row) => boolean) =>
    shareOf(list.map((row) => ({ value: Number(holds(row)), cluster: row.cluster })));
  const right = rows.filter((row) => row.right);
  return {
    n: rows.length,
    rightGood: share(rows, (row) => row.right && row.good),
    rightPoor: share(rows, (row) => row.right && !row.good),
    wrongGood: share(rows, (row) => !row.right && row.good),
    wrongPoor: share(rows, (row) => !row.right && !row.good),
    poorAmongRight: right.length === 0 ? null : share(right, (row) => !row.good),
  };
}
