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
  for await (const record of readJsonl(records, evaluationRecordSchema))
    if (record.images === conditions[0])
      rated.push({ record: { ...record, byRule: {} }, rating: ratings.get(record.traceId) });
  const { by, cluster } = more;
  return {
    ...found,
    ...(more.quality
      ? { quality: await save("quality.json", reasoningQuality(rated, { by, cluster })) }
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

/** A rating without its quotes, which a join does not need. */
function bare({ record, v, traceId, scorer, gates, criteria, total }: Rating): Rating {
  const light = Object.entries(criteria).map(([name, judgement]): [string, Judgement] => [
    name,
    judgement.status === "scored" ? { ...judgement, spans: [] } : judgement,
  ]);
  return { record, v, traceId, scorer, gates, criteria: Object.fromEntries(light), total };
}
