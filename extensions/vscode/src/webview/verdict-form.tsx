import type { Choice, VerdictMessage } from "../protocol/review-messages.ts";

type Draft = Pick<VerdictMessage, "criteria" | "spans" | "comment">;

export interface VerdictFormProps {
  readonly draft: Draft;
  readonly open: boolean;
  readonly blind: boolean;
  readonly criteria: readonly string[];
  onDraft(draft: Draft): void;
  onJudge(choice: Choice): void;
  onMark(): void;
}

const choices: readonly { choice: Choice; text: string; key: string }[] = [
  { choice: "first", text: "First is better", key: "1" },
  { choice: "tie", text: "Tie", key: "t" },
  { choice: "neither", text: "Neither", key: "n" },
  { choice: "second", text: "Second is better", key: "2" },
];

/** The verdict: a choice, if one likes by criterion, with marked spans and a comment. Everything has a key. */
export function VerdictForm({ draft, open, blind, criteria, onDraft, onJudge, onMark }: VerdictFormProps) {
  return (
    <section class="verdict" aria-label="Verdict">
      <p class="dim">
        {blind
          ? "Which answer reasons better? Which one was chosen is shown after your verdict."
          : "Which answer reasons better?"}
      </p>
      <fieldset class="choices" aria-label="Which answer reasons better">
        {choices.map(({ choice, text, key }) => (
          <button
            key={choice}
            type="button"
            class={choice === "first" || choice === "second" ? "primary" : ""}
            disabled={!open}
            onClick={() => onJudge(choice)}
          >
            {text} <kbd>{key}</kbd>
          </button>
        ))}
      </fieldset>
      <details>
        <summary>By criterion, marks and a comment</summary>
        <table>
          <tbody>
            {criteria.map((name) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  {(["first", "tie", "second"] as const).map((value) => (
                    <label key={value}>
                      <input
                        type="radio"
                        name={`criterion-${name}`}
                        checked={draft.criteria[name] === value}
                        onChange={() => onDraft({ ...draft, criteria: { ...draft.criteria, [name]: value } })}
                      />
                      {value}
                    </label>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <p>
          <button type="button" onMouseDown={(event) => event.preventDefault()} onClick={onMark}>
            Mark the selected text <kbd>m</kbd>
          </button>
        </p>
        <textarea
          aria-label="Comment"
          placeholder="Comment"
          rows={2}
          maxLength={4000}
          value={draft.comment}
          onInput={(event) => onDraft({ ...draft, comment: event.currentTarget.value })}
        />
      </details>
      {draft.spans.length > 0 && (
        <ul class="marks">
          {draft.spans.map(({ side, quote }, index) => (
            <li key={`${index}${quote}`}>
              <span class="dim">{side}</span> {quote}{" "}
              <button
                type="button"
                aria-label="Remove this mark"
                onClick={() =>
                  onDraft({ ...draft, spans: draft.spans.filter((_, other) => other !== index) })
                }
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
