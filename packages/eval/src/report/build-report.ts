import type { ImageStore } from "@mede2/images";
import type { ImageCondition, Question } from "@mede2/schemas";
import {
  type Comparison,
  compare,
  type Difference,
  relianceDifference,
  withHolm,
} from "../comparing/compare.ts";
import { conditionScores, type EvaluationScores, readScores } from "../comparing/evaluation-scores.ts";
import { EvaluationError } from "../evaluation-error.ts";
import { baselinesOf } from "../tasks/baselines.ts";
import type { EvaluationFolder } from "./evaluation-folder.ts";
import { evaluationReport, type Labelled } from "./evaluation-report.ts";
import { drawExamples, readExamples } from "./pick-examples.ts";
import type { Report, ReportComparison, ReportEvaluation, ReportExample, ReportTask } from "./report.ts";
import { subsetsOf } from "./subsets-of.ts";

export interface ReportSettings {
  title?: string;
  created: Date;
  /** By id; for the examples and the baselines. */
  questions?: ReadonlyMap<string, Question>;
  /** Where the examples' pictures come from; without it there are none. */
  store?: ImageStore;
  /** Questions that an audit found in training data: accuracy on them and on the rest is told apart. */
  flagged?: ReadonlySet<string>;
  /** Condition of the comparisons; default "real", or the only one there is. */
  images?: ImageCondition;
  /** Examples of each kind; default 2, 0 for none. */
  examples?: number;
  resamples?: number;
  seed?: number;
  onProgress?: (what: string) => void;
  signal?: AbortSignal;
}

export const notice = "Research only, not for diagnosis.";

/**
 * Reads evaluations and works out all that a report shows. Evaluations of a task are compared in the order in which they are given; the differences in accuracy of all tasks are one family for Holm, those in
 * reliance another. Memory grows with the questions, not with the answers' texts.
 */
export async function buildReport(
  evaluations: readonly EvaluationFolder[],
  settings: ReportSettings,
): Promise<Report> {
  if (evaluations.length === 0)
    throw new EvaluationError("nothing-to-compare", "a report needs at least one evaluation");
  const byTask = grouped(evaluations);
  const parts: TaskPart[] = [];
  for (const [task, members] of byTask) parts.push(await taskReport(task, labelled(members), settings));
  const adjusted = withHolm(parts.flatMap(({ comparisons }) => comparisons));
  const relying = withHolm(parts.flatMap(({ reliance }) => reliance));
  const tasks = parts.map(
    (part): ReportTask => ({
      ...part,
      comparisons: adjusted.splice(0, part.comparisons.length),
      reliance: relying.splice(0, part.reliance.length),
    }),
  );
  return {
    report: "evaluation",
    v: 1,
    title: settings.title ?? `Evaluation: ${[...byTask.keys()].join(", ")}`,
    created: settings.created.toISOString(),
    notice,
    tasks,
  };
}

/** A task before its p-values are adjusted. */
type TaskPart = Omit<ReportTask, "comparisons" | "reliance"> & {
  comparisons: Omit<ReportComparison, "holm">[];
  reliance: Difference[];
};

function grouped(evaluations: readonly EvaluationFolder[]): Map<string, EvaluationFolder[]> {
  const groups = new Map<string, EvaluationFolder[]>();
  for (const one of evaluations) groups.set(one.task, [...(groups.get(one.task) ?? []), one]);
  return groups;
}

/** The folders' own names, without the end that all share; whole paths where two are equal. */
function labelled(members: readonly EvaluationFolder[]): Labelled[] {
  const names = members.map(({ name }) => name);
  if (new Set(names).size < names.length) return members.map((one) => ({ ...one, label: one.folder }));
  const parts = names.map((name) => name.split(/(?=[-_.])/));
  let shared = 0;
  const least = Math.min(...parts.map(({ length }) => length));
  while (
    names.length > 1 &&
    shared < least - 1 &&
    new Set(parts.map((part) => part.at(-1 - shared))).size === 1
  )
    shared += 1;
  return members.map((one, at) => ({
    ...one,
    label: parts[at]!.slice(0, parts[at]!.length - shared).join(""),
  }));
}

async function taskReport(task: string, members: Labelled[], settings: ReportSettings): Promise<TaskPart> {
  const { questions = new Map<string, Question>(), seed = 0, resamples = 10_000, onProgress } = settings;
  const scores: EvaluationScores[] = [];
  for (const member of members) {
    onProgress?.(member.label);
    scores.push(await readScores(member.records));
  }
  const images = settings.images ?? headline(scores);
  const pairs = pairsOf(members.length);
  const named = (a: number, b: number) => ({
    from: members[a]!.label,
    to: members[b]!.label,
    resamples,
    seed,
  });
  const compared = pairs.map(([a, b]) => compare(scores[a]!, scores[b]!, { images, ...named(a, b) }));
  const relying = pairs.filter((pair) =>
    pair.every((at) => ["real", "swapped"].every((one) => scores[at]!.conditions.has(one as ImageCondition))),
  );
  const reports: ReportEvaluation[] = [];
  for (const [at, member] of members.entries()) {
    settings.signal?.throwIfAborted();
    onProgress?.(`${member.label}: summary`);
    reports.push(await evaluationReport(member, scores[at]!, images, seed, resamples));
  }
  return {
    task,
    images,
    evaluations: reports,
    comparisons: compared.map((one, at) => {
      const [a, b] = pairs[at]!;
      return { ...withoutIds(one), ...unchanged(scores[a]!, scores[b]!, images) };
    }),
    reliance: relying.map(([a, b]) => relianceDifference(scores[a]!, scores[b]!, named(a, b))),
    baselines: baselinesOf(asked(scores, questions)),
    subsets: subsetsOf(
      members.map(({ label }, at) => ({ label, scores: scores[at]! })),
      images,
      settings.flagged,
    ),
    examples: await examplesOf(members, scores, compared, images, settings),
  };
}

/** Every pair of three; of more, each against the first and against the one before. */
function pairsOf(count: number): (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  for (let b = 1; b < count; b++)
    for (let a = 0; a < b; a++) if (count <= 3 || a === 0 || a === b - 1) pairs.push([a, b]);
  return pairs;
}

function headline(scores: readonly EvaluationScores[]): ImageCondition {
  const [first] = scores[0]!.conditions.keys();
  return scores.every(({ conditions }) => conditions.has("real")) ? "real" : (first ?? "real");
}

const withoutIds = ({ wonIds: _won, lostIds: _lost, ...rest }: Comparison) => rest;

function unchanged(
  a: EvaluationScores,
  b: EvaluationScores,
  images: ImageCondition,
): Pick<ReportComparison, "bothRight" | "bothWrong" | "bothPartly"> {
  const counts = { bothRight: 0, bothWrong: 0, bothPartly: 0 };
  const after = conditionScores(b, images).scores;
  for (const [id, { score }] of conditionScores(a, images).scores) {
    const other = after.get(id)?.score;
    if (other === undefined || Math.abs(other - score) > 1e-12) continue;
    counts[score === 1 ? "bothRight" : score === 0 ? "bothWrong" : "bothPartly"] += 1;
  }
  return counts;
}

function asked(scores: readonly EvaluationScores[], questions: ReadonlyMap<string, Question>): Question[] {
  const ids = new Set(
    scores.flatMap(({ conditions }) => [...conditions.values()].flatMap((one) => [...one.scores.keys()])),
  );
  return [...ids].flatMap((id) => questions.get(id) ?? []);
}

async function examplesOf(
  members: readonly Labelled[],
  scores: readonly EvaluationScores[],
  compared: readonly Comparison[],
  images: ImageCondition,
  { questions = new Map(), store, seed = 0, examples: count = 2 }: ReportSettings,
): Promise<ReportExample[]> {
  const ends = compared.find(({ from, to }) => from === members[0]!.label && to === members.at(-1)!.label);
  const last = [...conditionScores(scores.at(-1)!, images).scores];
  const before = conditionScores(scores[0]!, images).scores;
  const where = (score: number) =>
    last.flatMap(([id, one]) => (one.score === score && before.get(id)?.score === score ? [id] : []));
  const kinds =
    ends === undefined
      ? [
          { why: "right" as const, ids: where(1), count },
          { why: "wrong" as const, ids: where(0), count },
        ]
      : [
          { why: "won" as const, ids: ends.wonIds, count },
          { why: "lost" as const, ids: ends.lostIds, count },
          { why: "both-right" as const, ids: where(1), count: Math.ceil(count / 2) },
          { why: "both-wrong" as const, ids: where(0), count: Math.ceil(count / 2) },
        ];
  return readExamples(drawExamples(kinds, seed), members, {
    ...{ images, questions, seed },
    store: store ?? null,
  });
}
