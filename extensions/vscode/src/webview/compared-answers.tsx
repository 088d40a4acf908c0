import { useState } from "preact/hooks";
import type { ToComparison } from "../protocol/run-messages.ts";
import { Table } from "./table.tsx";

type Answers = Extract<ToComparison, { type: "answers" }>;

/** How many questions each run's checkpoint answered rightly, and the questions on which they part. */
export function ComparedAnswers({
  answers: { totals, rows, more },
  runs,
  onOpen,
}: {
  readonly answers: Answers;
  readonly runs: readonly string[];
  onOpen(row: number, run: number): void;
}) {
  const [wanted, setWanted] = useState("");
  const sets = [...new Set(rows.map(({ set }) => set))];
  const shown = rows.flatMap((row, index) =>
    wanted === "" || row.set === wanted ? [{ ...row, index }] : [],
  );
  return (
    <section aria-label="Answers">
      <div class="bar">
        <h2>Answers to the same questions</h2>
        {sets.length > 1 && (
          <label>
            Set
            <select value={wanted} onChange={(event) => setWanted(event.currentTarget.value)}>
              <option value="">all</option>
              {sets.map((set) => (
                <option key={set} value={set}>
                  {set}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <Table
        columns={["Right answers", ...runs]}
        rows={totals.map(({ name, values, differ }) => ({ name, cells: values, differ }))}
      />
      {rows.length === 0 ? (
        <p class="dim">On no question does one answer rightly and the other wrongly.</p>
      ) : (
        <details open>
          <summary>
            {rows.length + more} questions on which they part{more > 0 ? `, the first ${rows.length}` : ""}
          </summary>
          <Table
            columns={["Question", ...runs]}
            rows={shown.map(({ question, set, outcomes, index }) => ({
              name: sets.length > 1 && wanted === "" ? `${question} (${set})` : question,
              cells: outcomes.map((outcome, run) =>
                outcome === null ? (
                  "–"
                ) : (
                  <button
                    type="button"
                    class="answer"
                    aria-label={`${outcome}: open what ${runs[run]} answered`}
                    onClick={() => onOpen(index, run)}
                  >
                    <span class={`badge ${outcome}`}>{outcome}</span>
                  </button>
                ),
              ),
            }))}
          />
        </details>
      )}
    </section>
  );
}
