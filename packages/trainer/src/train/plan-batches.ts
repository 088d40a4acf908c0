// B rows · M supervised positions · N pairs
import { type Example, type PairExample, supervisedCount } from "../examples/example.ts";
import { assemble, type ImagePath, rowLength, type SharedRows } from "../program/assemble.ts";
import { worthSharing } from "../program/branched-rows.ts";
import type { ModelState } from "../program/model-state.ts";
import { packRows } from "../program/packed-rows.ts";
import type { MicroBatch } from "../program/stepper.ts";
import type { PlannedAnswer } from "./planned-answer.ts";

/** A step's micro-batches and what they hold. */
export type PlannedStep = {
  readonly batches: readonly MicroBatch[];
  readonly tokens: number;
  readonly supervisedTokens: number;
  /** The answers of a step without pairs. */
  readonly answers?: readonly PlannedAnswer[];
};

export type BatchContext = {
  readonly model: ModelState;
  readonly images: ImagePath;
  readonly pad: number;
  readonly size: number;
  /** Whether examples of cross-entropy may share a row, so that less is padded. */
  readonly packing?: boolean;
};

/** Micro-batches for cross-entropy: each supervised token of the whole step weighs the same. */
export async function supervisedStep(
  examples: readonly Example[],
  context: BatchContext,
): Promise<PlannedStep> {
  const total = examples.reduce((sum, each) => sum + supervisedCount(each), 0);
  const batches: MicroBatch[] = [];
  let tokens = 0;
  for (const group of groups(examples, context.size)) {
    const { model, images, pad } = context;
    const shared = context.packing === true ? packed(group) : undefined;
    const rows = shared?.rows.length ?? context.size;
    const assembled = await assemble(group, rows, model, images, pad, shared);
    const weights = new Float32Array(assembled.layout.supervised).fill(1 / total, 0, assembled.rowOf.length);
    tokens += assembled.tokens;
    batches.push({
      layout: assembled.layout,
      feeds: { ...assembled.feeds, weights: { data: weights, shape: [weights.length] } },
    });
  }
  return { batches, tokens, supervisedTokens: total };
}

/** The rows that examples share, where that makes fewer rows. */
function packed(examples: readonly Example[]): SharedRows | undefined {
  const lengths = examples.map(({ tokens }) => tokens.length);
  const rows = packRows(lengths, rowLength(Math.max(...lengths)));
  return rows.length < examples.length ? { kind: "packed", rows } : undefined;
}

/** log π_ref of a pair's answers. */
export type Reference = { readonly chosen: number; readonly rejected: number };

/**
 * Micro-batches of pairs, chosen rows first. Pairs are averaged over the whole step by their weights; the likelihood of the chosen answers is the mean over their tokens,
 * times `nllWeight` (TRL's `sft` loss).
 */
export async function preferenceStep(
  pairs: readonly PairExample[],
  references: readonly Reference[],
  nllWeight: number,
  context: BatchContext,
): Promise<PlannedStep> {
  const chosenTokens = pairs.reduce((sum, each) => sum + supervisedCount(each.chosen), 0);
  const totalWeight = pairs.reduce((sum, each) => sum + each.weight, 0);
  const batches: MicroBatch[] = [];
  let [tokens, supervised] = [0, 0];
  for (const group of groups([...pairs.keys()], context.size)) {
    const slots = context.size;
    const own = group.map((index) => pairs[index]!);
    const filler = own[0]!;
    const padded = [...own, ...new Array<PairExample>(slots - own.length).fill(filler)];
    const rows = [...padded.map((each) => each.chosen), ...padded.map((each) => each.rejected)];
    const twos = padded.map(({ chosen, rejected }) => [chosen, rejected] as const);
    const shared = worthSharing(twos, context.model.config)
      ? { kind: "branched" as const, rows: padded.map((_, n) => [n, slots + n] as const) }
      : undefined;
    const height = shared === undefined ? 2 * slots : slots;
    const assembled = await assemble(
      ...([rows, height, context.model, context.images, context.pad, shared] as const),
    );
    const { rowOf, layout } = assembled;
    const member = new Float32Array(2 * slots * layout.supervised);
    const weights = new Float32Array(layout.supervised);
    rowOf.forEach((row, m) => {
      member[row * layout.supervised + m] = 1;
      if (row < own.length) weights[m] = nllWeight / chosenTokens;
    });
    const reference = new Float32Array(2 * slots);
    const pairWeights = new Float32Array(slots);
    group.forEach((index, n) => {
      reference[n] = references[index]!.chosen;
      reference[slots + n] = references[index]!.rejected;
      pairWeights[n] = pairs[index]!.weight / totalWeight;
    });
    tokens += assembled.tokens;
    supervised += rowOf.length;
    batches.push({
      layout,
      feeds: {
        ...assembled.feeds,
        weights: { data: weights, shape: [layout.supervised] },
        rows: { data: member, shape: [2 * slots, layout.supervised] },
        reference: { data: reference, shape: [2 * slots] },
        pairWeights: { data: pairWeights, shape: [slots] },
      },
    });
  }
  return { batches, tokens, supervisedTokens: supervised };
}

/** Feeds a scalar to every micro-batch of a step. */
export function withScalar(planned: PlannedStep, name: string, value: number): PlannedStep {
  const fed = { data: Float32Array.of(value), shape: [] };
  return {
    ...planned,
    batches: planned.batches.map((batch) => ({ ...batch, feeds: { ...batch.feeds, [name]: fed } })),
  };
}

export function* groups<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
