import { appendJsonl, type Clock, isoTime, type Verdict, verdictSchema } from "@mede2/schemas";
import { orderOf } from "./pair-order.ts";
import { type OpenRecord, verdictFile } from "./trace-sources.ts";

export interface Judging {
  reviewer: string;
  choice: Verdict["choice"];
  blind: boolean;
  comment?: string | undefined;
}

/** Appends what a reviewer thinks of a pair to the pair's review file, and returns it. A later verdict of the same reviewer counts instead. */
export async function recordVerdict(
  record: OpenRecord,
  { reviewer, choice, blind, comment }: Judging,
  clock: Clock,
): Promise<Verdict> {
  const { pair, source, openedAt } = record;
  if (pair === undefined) throw new TypeError("a verdict is given on a pair");
  const verdict: Verdict = {
    record: "verdict",
    v: 1,
    pairId: pair.id,
    reviewer,
    choice,
    order: orderOf(pair.id, blind),
    blind,
    ...(comment !== undefined && comment !== "" && { comment }),
    seconds: Math.max(0, (clock() - openedAt) / 1000),
    ts: isoTime(clock),
  };
  await appendJsonl(verdictFile(source.path), [verdict], { schema: verdictSchema });
  return verdict;
}
