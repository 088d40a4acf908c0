import type { RatingView } from "../protocol/case-view.ts";
import { type ColumnProps, colourOf } from "./answer-props.ts";

/** What the scorer says of an answer: total, gates, and the criteria, of which one makes its quotes stand out. */
export function AnswerRating({
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
                  <Quotes count={marked} />
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

/** How many words of the answer a criterion rests on; a narrow column has room for the number alone. */
const Quotes = ({ count }: { readonly count: number }) => (
  <span class="quoted" title={`${count} ${count === 1 ? "place" : "places"} in the text`}>
    {count > 0 && (
      <>
        {count}
        <span class="word"> {count === 1 ? "quote" : "quotes"}</span>
      </>
    )}
  </span>
);
