import { useState } from "preact/hooks";
import type { Block, Piece, RatingView, RegionView, TraceView } from "../protocol/case-view.ts";
import { regionsNamed } from "./regions-named.ts";

const criterionColours = 6;
/** The colour of a criterion: by its place in the rating, so that it is the same in both columns. */
export const colourOf = (criteria: readonly string[], name: string): number =>
  Math.max(0, criteria.indexOf(name)) % criterionColours;

export interface ColumnProps {
  readonly trace: TraceView;
  readonly criteria: readonly string[];
  /** The criterion whose quotes stand out. */
  readonly chosen: string | undefined;
  onChoose(name: string | undefined): void;
  /** Marked parts of the pictures: a step that names one leads to it. */
  readonly regions: readonly RegionView[];
  readonly region: string | undefined;
  onRegion(name: string | undefined): void;
  /** Steps in the order of the page, `null` where the other answer has one more. */
  readonly rows?: readonly (number | null)[];
}

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
        <Rating rating={trace.rating} criteria={criteria} chosen={chosen} onChoose={onChoose} />
      )}
      <Steps
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

function Rating({
  rating,
  criteria,
  chosen,
  onChoose,
}: { rating: RatingView } & Pick<ColumnProps, "criteria" | "chosen" | "onChoose">) {
  return (
    <div class="rating">
      <p class="dim">
        {rating.total === null ? "no total" : `total ${rating.total.toFixed(2)}`} · {rating.scorer}
        <Gates gates={rating.gates} />
      </p>
      <ul class="criteria">
        {rating.criteria.map(({ name, value, reason, marked, elsewhere }) => (
          <li key={name}>
            <button
              type="button"
              aria-pressed={chosen === name}
              class={`criterion c${colourOf(criteria, name)}`}
              onClick={() => onChoose(chosen === name ? undefined : name)}
            >
              <span class="criterion-name">{name}</span>
              {value === undefined ? (
                <span class="quoted unscored">not scored: {reason}</span>
              ) : (
                <>
                  <meter min={0} max={1} value={value} aria-label={`${name}: ${value.toFixed(2)}`} />
                  <span class="value">{value.toFixed(2)}</span>
                  <span class="quoted">{marked > 0 ? `“${marked}”` : ""}</span>
                </>
              )}
            </button>
            {chosen === name &&
              elsewhere.map((quote, index) => (
                <blockquote key={`${index}${quote.field}`}>
                  <span class="dim">{quote.found ? quote.field : "not in the text"}</span> {quote.quote}
                </blockquote>
              ))}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Gates that failed by name, the others as a number. */
function Gates({ gates }: Pick<RatingView, "gates">) {
  const failed = gates.filter(({ state }) => state === "failed");
  const passed = gates.filter(({ state }) => state === "passed");
  if (gates.length === 0) return null;
  return (
    <>
      {failed.map(({ name }) => (
        <span key={name} class="badge wrong">
          {name}
        </span>
      ))}
      <span class="badge plain" title={passed.map(({ name }) => name).join(", ")}>
        {passed.length} of {gates.length} gates passed
      </span>
    </>
  );
}

function Steps({
  blocks,
  criteria,
  chosen,
  rows,
  ...marked
}: { blocks: readonly Block[]; rows?: readonly (number | null)[] } & Pick<
  ColumnProps,
  "criteria" | "chosen" | "regions" | "region" | "onRegion"
>) {
  const [shown, setShown] = useState(300);
  const after = rows === undefined ? blocks : padded(blocks, rows);
  return (
    <div class="steps">
      {after.slice(0, shown).map((block, index) =>
        block === null ? (
          <div key={`gap${index}`} class="gap" aria-hidden="true">
            –
          </div>
        ) : block.kind === "step" ? (
          <div key={index} class="step" data-step={block.number} tabIndex={-1}>
            <span class="number">{block.number}</span>
            <p class="step-text">
              <Pieces pieces={block.pieces} criteria={criteria} chosen={chosen} />
            </p>
            <NamedRegions block={block} {...marked} />
          </div>
        ) : isBlank(block) ? null : (
          <p key={index} class="between">
            <Pieces pieces={block.pieces} criteria={criteria} chosen={chosen} />
          </p>
        ),
      )}
      {after.length > shown && (
        <button type="button" onClick={() => setShown(shown + 300)}>
          {after.length - shown} more parts
        </button>
      )}
    </div>
  );
}

/** The marked parts of the pictures that a step names. */
function NamedRegions({
  block,
  regions,
  region,
  onRegion,
}: { block: Block } & Pick<ColumnProps, "regions" | "region" | "onRegion">) {
  if (regions.length === 0) return null;
  const named = regionsNamed(block.pieces.map(({ text }) => text).join(""), regions);
  if (named.length === 0) return null;
  return (
    <div class="step-regions">
      {named.map((name) => (
        <button
          key={name}
          type="button"
          class="region-name"
          aria-pressed={name === region}
          aria-label={`Show ${name} in the picture`}
          onClick={() => onRegion(name === region ? undefined : name)}
        >
          ⌖ {name}
        </button>
      ))}
    </div>
  );
}

const isBlank = ({ pieces }: Block) => pieces.every(({ text }) => text.trim() === "");

/** The blocks with a gap wherever the other answer has a step of its own. */
function padded(blocks: readonly Block[], rows: readonly (number | null)[]): (Block | null)[] {
  const result: (Block | null)[] = [];
  let row = 0;
  for (const block of blocks) {
    if (block.kind === "step")
      for (; row < rows.length && rows[row] !== block.number! - 1; row++)
        if (rows[row] === null) result.push(null);
    result.push(block);
    if (block.kind === "step") row += 1;
  }
  return result;
}

/** Text, never anything else, with what points at it. */
export function Pieces({
  pieces,
  criteria,
  chosen,
}: { pieces: readonly Piece[] } & Pick<ColumnProps, "criteria" | "chosen">) {
  return (
    <>
      {pieces.map(({ text, marks }, index) => {
        if (marks.length === 0) return <span key={index}>{text}</span>;
        const names = marks.filter((mark) => mark !== "answer");
        const name = chosen !== undefined && names.includes(chosen) ? chosen : names[0];
        const kind = [
          marks.includes("answer") ? "taken" : "",
          name === undefined ? "" : `c${colourOf(criteria, name)}`,
          chosen !== undefined && names.includes(chosen) ? "strong" : "",
          names.length > 1 ? "several" : "",
        ];
        const title = marks.map((mark) => (mark === "answer" ? "the extractor took this" : mark)).join(", ");
        return (
          <mark key={index} class={kind.filter((word) => word !== "").join(" ")} title={title}>
            {text}
          </mark>
        );
      })}
    </>
  );
}
