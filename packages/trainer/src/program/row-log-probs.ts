// B rows · S positions · M supervised positions

import { applyLora, declareTargetInputs, decoderLogProbs, forward } from "@mede2/nn";
import { GraphBuilder, ops } from "@mede2/onnx";
import type { Device } from "../device/device.ts";
import type { Example } from "../examples/example.ts";
import { assemble, type ImagePath, type SharedRows } from "./assemble.ts";
import { worthSharing } from "./branched-rows.ts";
import type { ModelState } from "./model-state.ts";
import { fedWeights, weightFeeds } from "./model-weights.ts";
import { createSessionCache } from "./session-cache.ts";
import { hasFrozenHead, type StepLayout, type StepSettings } from "./step-graph.ts";

/** Sum of log p over the supervised tokens of each example, and their number. */
export type RowLogProb = { readonly logProb: number; readonly tokens: number };

/** Scores texts under a model; its weights are inputs, so a model in training is scored as it stands. */
export type RowScorer = {
  score(examples: readonly Example[], signal?: AbortSignal): Promise<RowLogProb[]>;
  /** The same of twos of examples, which may have a beginning in common. */
  scoreTwos(
    twos: readonly (readonly [Example, Example])[],
    signal?: AbortSignal,
  ): Promise<[RowLogProb, RowLogProb][]>;
  release(): Promise<void>;
};

export type ScorerSettings = Pick<StepSettings, "config" | "shapes" | "lora" | "fourBit"> & {
  readonly batch: number;
  readonly pad: number;
  readonly images: ImagePath;
};

export function createRowScorer(device: Device, model: ModelState, settings: ScorerSettings): RowScorer {
  const sessions = createSessionCache(device);
  const scoreBatch = async (
    examples: readonly Example[],
    rows: number,
    shared?: SharedRows,
  ): Promise<RowLogProb[]> => {
    const { layout, feeds, rowOf } = await assemble(
      ...([examples, rows, model, settings.images, settings.pad, shared] as const),
    );
    const { run, inputs } = await sessions.get(JSON.stringify(layout), () => logProbGraph(settings, layout));
    const weights = weightFeeds(
      model,
      inputs,
      (name, data) => model.shapes.get(name) ?? loraShape(name, data, settings),
    );
    const { logProbs } = await run({ ...feeds, ...weights });
    const sums = examples.map(() => ({ logProb: 0, tokens: 0 }));
    rowOf.forEach((row, m) => {
      sums[row]!.logProb += Number(logProbs!.data[m]);
      sums[row]!.tokens += 1;
    });
    return sums;
  };
  const scoreTwo = async (twos: readonly (readonly [Example, Example])[]) => {
    const rows = Math.max(1, Math.ceil(settings.batch / 2));
    const shared = worthSharing(twos, settings.config);
    const scores = shared
      ? await scoreBatch(twos.flat(), rows, {
          kind: "branched",
          rows: [...twos.keys()].map((n) => [2 * n, 2 * n + 1] as const),
        })
      : await scoreBatch(twos.flat(), 2 * rows);
    return twos.map((_, n): [RowLogProb, RowLogProb] => [scores[2 * n]!, scores[2 * n + 1]!]);
  };
  return {
    score: (examples, signal) =>
      inBatches(
        examples,
        (each) => each.tokens.length,
        settings.batch,
        (group) => scoreBatch(group, settings.batch),
        signal,
      ),
    scoreTwos: (twos, signal) =>
      inBatches(
        twos,
        ([a, b]) => a.tokens.length + b.tokens.length,
        Math.max(1, Math.ceil(settings.batch / 2)),
        scoreTwo,
        signal,
      ),
    release: () => sessions.release(),
  };
}

/** Items of like length together, so that little is padded; results in the order of the items. */
async function inBatches<T, R>(
  items: readonly T[],
  length: (item: T) => number,
  size: number,
  work: (group: readonly T[]) => Promise<readonly R[]>,
  signal: AbortSignal | undefined,
): Promise<R[]> {
  const order = [...items.keys()].sort((a, b) => length(items[a]!) - length(items[b]!));
  const results = new Array<R>(items.length);
  for (let start = 0; start < order.length; start += size) {
    signal?.throwIfAborted();
    const group = order.slice(start, start + size);
    const done = await work(group.map((index) => items[index]!));
    group.forEach((index, at) => {
      results[index] = done[at]!;
    });
  }
  return results;
}

function loraShape(name: string, data: Float32Array, { lora }: ScorerSettings): number[] {
  const rank = lora?.rank ?? 1;
  if (name.endsWith(".lora_magnitude_vector")) return [data.length];
  return name.endsWith(".lora_A") ? [rank, data.length / rank] : [data.length / rank, rank];
}

function logProbGraph(settings: ScorerSettings, layout: StepLayout): GraphBuilder {
  const old = new GraphBuilder("log-probs");
  const weights = fedWeights(old, settings.shapes, settings.fourBit);
  const hidden = forward(old, weights, settings.config, layout);
  const target = declareTargetInputs(old, layout.supervised);
  const head = { frozen: hasFrozenHead(settings), differentiated: false };
  const logProbs = decoderLogProbs(old, weights, settings.config, hidden, target, head);
  const adapted = settings.lora === undefined ? undefined : applyLora(old, settings.lora);
  const g = adapted?.g ?? old;
  g.output(adapted?.of(logProbs) ?? ops.identity(g, logProbs), "logProbs");
  return g;
}
