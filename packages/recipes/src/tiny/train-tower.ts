// N images · U units of an image · D decoder width · L labels

import {
  adamW,
  adamWScalars,
  declareAdamWInputs,
  declareVisionInputs,
  inputWeights,
  learningRateAt,
  type ProcessedImage,
  visionBatch,
  visionTower,
} from "@mede2/nn";
import { GraphBuilder, ops } from "@mede2/onnx";
import { gradients } from "@mede2/onnx/autodiff";
import { type Device, type HostTensor, type ModelState, visionFeeds } from "@mede2/trainer";

export type TowerSettings = {
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly labels: number;
};

/** Parameters of the tower and of the head `head.weight` [L, D], with their moments. */
export type TowerState = { step: number; readonly arrays: ReadonlyMap<string, Float32Array> };

const headKey = "head.weight";

export function newTowerState(model: ModelState, labels: number): TowerState {
  const arrays = new Map<string, Float32Array>();
  const own = [...model.parameters].filter(([key]) => key.startsWith("visual."));
  const head = new Float32Array(labels * model.config.text.hiddenSize);
  for (const [key, data] of [...own, [headKey, head] as const]) {
    arrays.set(key, data);
    arrays.set(`${key}:first`, new Float32Array(data.length));
    arrays.set(`${key}:second`, new Float32Array(data.length));
  }
  return { step: 0, arrays };
}

/**
 * Teaches the tower to see before any text: its merged features, averaged over the picture, are classified by a linear head that is thrown away afterwards.
 * Captions alone taught nothing in many thousand pictures. `examples` gives the pictures of a step; `onStep` returns true to stop.
 */
export async function trainTower(
  device: Device,
  model: ModelState,
  state: TowerState,
  settings: TowerSettings,
  examples: (step: number) => readonly { readonly image: ProcessedImage; readonly label: number }[],
  onStep: (step: number, loss: number, accuracy: number) => Promise<boolean>,
): Promise<void> {
  const schedule = {
    name: "cosine" as const,
    learningRate: settings.learningRate,
    minLearningRate: settings.learningRate / 20,
    warmupSteps: 50,
    steps: settings.steps,
  };
  const first = visionBatch(
    examples(0).map(({ image }) => image),
    model.config,
  );
  const g = towerGraph(model, state, first.layout, settings);
  const session = await device.compile(g.build());
  const shapes = new Map(g.inputs.map((input) => [input.name, input.shape as number[]]));
  const stored = (suffix: string): Record<string, HostTensor> =>
    Object.fromEntries(
      [...state.arrays].map(([key, data]) => [`${key}${suffix}`, { data, shape: shapes.get(key)! }]),
    );
  while (state.step < settings.steps) {
    const items = examples(state.step);
    const batch = visionBatch(
      items.map(({ image }) => image),
      model.config,
    );
    const scalars = adamWScalars(state.step + 1, learningRateAt(state.step + 1, schedule), [0.9, 0.98]);
    const results = await session.run(
      {
        ...visionFeeds(batch),
        ...stored(""),
        ...Object.fromEntries(
          Object.entries(scalars).map(([name, value]) => [name, { data: Float32Array.of(value), shape: [] }]),
        ),
        labels: { data: BigInt64Array.from(items, ({ label }) => BigInt(label)), shape: [items.length, 1] },
      },
      stored(":new"),
    );
    state.step += 1;
    const hits = [...(results.guess!.data as BigInt64Array)].filter(
      (guess, n) => Number(guess) === items[n]!.label,
    ).length;
    if (await onStep(state.step, Number(results.loss!.data[0]), hits / items.length)) break;
  }
  await session.release();
}

function towerGraph(
  model: ModelState,
  state: TowerState,
  layout: Parameters<typeof visionTower>[3],
  settings: TowerSettings,
): GraphBuilder {
  const g = new GraphBuilder("tower");
  const { hiddenSize } = model.config.text;
  const shapes = new Map([...model.shapes, [headKey, [settings.labels, hiddenSize]]]);
  const weights = inputWeights(g, shapes);
  const features = visionTower(
    g,
    weights,
    model.config,
    layout,
    declareVisionInputs(g, model.config, layout),
  );
  const perImage = ops.reshape(g, features, [layout.images, -1, hiddenSize]);
  const pooled = ops.reduceMean(g, perImage, [1], false);
  const logits = ops.fusedMatMul(g, pooled, weights(headKey), { transB: true });
  const logProbs = ops.gatherElements(
    g,
    ops.logSoftmax(g, logits),
    g.input("labels", "int64", [layout.images, 1]),
    1,
  );
  const loss = ops.mul(g, ops.neg(g, ops.sumAll(g, logProbs)), 1 / layout.images);
  g.output(loss, "loss");
  g.output(ops.argMax(g, logits, 1), "guess");
  const keys = [...state.arrays.keys()].filter((key) => !key.includes(":"));
  const found = gradients(
    g,
    g.tensor("loss"),
    keys.map((key) => weights(key)),
  );
  const trained = keys.map((key, index) => ({
    key,
    parameter: weights(key),
    gradient: found[index]!,
    firstMoment: g.input(`${key}:first`, "float32", shapes.get(key)!),
    secondMoment: g.input(`${key}:second`, "float32", shapes.get(key)!),
    decays: shapes.get(key)!.length > 1,
  }));
  const optimiser = { betas: [0.9, 0.98] as const, epsilon: 1e-8, weightDecay: 0.05, clipNorm: 1 };
  for (const each of adamW(g, trained, optimiser, declareAdamWInputs(g)).updated) {
    g.output(each.parameter, `${each.key}:new`);
    g.output(each.firstMoment, `${each.key}:first:new`);
    g.output(each.secondMoment, `${each.key}:second:new`);
  }
  return g;
}
