// B answers · M supervised positions
import { supervisedCount } from "../examples/example.ts";
import { assemble } from "../program/assemble.ts";
import type { MicroBatch } from "../program/stepper.ts";
import { type BatchContext, groups, type PlannedStep } from "./plan-batches.ts";
import type { PlannedAnswer } from "./planned-answer.ts";

/** How much answers of either side weigh. */
export type SideWeights = { readonly desirable: number; readonly undesirable: number };

/**
 * Micro-batches of answers that are judged one by one. They are averaged over the whole step by their own weights, times that of their side (TRL's `desirable_weight` and
 * `undesirable_weight`). `shift` is fed later: it depends on the weights as they are when the step is taken.
 */
export async function answerStep(
  planned: readonly PlannedAnswer[],
  sides: SideWeights,
  nllWeight: number,
  context: BatchContext,
): Promise<PlannedStep> {
  const totalWeight = planned.reduce((sum, { answer }) => sum + answer.weight, 0);
  const desirableTokens = planned.reduce(
    (sum, { answer }) => sum + (answer.desirable ? supervisedCount(answer.example) : 0),
    0,
  );
  const batches: MicroBatch[] = [];
  let [tokens, supervised] = [0, 0];
  for (const group of groups(planned, context.size)) {
    const slots = context.size;
    const examples = group.map(({ answer }) => answer.example);
    const assembled = await assemble(examples, slots, context.model, context.images, context.pad);
    const { rowOf, layout } = assembled;
    const member = new Float32Array(slots * layout.supervised);
    const weights = new Float32Array(layout.supervised);
    rowOf.forEach((row, m) => {
      member[row * layout.supervised + m] = 1;
      if (group[row]!.answer.desirable) weights[m] = nllWeight / desirableTokens;
    });
    const [reference, answerWeights] = [new Float32Array(slots), new Float32Array(slots)];
    const signs = new Float32Array(slots).fill(1);
    group.forEach(({ answer, reference: { own } }, b) => {
      reference[b] = own;
      signs[b] = answer.desirable ? 1 : -1;
      const side = answer.desirable ? sides.desirable : sides.undesirable;
      answerWeights[b] = (answer.weight * side) / totalWeight;
    });
    tokens += assembled.tokens;
    supervised += rowOf.length;
    const vector = (data: Float32Array) => ({ data, shape: [slots] });
    batches.push({
      layout,
      feeds: {
        ...assembled.feeds,
        weights: { data: weights, shape: [layout.supervised] },
        rows: { data: member, shape: [slots, layout.supervised] },
        reference: vector(reference),
        signs: vector(signs),
        answerWeights: vector(answerWeights),
      },
    });
  }
  return { batches, tokens, supervisedTokens: supervised, answers: planned };
}
