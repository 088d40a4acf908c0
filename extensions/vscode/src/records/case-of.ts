import type { EvaluationRecord, ImageRef, Outcome, Question, Rating, Trace } from "@mede2/schemas";
import type { CaseView, ImageView, TraceView } from "../protocol/case-view.ts";
import { alignSteps } from "./align-steps.ts";
import type { ShownRecord } from "./parse-line.ts";
import { questionView } from "./question-view.ts";
import { answerView, outcomeView, stageName, traceView } from "./trace-view.ts";
import { oneLine, short, visible } from "./visible-text.ts";

/** Where a webview finds a picture, or why it cannot. */
export type ShowImage = (ref: Pick<ImageRef, "sha256" | "mime">) => { source: string } | { reason: string };

/** What stands in other files: the question of a trace, the text of a graded answer, the same question answered by other models. */
export interface Related {
  question(id: string): Promise<Question | undefined>;
  trace(id: string): Promise<Trace | undefined>;
  /** The grade of an answer. */
  outcome(traceId: string): Promise<Outcome | undefined>;
  /** Answers of others to the same question under the same condition, with the name of where they stand. */
  others(trace: Trace): Promise<{ trace: Trace; outcome: Outcome | undefined; from: string }[]>;
}

/** A record with what belongs to it, as one page. */
export async function caseOf(
  record: ShownRecord,
  line: number,
  related: Related,
  showImage: ShowImage,
  beside: boolean,
): Promise<CaseView> {
  switch (record.record) {
    case "question":
      return page(record, record.id, line, record, [], showImage);
    case "demonstration": {
      const view = page(record, record.id, line, record.question, [traceView(record.trace)], showImage);
      const checks = record.checks.map(({ name, passed, reason }) => ({
        name: oneLine(name, 60),
        value: passed ? "passed" : `failed${reason === undefined ? "" : `: ${oneLine(reason, 200)}`}`,
      }));
      return {
        ...view,
        facts: [
          {
            name: "orchestration",
            value: oneLine(`${record.orchestration.name} ${record.orchestration.version}`, 100),
          },
          ...checks,
        ],
      };
    }
    case "candidates": {
      const rated = new Map(record.ratings.map((rating) => [rating.traceId, rating]));
      const columns = record.traces
        .slice(0, 16)
        .map((trace, index) =>
          traceView(trace, { heading: `Answer ${index + 1}`, rating: rated.get(trace.id) }),
        );
      return page(record, record.question.id, line, record.question, columns, showImage);
    }
    case "preference-pair": {
      const { question, chosen, rejected, ratings } = record;
      const columns = [side("Chosen", chosen, ratings.chosen), side("Rejected", rejected, ratings.rejected)];
      return {
        ...page(record, record.id, line, question, columns, showImage),
        aligned: alignSteps(stepTexts(columns[0]!), stepTexts(columns[1]!)),
        facts: [
          { name: "negative", value: oneLine(record.negativeKind, 80) },
          { name: "margin", value: record.margin.toFixed(3) },
          { name: "weight", value: record.weight.toFixed(3) },
          { name: "scorer", value: oneLine(record.provenance.scorer, 100) },
          { name: "split", value: oneLine(record.split, 60) },
        ],
      };
    }
    case "trace":
      return pageOfTrace(
        record,
        record.id,
        line,
        record,
        related,
        showImage,
        beside,
        await related.outcome(record.id),
      );
    case "evaluation-record":
      return graded(record, line, related, showImage, beside);
  }
}

const side = (heading: string, trace: Trace, rating: Rating) => traceView(trace, { heading, rating });

export const stepTexts = ({ blocks }: TraceView): string[] =>
  blocks.filter(({ kind }) => kind === "step").map(({ pieces }) => pieces.map(({ text }) => text).join(""));

async function graded(
  record: EvaluationRecord,
  line: number,
  related: Related,
  showImage: ShowImage,
  beside: boolean,
): Promise<CaseView> {
  const trace = await related.trace(record.traceId);
  const facts = [
    { name: "task", value: oneLine(record.task, 80) },
    { name: "protocol", value: oneLine(record.protocol, 80) },
    ...Object.entries(record.byRule)
      .slice(0, 12)
      .map(([rule, { status, labels, text }]) => ({
        name: `by ${oneLine(rule, 40)}`,
        value: oneLine(labels?.join(", ") ?? text ?? status, 80),
      })),
  ];
  if (trace !== undefined) {
    const view = await pageOfTrace(
      record,
      record.traceId,
      line,
      trace,
      related,
      showImage,
      beside,
      record.outcome,
    );
    return { ...view, facts };
  }
  const question = await related.question(record.questionId);
  const column: TraceView = {
    id: record.traceId,
    heading: stageName(record.stage) || oneLine(record.model.name, 60),
    by: oneLine(record.model.name, 160),
    images: record.images,
    details: [],
    blocks: [],
    omitted: 0,
    answer: answerView(record.answer, ""),
    outcome: outcomeView(record.outcome),
  };
  const view = page(record, record.traceId, line, question, [column], showImage, record.questionId);
  return {
    ...view,
    facts: [{ name: "answer", value: "its text is in no *.trace.jsonl beside this file" }, ...facts],
  };
}

async function pageOfTrace(
  record: ShownRecord,
  id: string,
  line: number,
  trace: Trace,
  related: Related,
  showImage: ShowImage,
  beside: boolean,
  outcome: Outcome | undefined,
): Promise<CaseView> {
  const question = await related.question(trace.questionId);
  const columns = [traceView(trace, { outcome })];
  if (beside)
    for (const other of await related.others(trace))
      columns.push(
        traceView(other.trace, {
          heading: `${stageName(other.trace.stage) || oneLine(other.trace.by.name, 40)} · ${oneLine(other.from, 60)}`,
          outcome: other.outcome,
        }),
      );
  const view = page(record, id, line, question, columns, showImage, trace.questionId);
  const known = new Set(view.images.map(({ sha256 }) => sha256));
  const own = trace.imageHashes
    .filter((sha256) => !known.has(sha256))
    .slice(0, 8)
    .map((sha256) =>
      imageView(
        { sha256, mime: "image/png", width: 0, height: 0 },
        `shown to the model (${trace.images})`,
        showImage,
      ),
    );
  return { ...view, images: [...view.images, ...own] };
}

function page(
  record: ShownRecord,
  id: string,
  line: number,
  question: Question | undefined,
  columns: TraceView[],
  showImage: ShowImage,
  questionId?: string,
): CaseView {
  return {
    kind: record.record,
    id: oneLine(id, 200),
    line,
    ...(question === undefined
      ? {
          questionMissing: `The question ${oneLine(questionId ?? "", 200)} is in no *.questions.jsonl of this workspace.`,
        }
      : { question: questionView(question) }),
    images: (question?.images ?? [])
      .slice(0, 16)
      .map((ref, index) => imageView(ref, ref.role ?? `image ${index + 1}`, showImage)),
    columns,
    facts: factsOf(question),
  };
}

function imageView(
  ref: Pick<ImageRef, "sha256" | "mime" | "width" | "height" | "regions">,
  label: string,
  showImage: ShowImage,
): ImageView {
  return {
    sha256: ref.sha256,
    label: oneLine(label, 60),
    width: ref.width,
    height: ref.height,
    ...showImage(ref),
    regions: (ref.regions ?? []).slice(0, 60).flatMap(({ name, x, y, width, height }) => {
      const [left, top] = [x / ref.width, y / ref.height];
      // what lies outside of the picture is nothing that could be shown
      if (!(left < 1 && top < 1)) return [];
      const [right, bottom] = [left + width / ref.width, top + height / ref.height].map((end) =>
        Math.min(1, end),
      );
      return [{ name: oneLine(name, 60), x: left, y: top, width: right! - left, height: bottom! - top }];
    }),
  };
}

function factsOf(question: Question | undefined) {
  return Object.entries(question?.facts ?? {})
    .slice(0, 60)
    .map(([name, value]) => ({
      name: oneLine(name, 60),
      value: visible(short(typeof value === "string" ? value : JSON.stringify(value), 400)),
    }));
}
