import type { Answer, Outcome, Rating, Trace } from "@mede2/schemas";
import type { AnswerView, OutcomeView, RatingView, TraceView } from "../protocol/case-view.ts";
import { cutBlocks, type Mark, placeOf } from "./cut-blocks.ts";
import { oneLine, visible } from "./visible-text.ts";

const stageNames = { base: "Base", stage0: "Stage 0", stage1: "Stage I", stage2: "Stage II" } as const;

export const stageName = (stage: Trace["stage"]): string => (stage === null ? "" : stageNames[stage]);

export interface TraceExtras {
  readonly heading?: string;
  readonly rating?: Rating | undefined;
  readonly outcome?: Outcome | undefined;
}

/** An answer as it is drawn: its blocks with marks for what criteria quote and what the extractor took. */
export function traceView(trace: Trace, { heading, rating, outcome }: TraceExtras = {}): TraceView {
  const marks: Mark[] = [];
  if (trace.answer.span !== null) marks.push({ name: "answer", span: trace.answer.span });
  for (const [name, judgement] of Object.entries(rating?.criteria ?? {}))
    if (judgement.status === "scored")
      for (const span of judgement.spans.slice(0, 100)) marks.push({ name: oneLine(name, 80), span });
  const { blocks, omitted } = cutBlocks(trace.text, trace.steps.slice(0, 2000), marks);
  const { kind, name, checkpoint } = trace.by;
  const by = [
    kind === "model" ? "" : kind,
    checkpoint !== undefined && name.endsWith(checkpoint) ? checkpoint : name,
  ];
  return {
    id: trace.id,
    heading: heading ?? (stageName(trace.stage) || oneLine(trace.by.name, 60)),
    by: oneLine(by.filter((part) => part !== "").join(" · "), 160),
    images: trace.images,
    details: details(trace),
    ...{ blocks, omitted },
    answer: answerView(trace.answer, trace.text),
    ...(outcome === undefined ? {} : { outcome: outcomeView(outcome) }),
    ...(rating === undefined ? {} : { rating: ratingView(rating, trace.text) }),
  };
}

function details({ tokens, finish, sample, logProb, by }: Trace) {
  const rows = [
    { name: "tokens", value: `${tokens.prompt} + ${tokens.completion}` },
    { name: "finish", value: finish },
  ];
  if (sample !== null)
    rows.push({ name: "sample", value: `${sample.index}, temperature ${sample.temperature}` });
  if (logProb !== undefined) rows.push({ name: "log-probability", value: `${logProb.toFixed(2)} nats` });
  if (by.run !== undefined) rows.push({ name: "run", value: oneLine(by.run, 80) });
  return rows;
}

export function answerView({ status, labels, text: free, rule, span }: Answer, text: string): AnswerView {
  const shown = labels !== undefined && labels.length > 0 ? labels.join(", ") : (free ?? "");
  return {
    status,
    text: oneLine(shown, 200),
    rule: oneLine(rule, 60),
    marked: span !== null && placeOf(text, span) !== undefined,
  };
}

export function outcomeView(outcome: Outcome): OutcomeView {
  if ("correct" in outcome && typeof outcome.correct === "boolean")
    return outcome.correct ? { kind: "right", text: "right" } : { kind: "wrong", text: "wrong" };
  if ("score" in outcome && typeof outcome.score === "number")
    return { kind: "score", text: outcome.score.toFixed(2) };
  return {
    kind: "excluded",
    text: `left out: ${oneLine(String((outcome as { excluded?: unknown }).excluded ?? ""), 120)}`,
  };
}

export function ratingView(rating: Rating, text: string): RatingView {
  const { scorer, total, gates, criteria } = rating;
  return {
    scorer: oneLine(
      `${scorer.name} ${scorer.version}, ${scorer.mode}${scorer.judges.length > 0 ? `: ${scorer.judges.join(", ")}` : ""}`,
      160,
    ),
    total,
    gates: Object.entries(gates)
      .slice(0, 40)
      .map(([name, state]) => ({ name: oneLine(name, 80), state })),
    criteria: Object.entries(criteria)
      .slice(0, 40)
      .map(([name, judgement]) => {
        const own = { name: oneLine(name, 80), marked: 0, elsewhere: [] };
        if (judgement.status === "unscored") return { ...own, reason: oneLine(judgement.reason, 200) };
        const placed = judgement.spans.slice(0, 100).map((span) => ({ span, place: placeOf(text, span) }));
        return {
          ...{ ...own, value: judgement.value },
          marked: placed.filter(({ place }) => place !== undefined).length,
          elsewhere: placed
            .filter(({ place }) => place === undefined)
            .slice(0, 20)
            .map(({ span }) => ({
              field: oneLine(span.field, 60),
              quote: visible(span.quote.slice(0, 400)),
              found: span.field !== "text",
            })),
        };
      }),
  };
}
