import type { LogProbModel, LogProbRequest } from "@mede2/llm";
import { optionIndex, optionLabel, type Question, type Trace } from "@mede2/schemas";
import type { BootstrapSettings } from "../comparing/compare.ts";
import { conversationOf } from "../protocols/conversation.ts";
import type { Protocol } from "../protocols/protocol.ts";
import { type ScalingPoint, scalingPoint } from "./scaling-point.ts";

/** A question with the answer that the model gave of itself. */
export interface ForcedItem {
  question: Question;
  trace: Trace;
  score: number;
  cluster: string;
}

export interface ForcedSettings {
  model: LogProbModel;
  /** As the answers were asked for. */
  protocol: Protocol;
  /** The first so many tokens of a text, by the model's own tokenizer. */
  cut: (text: string, tokens: number) => string;
  /** Tokens of thinking. */
  budgets: readonly number[];
  /** Questions whose options are weighed in one call; default 16. */
  chunk?: number;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** What one budget gives: a score and the tokens written for each question, in their order. */
export interface ForcedBudget {
  budget: number;
  scores: number[];
  tokens: number[];
  /** Share of the questions whose thinking was cut. */
  cut: number;
}

/**
 * Budget forcing (Muennighoff et al. 2025, arXiv 2501.19393, §3.1, the end-of-thinking half): thinking that is longer than the budget is ended there and the model must answer. We force the
 * answer by weighing it: of the options, each written out as `\boxed{…}` behind the cut thinking, the likeliest is taken, which needs no further sampling. Thinking within the budget keeps its own
 * answer. Questions without options, or with several right ones, are not for this: hand them not in.
 */
export async function forcedAnswers(
  items: readonly ForcedItem[],
  settings: ForcedSettings,
): Promise<ForcedBudget[]> {
  const { model, protocol, cut, budgets, chunk = 16, onProgress, signal } = settings;
  const results: ForcedBudget[] = [];
  let done = 0;
  for (const budget of budgets) {
    const result: ForcedBudget = { budget, scores: [], tokens: [], cut: 0 };
    for (let from = 0; from < items.length; from += chunk) {
      signal?.throwIfAborted();
      const part = items
        .slice(from, from + chunk)
        .map((item) => ({ item, request: requestsOf(item, budget, cut, protocol) }));
      const replies = await model.logProbs(
        part.flatMap(({ request }) => request ?? []),
        signal === undefined ? {} : { signal },
      );
      let at = 0;
      for (const { item, request } of part) {
        if (request === null) {
          result.scores.push(item.score);
          result.tokens.push(item.trace.tokens.completion);
          continue;
        }
        const own = replies.slice(at, at + request.length);
        at += request.length;
        const best = own.reduce(
          (known, reply, option) => (reply.logProb > own[known]!.logProb ? option : known),
          0,
        );
        result.scores.push(Number(best === rightOption(item.question)));
        result.tokens.push(own[best]!.tokens);
        result.cut += 1 / items.length;
      }
      done += part.length;
      onProgress?.(done, budgets.length * items.length);
    }
    results.push(result);
  }
  return results;
}

/** Whether an answer can be forced: options, and one right one. */
export const isForceable = (question: Question): boolean => rightOption(question) !== null;

function rightOption({ gold, options }: Question): number | null {
  if (options.length < 2 || !("labels" in gold) || gold.labels.length !== 1) return null;
  return optionIndex(gold.labels[0]!, options.length) ?? null;
}

/** One request an option; null when the thinking is not longer than the budget. */
function requestsOf(
  { question, trace }: ForcedItem,
  budget: number,
  cut: ForcedSettings["cut"],
  protocol: Protocol,
): LogProbRequest[] | null {
  if (trace.reasoning === null) return null;
  const thinking = trace.reasoning.quote;
  const kept = cut(thinking, budget);
  if (kept.length >= thinking.length) return null;
  return optionRequests(question, kept, protocol);
}

/** One request an option: it stands written as `\boxed{…}` behind the thinking, as the protocol wants it, in words or as a letter. Null: there was no thinking. */
export function optionRequests(
  question: Question,
  thinking: string | null,
  protocol: Protocol,
): LogProbRequest[] {
  const { messages } = conversationOf(question, protocol);
  const words = "style" in protocol.prompt && protocol.prompt.style.options === "names";
  const before = thinking === null ? "" : `<think>\n${thinking}\n</think>\n\n`;
  return question.options.map((option, at) => ({
    messages,
    completion: `${before}\\boxed{${words ? option : optionLabel(at)}}`,
  }));
}

/** The budgets as points of a curve, each against the answers that the model gave of itself. */
export function forcedPoints(
  items: readonly ForcedItem[],
  budgets: readonly ForcedBudget[],
  bootstrap: BootstrapSettings = {},
): ScalingPoint[] {
  const own = items.map(({ question, cluster, score }) => ({ questionId: question.id, cluster, score }));
  return budgets.map(({ budget, scores, tokens }) => {
    const mean = tokens.reduce((sum, value) => sum + value, 0) / Math.max(1, tokens.length);
    return scalingPoint(own, scores, { method: "forced", k: budget, tokens: mean, ties: 0 }, bootstrap);
  });
}
