import {
  type PreferencePair,
  recordFiles,
  resolveSpan,
  type Span,
  type Trace,
  type Verdict,
} from "@mede2/schemas";
import type { CaseView, TraceView } from "../protocol/case-view.ts";
import type { VerdictMessage } from "../protocol/review-messages.ts";
import { alignSteps } from "../records/align-steps.ts";
import { stepTexts } from "../records/case-of.ts";

export type Order = Verdict["order"];

/** The file of verdicts on the pairs of a file: `x.pairs.jsonl` has `x.verdicts.jsonl`. */
export function verdictsFile(pairs: string): string {
  const ending = Object.entries(recordFiles).find(([, record]) => record === "preference-pair")![0];
  if (!pairs.endsWith(ending)) throw new RangeError(`${pairs} is not a *${ending}`);
  return `${pairs.slice(0, -ending.length)}.verdicts.jsonl`;
}

/** In which order the answers of a pair are shown: each with the same chance. */
export const drawOrder = (random: () => number): Order =>
  random() < 0.5 ? "chosen-first" : "rejected-first";

/**
 * A pair as a reviewer sees it. `view` is the open one, chosen on the left. While it is blind, whatever may tell the answers apart is left out: scores,
 * who wrote them, their ids, and what the pair says of itself.
 */
export function shownPair(view: CaseView, order: Order, blind: boolean): CaseView {
  const [chosen, rejected] = view.columns as [TraceView, TraceView];
  const sides = order === "chosen-first" ? [chosen, rejected] : [rejected, chosen];
  const columns = blind
    ? sides.map((column, index) => anonymous(column, index === 0 ? "First" : "Second"))
    : sides;
  return {
    ...view,
    id: blind ? "" : view.id,
    columns,
    aligned: alignSteps(stepTexts(columns[0]!), stepTexts(columns[1]!)),
    facts: blind ? [] : view.facts,
    ...(view.question === undefined ? {} : { question: blind ? withoutGold(view.question) : view.question }),
  };
}

/** An answer without its name, its scores, and what they mark. */
function anonymous(column: TraceView, heading: string): TraceView {
  const { blocks, omitted, answer } = column;
  const plain = blocks.map((block) => ({
    ...block,
    pieces: merged(
      block.pieces.map(({ text, marks }) => ({ text, marks: marks.filter((mark) => mark === "answer") })),
    ),
  }));
  return { id: "", heading, by: "", images: "", details: [], blocks: plain, omitted, answer };
}

/** Neighbours with the same marks in one piece: where the pieces were cut would tell what was quoted. */
function merged(pieces: TraceView["blocks"][number]["pieces"]): typeof pieces {
  const result: typeof pieces = [];
  for (const { text, marks } of pieces) {
    const last = result.at(-1);
    if (last !== undefined && last.marks.join() === marks.join()) last.text += text;
    else result.push({ text, marks });
  }
  return result;
}

/** The right answer stays hidden as well: it would say which of two answers was chosen, where only one has it. */
function withoutGold(question: NonNullable<CaseView["question"]>): NonNullable<CaseView["question"]> {
  return { ...question, gold: "", options: question.options.map((option) => ({ ...option, gold: false })) };
}

export interface VerdictSettings {
  readonly pair: PreferencePair;
  readonly order: Order;
  readonly blind: boolean;
  readonly reviewer: string;
  readonly message: VerdictMessage;
  readonly ts: string;
}

/**
 * The record of a verdict. Spans name their side: `chosen.text` and `rejected.text` are fields of the pair. Quotes that are not in the answer are
 * left out, as nobody can have marked them.
 */
export function verdictOf({ pair, order, blind, reviewer, message, ts }: VerdictSettings): Verdict {
  const { choice, criteria, comment, seconds } = message;
  const sideOf = (side: "first" | "second") =>
    (side === "first") === (order === "chosen-first") ? "chosen" : "rejected";
  const spans = message.spans.flatMap(({ side, start, quote }): Span[] => {
    const name = sideOf(side);
    const trace: Trace = pair[name];
    const found = resolveSpan(trace, { field: "text", start, end: start + quote.length, quote });
    return found.found ? [{ field: `${name}.text`, start: found.start, end: found.end, quote }] : [];
  });
  return {
    ...{ record: "verdict", v: 1, pairId: pair.id, reviewer, choice, order, blind },
    ...(Object.keys(criteria).length === 0 ? {} : { criteria }),
    ...(spans.length === 0 ? {} : { spans }),
    ...(comment.trim() === "" ? {} : { comment: comment.trim() }),
    ...{ seconds: Math.round(seconds * 10) / 10, ts },
  };
}

/** Whether a verdict prefers the answer that was chosen; undefined when it prefers neither. */
export function agrees({ choice, order }: Pick<Verdict, "choice" | "order">): boolean | undefined {
  if (choice === "tie" || choice === "neither") return undefined;
  return (choice === "first") === (order === "chosen-first");
}
