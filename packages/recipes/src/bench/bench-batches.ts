// B rows · S positions
import { wardCases, wardDemonstration } from "@mede2/data";
import { chatMessage, promptStyles, questionPrompt } from "@mede2/llm";
import { type Encoder, type Example, encodeMessages, mixSeeds, seededRandom } from "@mede2/trainer";

/** A batch as both sides read it: rows of equal length, padded on the right to train and on the left to generate. */
export type BenchBatch = {
  readonly inputIds: readonly (readonly number[])[];
  readonly attentionMask: readonly (readonly number[])[];
  /** The token itself where it is learnt, −100 elsewhere; not shifted. */
  readonly labels?: readonly (readonly number[])[];
};

type Row = Pick<Example, "tokens" | "supervised">;

export const ignored = -100;

/** Rows to train on. */
export function trainingBatch(rows: readonly Row[], pad: number): BenchBatch {
  const length = longest(rows);
  const right = (row: Row, value: (s: number) => number, rest: number): number[] =>
    Array.from({ length }, (_, s) => (s < row.tokens.length ? value(s) : rest));
  return {
    inputIds: rows.map((row) => right(row, (s) => row.tokens[s]!, pad)),
    attentionMask: rows.map((row) => right(row, () => 1, 0)),
    labels: rows.map((row) =>
      right(row, (s) => (row.supervised[s] === 1 ? row.tokens[s]! : ignored), ignored),
    ),
  };
}

/** Prompts to go on from. */
export function promptBatch(rows: readonly Row[], pad: number): BenchBatch {
  const length = longest(rows);
  const left = (row: Row, value: (s: number) => number, rest: number): number[] => {
    const padding = length - row.tokens.length;
    return Array.from({ length }, (_, s) => (s < padding ? rest : value(s - padding)));
  };
  return {
    inputIds: rows.map((row) => left(row, (s) => row.tokens[s]!, pad)),
    attentionMask: rows.map((row) => left(row, () => 1, 0)),
  };
}

/** The rows of a batch again, without their padding. */
export function batchRows(batch: BenchBatch): Row[] {
  return batch.inputIds.map((ids, b) => {
    const real = [...ids.keys()].filter((s) => batch.attentionMask[b]![s] === 1);
    return {
      tokens: Int32Array.from(real, (s) => ids[s]!),
      supervised: Uint8Array.from(real, (s) =>
        batch.labels === undefined || batch.labels[b]![s] === ignored ? 0 : 1,
      ),
    };
  });
}

/** Stage-I demonstrations of the ward: what Tiny is fine-tuned on. */
export function wardRows(encoder: Encoder, count: number, seed: number): Example[] {
  return wardCases({ split: "stage1", count, seed }).map((each) => {
    const { id, question, trace } = wardDemonstration(each, seed);
    return encodeMessages(encoder, id, [
      ...questionPrompt(question, promptStyles.reason),
      chatMessage("assistant", trace.text),
    ]);
  });
}

/** Questions of the ward, as they are asked. */
export function wardPrompts(encoder: Encoder, count: number, seed: number): Example[] {
  return wardCases({ split: "dev", count, seed }).map((each) => {
    const { id, question } = wardDemonstration(each, seed);
    return encodeMessages(encoder, id, questionPrompt(question, promptStyles.reason), true);
  });
}

/** Rows of tokens drawn evenly below `tokens`; the second half of each is learnt. For models without a tokenizer: speed does not depend on the text. */
export function randomRows(count: number, length: number, tokens: number, seed: number): Row[] {
  return Array.from({ length: count }, (_, b) => {
    const random = seededRandom(mixSeeds(seed, b));
    return {
      tokens: Int32Array.from({ length }, () => Math.floor(random() * tokens)),
      supervised: Uint8Array.from({ length }, (_, s) => (s >= length / 2 ? 1 : 0)),
    };
  });
}

function longest(rows: readonly Row[]): number {
  return Math.max(...rows.map(({ tokens }) => tokens.length));
}
