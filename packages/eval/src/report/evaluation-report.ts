import type { ImageCondition } from "@mede2/schemas";
import { type ImageAudit, imageAudit } from "../auditing/image-audit.ts";
import type { OptionCalibration } from "../calibration/option-calibration.ts";
import type { EvaluationScores } from "../comparing/evaluation-scores.ts";
import { scoreOf } from "../grading/score-of.ts";
import { type Summary, summaryBuilder } from "../grading/summarise.ts";
import type { JudgedSummary } from "../judging/judge-answers.ts";
import type { ReasoningQuality } from "../quality/reasoning-quality.ts";
import { scaledQuestions } from "../scale/scaled-question.ts";
import type { ScalingCurve } from "../scale/scaling-curve.ts";
import {
  type Calibration,
  optionsCalibration,
  tokenCalibration,
  votedCalibration,
} from "./calibration-of.ts";
import { type EvaluationFolder, evaluationRecords, readBeside } from "./evaluation-folder.ts";
import type { ReportEvaluation } from "./report.ts";
import { openTraceIndex } from "./trace-index.ts";

export type Labelled = EvaluationFolder & { label: string };

/** Tags by which accuracy is told apart, where the questions have them. */
const tags = ["type", "task", "specialty", "modality"] as const;
/** More kinds than that are a list, not a table. */
const mostKinds = 20;

/** What a report says of one evaluation, from its records and from what other commands wrote beside them. */
export async function evaluationReport(
  member: Labelled,
  scores: EvaluationScores,
  images: ImageCondition,
  seed: number,
  resamples: number,
): Promise<ReportEvaluation> {
  const builder = summaryBuilder({ cluster: "auto", by: tags });
  let first: { stage: string | null; model: string; protocol: string } | undefined;
  for await (const record of evaluationRecords(member)) {
    first ??= {
      stage: record.stage,
      model: record.model.checkpoint ?? record.model.name,
      protocol: record.protocol,
    };
    builder.add(record);
  }
  const conditions = scores.conditions.size;
  const audit =
    (await readBeside<ImageAudit>(member, "audit.json")) ??
    (conditions > 1 && scores.conditions.has("real") ? imageAudit(scores, { seed, resamples }) : null);
  return {
    name: member.label,
    folder: member.name,
    ...first!,
    summaries: builder.summaries().map((one) => ({ ...one, by: told(one.by) })),
    audit,
    calibration: await calibrationOf(member, images, seed),
    scaling: await readBeside<ScalingCurve>(member, "scale.json"),
    quality: await readBeside<ReasoningQuality>(member, "quality.json"),
    judge: await readBeside<JudgedSummary>(member, "judge.json"),
  };
}

/** The tags that tell questions apart: with two kinds or more, and not with one for nearly each question. */
function told(by: Summary["by"]): Summary["by"] {
  return Object.fromEntries(
    Object.entries(by).filter(([, kinds]) => {
      const count = Object.keys(kinds).length;
      return count > 1 && count <= mostKinds;
    }),
  );
}

async function calibrationOf(
  member: Labelled,
  images: ImageCondition,
  seed: number,
): Promise<Calibration | null> {
  const voted = votedCalibration(await scaledQuestions(evaluationRecords(member), { images }), {
    images,
    seed,
  });
  if (voted !== null) return voted;
  const options = await readBeside<OptionCalibration>(member, "options.json");
  if (options !== null && images === "real") return optionsCalibration(options);
  if (member.traces === null) return null;
  const traces = await openTraceIndex(member.traces);
  try {
    const answers = [];
    for await (const record of evaluationRecords(member, images)) {
      const right = scoreOf(record);
      const trace = right === null ? undefined : await traces.get(record.traceId);
      if (right === null || trace === undefined) continue;
      const { logProb, tokens } = trace;
      answers.push({ trace: { tokens, ...(logProb === undefined ? {} : { logProb }) }, right });
    }
    return tokenCalibration(answers, images);
  } finally {
    await traces.close();
  }
}
