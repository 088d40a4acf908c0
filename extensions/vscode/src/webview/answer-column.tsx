import type { ColumnProps } from "./answer-props.ts";
import { AnswerRating } from "./answer-rating.tsx";
import { AnswerSteps } from "./answer-steps.tsx";

/** One answer: outcome, scores, steps, the final answer with what the extractor took. */
export function AnswerColumn({
  trace,
  criteria,
  chosen,
  onChoose,
  rows,
  regions,
  region,
  onRegion,
}: ColumnProps) {
  const { answer, outcome } = trace;
  return (
    <article class="column" aria-label={trace.heading}>
      <header>
        <h3>
          {trace.heading}
          {outcome !== undefined && <span class={`badge ${outcome.kind}`}>{outcome.text}</span>}
          {trace.images !== "" && trace.images !== "real" && (
            <span class="badge warn">{trace.images} images</span>
          )}
        </h3>
        {trace.by !== "" && <p class="dim">{trace.by}</p>}
      </header>
      {trace.rating !== undefined && (
        <AnswerRating rating={trace.rating} criteria={criteria} chosen={chosen} onChoose={onChoose} />
      )}
      <AnswerSteps
        blocks={trace.blocks}
        {...{ criteria, chosen, regions, region, onRegion }}
        {...(rows === undefined ? {} : { rows })}
      />
      {trace.omitted > 0 && (
        <p class="absent">{trace.omitted} more characters are left out here. Reopen as text to read them.</p>
      )}
      <p class="final">
        <span class="dim">Answer</span>{" "}
        {answer.status === "found" ? (
          <strong>{answer.text}</strong>
        ) : (
          <span class="badge warn">{answer.status}</span>
        )}{" "}
        <span class="dim">
          by the rule {answer.rule}
          {answer.status === "found" && !answer.marked ? "; it took no span of the text" : ""}
        </span>
      </p>
      {trace.details.length > 0 && (
        <p class="dim details">{trace.details.map(({ name, value }) => `${name} ${value}`).join(" · ")}</p>
      )}
    </article>
  );
}
