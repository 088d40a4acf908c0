import type { Breach } from "./breach.ts";
import type { Expectations, RowTokens } from "./expectations.ts";

/** Reads what an engine prints, line by line. */
export type OutputChecks = { line(text: string): Breach[] };

/**
 * Checks of an engine's output: the first row's tokens against our own (template, tokenizer, image tokens at once), the number of rows, the number of processes, and weights
 * that a resume did not find.
 */
export function outputChecks(expected: Expectations): OutputChecks {
  let inTrainSet = false;
  let rowsSeen = false;
  return {
    line(text) {
      if (/train_dataset\b/.test(text)) inTrainSet = true;
      if (/val_dataset: /.test(text)) inTrainSet = false;
      const breaches = [keys(text), world(text, expected), tokens(text, expected)];
      const rows = /num_rows: (\d+)/.exec(text);
      if (rows !== null && inTrainSet && !rowsSeen) {
        rowsSeen = true;
        breaches.push(rowCount(Number(rows[1]), expected));
      }
      return breaches.filter((breach) => breach !== undefined);
    },
  };
}

/** Tied weights are stored once: their second name may be missing. */
const tied = /^\['lm_head\.weight'\]/;

function keys(text: string): Breach | undefined {
  const found = /There were (missing|unexpected) keys in the checkpoint model loaded: (.*)/.exec(text);
  if (found === null || tied.test(found[2]!)) return undefined;
  const names = found[2]!.match(/'[^']+'/g) ?? [];
  return {
    name: "resumed-weights",
    actual: `${names.length} ${found[1]} names, such as ${names[0] ?? "none"}`,
    cause:
      "the engine did not find the checkpoint's weights under the model's names: it goes on from the base weights",
    next: "start the full training from a base with the names of transformers v5 (emit does that), not from this checkpoint",
  };
}

function world(text: string, { worldSize }: Expectations): Breach | undefined {
  const found = /\bworld_size: (\d+)/.exec(text);
  if (found === null || worldSize === undefined || Number(found[1]) === worldSize) return undefined;
  return {
    name: "processes",
    expected: worldSize,
    actual: Number(found[1]),
    cause: `the run has ${found[1]} processes, the plan's batch was divided among ${worldSize}`,
    next: "start it by the launcher that the plan names, or change the plan's nodes and processes",
  };
}

function rowCount(rows: number, expected: Expectations): Breach | undefined {
  if (expected.rows === undefined || rows === expected.rows) return undefined;
  const lost = expected.rows - rows;
  return {
    name: "rows",
    expected: expected.rows,
    actual: rows,
    cause:
      lost > 0
        ? `the engine dropped ${lost} of ${expected.rows} rows without a word`
        : `the engine reads ${rows} rows, ${-lost} more than were emitted: another file, or a cached one`,
    next: "look for rows that it cannot read (its own log names them), or emit the run anew",
  };
}

function tokens(text: string, { firstRow }: Expectations): Breach | undefined {
  const found = /\[((?:CHOSEN_|REJECTED_)?)INPUT_IDS\] \[([\d, ]+)\]/.exec(text);
  if (found === null || firstRow === undefined) return undefined;
  const row = found[1] === "REJECTED_" ? firstRow.rejected : firstRow.chosen;
  return row === undefined
    ? undefined
    : differing(found[2]!.split(",").map(Number), row, firstRow.imageToken);
}

/** Where two token sequences part. The template's white space after the last end token may be there or not: it is no part of the answer. */
function differing(
  ids: readonly number[],
  { ids: own }: RowTokens,
  imageToken: number | undefined,
): Breach | undefined {
  const count = (all: readonly number[]) => all.filter((id) => id === imageToken).length;
  if (imageToken !== undefined && count(ids) !== count(own))
    return {
      name: "image-tokens",
      expected: count(own),
      actual: count(ids),
      cause: `the engine gives the first row's pictures ${count(ids)} tokens instead of ${count(own)}: the model hardly sees them`,
      next: "check image_token_id, the pixel limits and that the pictures are those of the plan",
    };
  const at = own.findIndex((id, index) => ids[index] !== id);
  const extra = ids.length - own.length;
  if (at < 0 && extra <= 1) return undefined;
  if (at === own.length - 1 && extra === -1) return undefined; // it leaves the last line break out
  const position = at < 0 ? own.length : at;
  return {
    name: "template",
    expected: `${own.length} tokens`,
    actual: `${ids.length} tokens, another one at position ${position}`,
    cause: `the engine renders the first row in another way than the model's chat template, from token ${position} on`,
    next: "compare both renderings; evaluation would use another prompt than training: use the engine trl, or the embedded one",
  };
}
