import type { Question } from "@mede2/schemas";
import type { AuditShare, ImageAudit } from "../auditing/image-audit.ts";
import type { Comparison, Difference } from "../comparing/compare.ts";
import type { Summary } from "../grading/summarise.ts";
import type { JudgedSummary } from "../judging/judge-answers.ts";
import type { ReasoningQuality } from "../quality/reasoning-quality.ts";
import type { ScalingCurve } from "../scale/scaling-curve.ts";
import type { Baselines } from "../tasks/baselines.ts";
import type { Calibration } from "./calibration-of.ts";

/** What a report says, as plain JSON. The pages are drawn from it and from nothing else. */
export interface Report {
  report: "evaluation";
  v: 1;
  title: string;
  /** ISO 8601, UTC. */
  created: string;
  notice: string;
  tasks: ReportTask[];
}

/** All evaluations of one task, compared on the same questions. */
export interface ReportTask {
  task: string;
  /** Condition that the comparisons are made under. */
  images: string;
  evaluations: ReportEvaluation[];
  comparisons: ReportComparison[];
  /** How much more the later evaluation relies on the image, where both have swapped ones. */
  reliance: (Difference & { holm: number })[];
  /** What knowing nothing scores; null where the questions were not at hand. */
  baselines: Baselines | null;
  /** Parts of the questions, and each evaluation's accuracy on them. */
  subsets: ReportSubset[];
  examples: ReportExample[];
}

export interface ReportEvaluation {
  /** Unique within the task. */
  name: string;
  folder: string;
  stage: string | null;
  model: string;
  protocol: string;
  summaries: Summary[];
  audit: ImageAudit | null;
  calibration: Calibration | null;
  scaling: ScalingCurve | null;
  quality: ReasoningQuality | null;
  /** What a judge made of the answers that our rules could not read: a second score, never the headline. */
  judge: JudgedSummary | null;
}

/** Questions that an audit found in training data (`flagged`) and the rest; those that two blind evaluations answer right and the rest. */
export interface ReportSubset {
  name: "clean" | "flagged" | "needs-image" | "blind-solvable";
  /** In the order of the evaluations; null where none of the part was asked. */
  accuracy: { name: string; share: AuditShare | null }[];
}

/** `bothRight` and `bothWrong` count questions that nothing changed, as `won` and `lost` count those that changed. */
export type ReportComparison = Omit<Comparison, "wonIds" | "lostIds"> & {
  holm: number;
  bothRight: number;
  bothWrong: number;
  /** With several samples: as good before as after, neither right nor wrong altogether. */
  bothPartly: number;
};

/** One question, and what each evaluation answered to it. */
export interface ReportExample {
  questionId: string;
  why: "won" | "lost" | "both-right" | "both-wrong" | "right" | "wrong";
  question: Pick<Question, "stem" | "options" | "gold"> | null;
  pictures: ReportPicture[];
  answers: ReportAnswer[];
}

/** A picture as a data URI, or why it is not here. */
export type ReportPicture = { sha256: string } & ({ uri: string } | { left: string });

export interface ReportAnswer {
  name: string;
  correct: boolean | null;
  status: string;
  said: string;
  /** Cut after 6,000 characters. */
  text: string;
  cut: boolean;
  /** The answer's place in `text`. */
  span: { start: number; end: number } | null;
  reasoning: { start: number; end: number } | null;
  tokens: number;
}
