// B rows · S positions · M supervised positions

import { applyLora, declareTargetInputs, forward, logits, tokenLogProbs } from "@mede2/nn";
import { GraphBuilder, ops } from "@mede2/onnx";
import type { Device } from "../device/device.ts";
import type { Example } from "../examples/example.ts";
import { assemble, type ImagePath } from "./assemble.ts";
import type { ModelState } from "./model-state.ts";
import { fedWeights, weightFeeds } from "./model-weights.ts";
import { createSessionCache } from "./session-cache.ts";
import type { StepLayout, StepSettings } from "./step-graph.ts";

/** Sum of log p over the supervised tokens of each example, and their number. */
export type RowLogProb = { readonly logProb: number; readonly tokens: number };

/** Scores texts under a model; its weights are inputs, so a model in training is scored as it stands. */
export type RowScorer = {
  score(examples: readonly Example[], signal?: AbortSignal): Promise<RowLogProb[]>;
  release(): Promise<void>;
};

export type ScorerSettings = Pick<StepSettings, "config" | "shapes" | "lora" | "fourBit"> & {
  readonly batch: number;
  readonly pad: number;
  readonly images: ImagePath;
};

export function createRowScorer(device: Device, model: ModelState, settings: ScorerSettings): RowScorer {
  const sessions = createSessionCache(device);
  const scoreBatch = async (examples: readonly Example[]): Promise<RowLogProb[]> => {
    const { layout, feeds, rowOf } = await assemble(
      examples,
      settings.batch,
      model,
      settings.images,
      settings.pad,
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
  return {
    async score(examples, signal) {
      const order = [...examples.keys()].sort(
        (a, b) => examples[a]!.tokens.length - examples[b]!.tokens.length,
      );
      const results = new Array<RowLogProb>(examples.length);
      for (let start = 0; start < order.length; start += settings.batch) {
        signal?.throwIfAborted();
        const group = order.slice(start, start + settings.batch);
        const scores = await scoreBatch(group.map((index) => examples[index]!));
        group.forEach((index, at) => {
          results[index] = scores[at]!;
        });
      }
      return results;
    },
    release: () => sessions.release(),
  };
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
  const logProbs = tokenLogProbs(old, hidden, target, (rows) => logits(old, weights, settings.config, rows));
  const adapted = settings.lora === undefined ? undefined : applyLora(old, settings.lora);
  const g = adapted?.g ?? old;
  g.output(adapted?.of(logProbs) ?? ops.identity(g, logProbs), "logProbs");
  return g;
}
