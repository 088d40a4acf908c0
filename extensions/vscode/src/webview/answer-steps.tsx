import { useState } from "preact/hooks";
import type { Block, Piece } from "../protocol/case-view.ts";
import { type ColumnProps, colourOf } from "./answer-props.ts";
import { regionsNamed } from "./regions-named.ts";

/** The steps of an answer and what stands between them, with gaps where the other answer has a step of its own. */
export function AnswerSteps({
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
function Pieces({
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
