import type { Example } from "../examples/example.ts";
import type { RowScorer } from "../program/row-log-probs.ts";

/** Mean negative log-likelihood per supervised token on held-out examples, in nats. */
export async function evaluateLoss(
  examples: readonly Example[],
  scorer: RowScorer,
): Promise<{ loss: number; tokens: number }> {
  const scores = await scorer.score(examples);
  const tokens = scores.reduce((sum, each) => sum + each.tokens, 0);
  return { loss: -scores.reduce((sum, each) => sum + each.logProb, 0) / tokens, tokens };
}
