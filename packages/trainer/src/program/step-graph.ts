// B rows · S positions · D width · M supervised positions · N pairs (B = 2N, chosen first)

import {
  type AnswerLoss,
  adafactor,
  adamW,
  applyLora,
  crossEntropy,
  declareAdamWInputs,
  declareTargetInputs,
  decoderLogProbs,
  type ForwardLayout,
  forward,
  headKey,
  isLoraTarget,
  type LoraSettings,
  loraFactors,
  type ModelConfig,
  type PairLoss,
} from "@mede2/nn";
import { GraphBuilder, ops, type Tensor } from "@mede2/onnx";
import { gradients } from "@mede2/onnx/autodiff";
import { fedWeights } from "./model-weights.ts";
import { isAdafactor, momentShapes, type OptimiserSettings } from "./optimiser-settings.ts";
import type { MemorySettings, Recomputation } from "./recomputation.ts";

/** What is trained, and towards what. */
export type Objective =
  | { readonly kind: "cross-entropy" }
  | {
      readonly kind: "preference";
      readonly loss: PairLoss;
      /** Whether beta is an input `beta` of the graph, which changes from step to step. */
      readonly betaChanges?: boolean;
    }
  | { readonly kind: "answers"; readonly loss: AnswerLoss; readonly betaChanges?: boolean };

export type StepSettings = {
  readonly config: ModelConfig;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly objective: Objective;
  readonly optimiser: OptimiserSettings;
  readonly lora?: LoraSettings;
  /** Keys of frozen weights that are kept in four bits. */
  readonly fourBit?: ReadonlySet<string>;
  /** Whether a parameter is trained; with `lora`, factors are trained and nothing else. */
  readonly trains: (key: string) => boolean;
  /** Whether weight decay applies to a parameter; default `decays`. */
  readonly decays?: (key: string, rank: number) => boolean;
  /** What the learning rate is multiplied with for a parameter; default 1. */
  readonly rate?: (key: string) => number;
  /** How much of a step's intermediate results may be kept; default `defaultMemory`. */
  readonly memory?: MemorySettings;
};

export type StepLayout = ForwardLayout & {
  readonly supervised: number;
  /** Examples that have log-probabilities of their own, where they are not the rows: two in each branched row. */
  readonly answers?: number;
};

/** A forward graph with its loss: the part that training, evaluation and log-probabilities share. */
export type LossGraph = {
  readonly g: GraphBuilder;
  readonly loss: Tensor;
  /** Trained parameters by key, as inputs of the graph. */
  readonly trained: ReadonlyMap<string, Tensor>;
};

/**
 * Inputs beside those of `forward`: `positions`, `targets` [M]; `weights` [M], the share of each token in the likelihood part of the loss; for preferences also
 * `rows` [B, M], which tokens belong to which answer, `reference` [B] and `pairWeights` [N]; for answers judged one by one `signs` and `answerWeights` [B] and the scalar `shift`.
 * Outputs: `loss`, `likelihood`, and but for cross-entropy `rowLogProbs` [B].
 */
export function lossGraph(
  settings: StepSettings,
  layout: StepLayout,
  recompute: Recomputation = "nothing",
): LossGraph {
  const old = new GraphBuilder("step");
  const weights = fedWeights(old, settings.shapes, settings.fourBit);
  const hidden = forward(old, weights, settings.config, { ...layout, recompute: recompute === "layers" });
  const target = declareTargetInputs(old, layout.supervised);
  const head = { frozen: hasFrozenHead(settings), differentiated: true };
  const logProbs = decoderLogProbs(old, weights, settings.config, hidden, target, head);
  const adapted = settings.lora === undefined ? undefined : applyLora(old, settings.lora);
  const g = adapted?.g ?? old;
  const logProbs_M = adapted?.of(logProbs) ?? logProbs;
  const keys =
    adapted?.modules.flatMap((each) => loraFactors(each, settings.lora!).map(([key]) => key)) ??
    [...settings.shapes.keys()].filter((key) => settings.trains(key) && g.tensors.has(key));
  const loss = objectiveLoss(g, settings.objective, logProbs_M, layout);
  g.output(loss, "loss");
  return { g, loss: g.tensor("loss"), trained: new Map(keys.map((key) => [key, g.tensor(key)])) };
}

/** Whether neither the head itself nor an adapter of it is trained, and it is there in numbers. */
export function hasFrozenHead(
  settings: Pick<StepSettings, "config" | "lora" | "fourBit"> & Partial<StepSettings>,
): boolean {
  const key = headKey(settings.config);
  const adapted =
    settings.lora !== undefined && isLoraTarget(key.slice(0, -".weight".length), settings.lora.targets);
  const trained = settings.lora === undefined && settings.trains?.(key) === true;
  return !adapted && !trained && settings.fourBit?.has(key) !== true;
}

function objectiveLoss(
  g: GraphBuilder,
  objective: Objective,
  logProbs_M: Tensor,
  layout: StepLayout,
): Tensor {
  const weights = g.input("weights", "float32", [layout.supervised]);
  const likelihood = crossEntropy(g, logProbs_M, weights);
  g.output(ops.stopGradient(g, likelihood), "likelihood");
  if (objective.kind === "cross-entropy") return likelihood;
  const answers = layout.answers ?? layout.batch;
  const rows = g.input("rows", "float32", [answers, layout.supervised]);
  const reference = g.input("reference", "float32", [answers]);
  const column = ops.reshape(g, logProbs_M, [layout.supervised, 1]);
  const rowLogProbs = ops.reshape(g, ops.matMul(g, rows, column), [answers]);
  g.output(ops.stopGradient(g, rowLogProbs), "rowLogProbs");
  const beta = objective.betaChanges === true ? { beta: g.input("beta", "float32", []) } : {};
  if (objective.kind === "answers") {
    const input = (name: string, shape: readonly number[]) => g.input(name, "float32", shape);
    const [signs, answerWeights] = [input("signs", [answers]), input("answerWeights", [answers])];
    const shift = input("shift", []);
    const losses = objective.loss(g, { logProbs: rowLogProbs, reference, signs, shift, ...beta });
    return ops.add(g, ops.sumAll(g, ops.mul(g, losses, answerWeights)), likelihood);
  }
  const pairs = answers / 2;
  const pairWeights = g.input("pairWeights", "float32", [pairs]);
  const counts = ops.reduceSum(g, rows, [1], false);
  const half = (x: Tensor, second: boolean) =>
    ops.slice(g, x, 0, second ? pairs : 0, second ? 2 * pairs : pairs);
  const losses = objective.loss(g, {
    chosen: half(rowLogProbs, false),
    rejected: half(rowLogProbs, true),
    referenceChosen: half(reference, false),
    referenceRejected: half(reference, true),
    chosenTokens: half(counts, false),
    rejectedTokens: half(counts, true),
    ...beta,
  });
  return ops.add(g, ops.sumAll(g, ops.mul(g, losses, pairWeights)), likelihood);
}

/** One graph for a whole step: loss, gradients, clipping and AdamW. Outputs `norm` and, for each trained key, `KEY:new`, `KEY:first:new`, `KEY:second:new`. */
export function trainStepGraph(
  settings: StepSettings,
  layout: StepLayout,
  recompute: Recomputation = "nothing",
): GraphBuilder {
  const { g, loss, trained } = lossGraph(settings, layout, recompute);
  const saveMemory = recompute === "cheap";
  appendUpdate(g, settings, trained, gradients(g, loss, [...trained.values()], { saveMemory }));
  return g;
}

/** A micro-batch of accumulated gradients: `KEY:sum` in, `KEY:sum:new` out. */
export function accumulateGraph(
  settings: StepSettings,
  layout: StepLayout,
  recompute: Recomputation = "nothing",
): GraphBuilder {
  const { g, loss, trained } = lossGraph(settings, layout, recompute);
  const saveMemory = recompute === "cheap";
  const found = gradients(g, loss, [...trained.values()], { saveMemory });
  [...trained].forEach(([key, parameter], index) => {
    const before = g.input(`${key}:sum`, "float32", parameter.shape);
    g.output(ops.add(g, before, found[index]!), `${key}:sum:new`);
  });
  return g;
}

/** The update that ends an accumulated step: gradients come from `KEY:sum`. */
export function updateGraph(
  settings: StepSettings,
  trainedShapes: ReadonlyMap<string, readonly number[]>,
): GraphBuilder {
  const g = new GraphBuilder("update");
  const trained = new Map([...trainedShapes].map(([key, shape]) => [key, g.input(key, "float32", shape)]));
  const sums = [...trainedShapes].map(([key, shape]) => g.input(`${key}:sum`, "float32", shape));
  appendUpdate(g, settings, trained, sums);
  return g;
}

function appendUpdate(
  g: GraphBuilder,
  settings: StepSettings,
  trained: ReadonlyMap<string, Tensor>,
  found: readonly Tensor[],
): void {
  const parts = [...trained].map(([key, parameter], index) => ({
    key,
    parameter,
    gradient: found[index]!,
    ...momentInputs(g, key, momentShapes(settings.optimiser, parameter.shape as readonly number[])),
    decays: (settings.decays ?? decays)(key, parameter.shape.length),
    rate: settings.rate?.(key) ?? 1,
  }));
  const { optimiser } = settings;
  const { norm, updated } = isAdafactor(optimiser)
    ? adafactor(g, parts, optimiser, {
        learningRate: g.input("learningRate", "float32", []),
        beta2: g.input("beta2", "float32", []),
      })
    : adamW(g, parts, optimiser, declareAdamWInputs(g));
  g.output(norm, "norm");
  for (const each of updated) {
    g.output(each.parameter, `${each.key}:new`);
    g.output(each.firstMoment, `${each.key}:first:new`);
    g.output(each.secondMoment, `${each.key}:second:new`);
  }
}

function momentInputs(
  g: GraphBuilder,
  key: string,
  [first, second]: readonly [readonly number[], readonly number[]],
) {
  return {
    firstMoment: g.input(`${key}:first`, "float32", first),
    secondMoment: g.input(`${key}:second`, "float32", second),
  };
}

/** Weight decay leaves out norms and biases, as the trainer of transformers does. */
export function decays(key: string, rank: number): boolean {
  return rank > 1 && !key.endsWith(".bias") && !key.includes("norm");
}
