import { existsSync } from "node:fs";
import { readJsonlLenient, type Verdict, verdictSchema } from "@mede2/schemas";
import { agrees, drawOrder, type Order } from "./blind-pair.ts";

/** Who has judged what, and in which order each pair is shown in this session. */
export interface ReviewSession {
  /** The newest verdict of this reviewer on a pair. */
  verdict(pairId: string): Verdict | undefined;
  /** The order in which a pair is shown: drawn once, kept while the session lasts; the one of its verdict when it has one. */
  order(pairId: string): Order;
  add(verdict: Verdict): void;
  readonly judged: number;
  readonly agreed: number;
  /** Lines of the file that are no verdicts. */
  readonly unreadable: number;
}

export async function openReviewSession(
  file: string,
  reviewer: string,
  random: () => number,
): Promise<ReviewSession> {
  const verdicts = new Map<string, Verdict>();
  const orders = new Map<string, Order>();
  let unreadable = 0;
  if (existsSync(file))
    for await (const line of readJsonlLenient(file, verdictSchema)) {
      if ("error" in line) unreadable += 1;
      else if (line.ok.reviewer === reviewer && line.ok.pairId !== undefined)
        verdicts.set(line.ok.pairId, line.ok);
    }
  return {
    verdict: (pairId) => verdicts.get(pairId),
    order(pairId) {
      const order = verdicts.get(pairId)?.order ?? orders.get(pairId) ?? drawOrder(random);
      orders.set(pairId, order);
      return order;
    },
    add(verdict) {
      if (verdict.pairId !== undefined) verdicts.set(verdict.pairId, verdict);
    },
    get judged() {
      return verdicts.size;
    },
    get agreed() {
      return [...verdicts.values()].filter((verdict) => agrees(verdict) === true).length;
    },
    unreadable,
  };
}
