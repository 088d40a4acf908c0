import {
  type EvaluationRecord,
  evaluationRecordSchema,
  type ImageCondition,
  readJsonl,
} from "@mede2/schemas";
import { EvaluationError } from "../evaluation-error.ts";
import { type ClusterSetting, clusterOf, scoreOf } from "../grading/score-of.ts";

/** One question under one condition: the mean over its samples, and what each sample answered (labels, a text, or why there is no answer). */
export interface QuestionScore {
  score: number;
  cluster: string;
  said: readonly string[];
}

/** Scores by question of one condition. */
export interface QuestionScores {
  scores: Map<string, QuestionScore>;
  /** Questions without a score, as every sample is excluded. */
  excluded: Set<string>;
}

/** What comparisons need of an evaluation, about 200 bytes a question and condition; the texts stay in the file. */
export interface EvaluationScores {
  /** The stage, checkpoint or model. */
  name: string;
  conditions: ReadonlyMap<ImageCondition, QuestionScores>;
}

/** Records of one evaluation, or its scores. */
export type Scored = Iterable<EvaluationRecord> | EvaluationScores;

/** Reads a file of records, one in memory at a time. Throws an EvaluationError when they are of several models, tasks or protocols. */
export async function readScores(
  path: string,
  { cluster = "auto" }: { cluster?: ClusterSetting } = {},
): Promise<EvaluationScores> {
  const builder = scoresBuilder(cluster);
  for await (const record of readJsonl(path, evaluationRecordSchema)) builder.add(record);
  return builder.scores();
}

export function scoresOf(scored: Scored, cluster: ClusterSetting): EvaluationScores {
  if ("conditions" in scored) return scored;
  const builder = scoresBuilder(cluster);
  for (const record of scored) builder.add(record);
  return builder.scores();
}

export function conditionScores({ conditions }: EvaluationScores, images: ImageCondition): QuestionScores {
  return conditions.get(images) ?? { scores: new Map(), excluded: new Set() };
}

type Sum = { sum: number; samples: number; seen: number[]; cluster: string; said: string[] };

function scoresBuilder(cluster: ClusterSetting) {
  const conditions = new Map<ImageCondition, { kind: string; sums: Map<string, Sum> }>();
  const words = new Map<string, string>(); // equal answers share one string
  let name = "?";
  return {
    add(record: EvaluationRecord): void {
      if (conditions.size === 0) name = nameOf(record);
      const { model, stage, task, protocol, images, questionId, sample } = record;
      const kind = JSON.stringify([model.name, model.checkpoint, stage, task, protocol]);
      const one = conditions.get(images) ?? { kind, sums: new Map<string, Sum>() };
      conditions.set(images, one);
      if (one.kind !== kind)
        throw new EvaluationError(
          "mixed-records",
          `the records are of several evaluations (${one.kind} and ${kind}): give those of one`,
        );
      const known = one.sums.get(questionId) ?? {
        sum: 0,
        samples: 0,
        seen: [],
        cluster: clusterOf(record, cluster),
        said: [],
      };
      one.sums.set(questionId, known);
      const [word, bit] = [Math.floor(sample / 31), 1 << (sample % 31)];
      if ((known.seen[word] ?? 0) & bit)
        throw new EvaluationError(
          "mixed-records",
          `${questionId} has two records of sample ${sample}: give the records of one evaluation`,
        );
      known.seen[word] = (known.seen[word] ?? 0) | bit;
      const score = scoreOf(record);
      if (score === null) return;
      known.sum += score;
      known.samples += 1;
      const said = answerKey(record);
      if (!words.has(said)) words.set(said, said);
      known.said[sample] = words.get(said)!;
    },
    scores(): EvaluationScores {
      return {
        name,
        conditions: new Map(
          [...conditions].map(([images, { sums }]) => {
            const scores = new Map<string, QuestionScore>();
            const excluded = new Set<string>();
            for (const [id, { sum, samples, cluster: own, said }] of sums)
              if (samples === 0) excluded.add(id);
              else scores.set(id, { score: sum / samples, cluster: own, said });
            return [images, { scores, excluded }];
          }),
        ),
      };
    },
  };
}

/** What an answer says, so that two can be told apart: options by their words where they are known, as letters may be shuffled. */
function answerKey({ answer }: EvaluationRecord): string {
  if (answer.status !== "found") return `(${answer.status})`;
  return answer.text?.trim().toLowerCase() ?? answer.labels?.join() ?? "";
}

export function nameOf(record: EvaluationRecord | undefined): string {
  if (record === undefined) return "?";
  return record.stage ?? record.model.checkpoint ?? record.model.name;
}
