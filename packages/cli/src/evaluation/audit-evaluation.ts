import { join } from "node:path";
import type { ClusterSetting, ImageAudit, ReasoningQuality, VoteCalibration } from "@mede2/eval";
import type { EvaluationRecord, ImageCondition, Judgement, Question, Rating } from "@mede2/schemas";

interface AuditInput {
  out: string;
  questions: readonly Question[];
  conditions: readonly ImageCondition[];
  records: string;
  traces: string;
  seed: number;
  /** Of each question: with several, calibration by vote. */
  samples: number;
  /** Rate the reasoning too. */
  quality: boolean;
  by: readonly string[];
  cluster: ClusterSetting;
}

/**
 * What an evaluation says of image use and of reasoning, written beside it as audit.json, quality.json and calibration.json. The traces are read one by one; what they claim to see is told by the
 * programmatic MMRP.
 */
export async function auditEvaluation({
  out,
  questions,
  conditions,
  records,
  traces,
  seed,
  ...more
}: AuditInput): Promise<{
  audit?: ImageAudit;
  quality?: ReasoningQuality | null;
  calibration?: VoteCalibration | null;
}> {
  const audited =
    conditions.length > 1 && conditions.includes("real") && questions.some(({ images }) => images.length > 0);
  const several = more.samples > 1;
  if (!audited && !more.quality && !several) return {};
  const [{ imageAudit, readScores, reasoningQuality, voteCalibration }, schemas, { scoreTrace }] =
    await Promise.all([import("@mede2/eval"), import("@mede2/schemas"), import("@mede2/preference")]);
  const { evaluationRecordSchema, readJsonl, traceSchema, writeFileAtomic } = schemas;
  const byId = new Map(questions.map((question) => [question.id, question]));
  const asserts = new Map<string, boolean>();
  const ratings = new Map<string, Rating>();
  for await (const trace of readJsonl(traces, traceSchema)) {
    const question = byId.get(trace.questionId);
    if (question === undefined || trace.images !== conditions[0] || trace.finish === "error") continue;
    const rating = scoreTrace({ question, trace });
    const claims = rating.parts["image-involvement"]?.["visual-claims"];
    if (claims !== undefined && (trace.sample?.index ?? 0) === 0) asserts.set(question.id, claims > 0);
    if (more.quality) ratings.set(trace.id, bare(rating));
  }
  const save = async <T>(name: string, value: T): Promise<T> => {
    await writeFileAtomic(join(out, name), `${JSON.stringify(value, null, 2)}\n`);
    return value;
  };
  const audit = audited
    ? await save(
        "audit.json",
        imageAudit(await readScores(records, { cluster: more.cluster }), {
          seed,
          asserts: (id) => asserts.get(id),
        }),
      )
    : undefined;
  const found = { ...(audit === undefined ? {} : { audit }) };
  if (!more.quality && !several) return found;
  const rated: { record: EvaluationRecord; rating: Rating | undefined }[] = [];
  let first: EvaluationRecord | undefined;
  for await (const record of readJsonl(records, evaluationRecordSchema)) {
    if (record.images !== conditions[0]) continue;
    first ??= record;
    rated.push({ record: light(first, record), rating: ratings.get(record.traceId) });
  }
  const { by, cluster } = more;
  return {
    ...found,
    ...(more.quality
      ? {
          quality: await save(
            "quality.json",
            reasoningQuality(rated, { by: qualityTags(questions, by), cluster }),
          ),
        }
      : {}),
    ...(several
      ? {
          calibration: await save(
            "calibration.json",
            voteCalibration(
              rated.map(({ record }) => record),
              { seed },
            ),
          ),
        }
      : {}),
  };
}

/** The task's own tags, and of specialty, modality and type those that tell its questions apart. */
function qualityTags(questions: readonly Question[], own: readonly string[]): string[] {
  const valuesOf = (tag: string) => questions.map(({ tags }) => (tags as Record<string, unknown>)[tag]);
  const telling = ["specialty", "modality", "type"].filter((tag) => new Set(valuesOf(tag)).size > 1);
  return [...new Set([...own, ...telling])];
}

/** What calibration and quality look at; the rest, equal in all records of an evaluation, is kept once. */
function light(first: EvaluationRecord, record: EvaluationRecord): EvaluationRecord {
  const { record: kind, v, task, protocol, model, stage, images, traceId } = first;
  const { questionId, sample, outcome, group, tags, answer } = record;
  return {
    ...{ record: kind, v, task, protocol, model, stage, images, traceId },
    ...{ questionId, sample, outcome, group, tags, answer: { ...answer, span: null }, byRule: {} },
  };
}

/** A rating without its quotes, which a join does not need. */
function bare({ record, v, traceId, scorer, gates, criteria, total }: Rating): Rating {
  const light = Object.entries(criteria).map(([name, judgement]): [string, Judgement] => [
    name,
    judgement.status === "scored" ? { ...judgement, spans: [] } : judgement,
  ]);
  return { record, v, traceId, scorer, gates, criteria: Object.fromEntries(light), total };
}
