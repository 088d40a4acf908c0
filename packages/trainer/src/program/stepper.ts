// B rows · M supervised positions · N pairs

import type { GraphBuilder } from "@mede2/onnx";
import type { Device, HostTensor } from "../device/device.ts";
import { hasSharedHeap } from "../device/shared-heap.ts";
import { eightBitUpdate } from "./eight-bit-update.ts";
import { elementCount, type ModelState, type OptimiserState, parameter } from "./model-state.ts";
import { weightFeeds } from "./model-weights.ts";
import { momentShapes, stepScalars } from "./optimiser-settings.ts";
import { fittedGraph, type Recomputation } from "./recomputation.ts";
import { type Compiled, createSessionCache } from "./session-cache.ts";
import {
  accumulateGraph,
  type StepLayout,
  type StepSettings,
  trainStepGraph,
  updateGraph,
} from "./step-graph.ts";

/** Arrays of one micro-batch, all inputs but the weights. */
export type MicroBatch = {
  readonly layout: StepLayout;
  readonly feeds: Readonly<Record<string, HostTensor>>;
};

export type StepResult = {
  readonly loss: number;
  readonly likelihood: number;
  readonly gradientNorm: number;
  /** log-probability of each row of each micro-batch, for preferences. */
  readonly rowLogProbs: readonly Float32Array[];
};

/**
 * Takes optimiser steps on a model in memory, updating its arrays in place. Graphs are compiled once for each layout. Parameters that no graph of a step uses
 * (the tower in a step without images) stay as they are.
 */
export type Stepper = {
  readonly trained: ReadonlyMap<string, readonly number[]>;
  step(batches: readonly MicroBatch[], optimiser: OptimiserState, learningRate: number): Promise<StepResult>;
  release(): Promise<void>;
};

export function createStepper(
  device: Device,
  model: ModelState,
  settings: StepSettings,
  trained: ReadonlyMap<string, readonly number[]>,
): Stepper {
  const sessions = createSessionCache(device, hasSharedHeap() ? 32 : 12);
  const compile = (
    build: (settings: StepSettings, layout: StepLayout, recompute: Recomputation) => GraphBuilder,
    layout: StepLayout,
  ): Promise<Compiled> => {
    const fitted = () => fittedGraph((level) => build(settings, layout, level), settings.memory).g;
    // one way to optimise whatever is computed again: the bits of a step must not depend on the memory there is
    return sessions.get(`${build.name} ${JSON.stringify(layout)}`, fitted, { keepGraph: true });
  };
  const shapeOf = (key: string) => trained.get(key) ?? model.shapes.get(key)!;
  const tensor = (key: string): HostTensor => ({ data: parameter(model, key), shape: shapeOf(key) });
  const weights = (inputs: readonly string[]) => weightFeeds(model, inputs, shapeOf);
  const momentTensors = (
    state: OptimiserState,
    key: string,
    shape: readonly number[],
    suffix: string,
  ): [string, HostTensor][] => {
    const [first, second] = momentShapes(settings.optimiser, shape);
    return [
      [`${key}:first${suffix}`, { data: state.first.get(key)!, shape: first }],
      [`${key}:second${suffix}`, { data: state.second.get(key)!, shape: second }],
    ];
  };
  const moments = (state: OptimiserState) =>
    Object.fromEntries(
      [...trained].flatMap(([key, shape]) => momentTensors(state, key, shape, "")),
    ) as Record<string, HostTensor>;
  const updates = (state: OptimiserState) =>
    Object.fromEntries(
      [...trained].flatMap(([key, shape]) => [
        [`${key}:new`, tensor(key)],
        ...momentTensors(state, key, shape, ":new"),
      ]),
    ) as Record<string, HostTensor>;
  const scalars = (state: OptimiserState, learningRate: number): Record<string, HostTensor> =>
    Object.fromEntries(
      Object.entries(stepScalars(settings.optimiser, state.step + 1, learningRate)).map(([name, value]) => [
        name,
        { data: Float32Array.of(value), shape: [] },
      ]),
    );

  async function single(batch: MicroBatch, state: OptimiserState, learningRate: number): Promise<StepResult> {
    const { run, inputs } = await compile(trainStepGraph, batch.layout);
    const feeds = { ...batch.feeds, ...weights(inputs), ...moments(state), ...scalars(state, learningRate) };
    const results = await run(feeds, updates(state));
    return { ...losses([results]), gradientNorm: scalar(results, "norm") };
  }

  /** Gradients of the micro-batches of a step: one set of arrays for all steps, so that none waits to be collected. */
  let sums: Map<string, Float32Array> | undefined;

  async function accumulated(
    batches: readonly MicroBatch[],
    state: OptimiserState,
    learningRate: number,
  ): Promise<StepResult> {
    sums ??= new Map([...trained].map(([key, shape]) => [key, new Float32Array(elementCount(shape))]));
    for (const sum of sums.values()) sum.fill(0);
    const kept = sums;
    const named = (suffix: string) =>
      Object.fromEntries([...kept].map(([key, data]) => [`${key}${suffix}`, { data, shape: shapeOf(key) }]));
    const all: Record<string, HostTensor>[] = [];
    const touched = new Set<string>();
    for (const batch of batches) {
      const { run, inputs } = await compile(accumulateGraph, batch.layout);
      for (const name of inputs) touched.add(name);
      all.push(await run({ ...batch.feeds, ...weights(inputs), ...named(":sum") }, named(":sum:new")));
    }
    // what no micro-batch used (the tower, where none has an image) stays as it is, as in a step of one batch
    const used = new Map([...trained].filter(([key]) => touched.has(`${key}:sum`)));
    if (settings.optimiser.eightBit === true) {
      const gradients = new Map([...used.keys()].map((key) => [key, kept.get(key)!]));
      const gradientNorm = eightBitUpdate(model, gradients, trained, state, settings, learningRate);
      return { ...losses(all), gradientNorm };
    }
    const { run } = await sessions.get(`update ${[...used.keys()]}`, () => updateGraph(settings, used));
    const current = Object.fromEntries([...used.keys()].map((key) => [key, tensor(key)]));
    const feeds = { ...current, ...named(":sum"), ...moments(state), ...scalars(state, learningRate) };
    const results = await run(feeds, updates(state));
    return { ...losses(all), gradientNorm: scalar(results, "norm") };
  }

  return {
    trained,
    async step(batches, state, learningRate) {
      const result =
        batches.length === 1 && settings.optimiser.eightBit !== true
          ? await single(batches[0]!, state, learningRate)
          : await accumulated(batches, state, learningRate);
      state.step += 1;
      return result;
    },
    release: () => sessions.release(),
  };
}

function scalar(results: Readonly<Record<string, HostTensor>>, name: string): number {
  return Number(results[name]!.data[0]);
}

function losses(results: readonly Readonly<Record<string, HostTensor>>[]) {
  return {
    loss: results.reduce((sum, each) => sum + scalar(each, "loss"), 0),
    likelihood: results.reduce((sum, each) => sum + scalar(each, "likelihood"), 0),
    rowLogProbs: results.flatMap((each) =>
      each.rowLogProbs === undefined ? [] : [each.rowLogProbs.data as Float32Array],
    ),
  };
}
