import { resolve } from "node:path";
import { openImageStore } from "@mede2/images";
import { featureWidth, fewestFor8Bit, mayBeNf4, modelKeys, openModelFolder } from "@mede2/nn";
import type { GraphBuilder } from "@mede2/onnx";
import type { TrainingPlan } from "@mede2/schemas";
import type { Example, PairExample } from "../examples/example.ts";
import { imageReader } from "../model/image-reader.ts";
import type { ImagePath } from "../program/assemble.ts";
import { unitsOf } from "../program/image-features.ts";
import { liveBytes } from "../program/live-bytes.ts";
import { elementCount, type ModelState } from "../program/model-state.ts";
import { momentShapes, type OptimiserSettings } from "../program/optimiser-settings.ts";
import { fittedGraph, type Recomputation } from "../program/recomputation.ts";
import { accumulateGraph, type StepLayout, trainStepGraph, updateGraph } from "../program/step-graph.ts";
import { checkPlan } from "./check-plan.ts";
import { plannedObjective } from "./objective.ts";
import { planSchedule } from "./plan-schedule.ts";
import { plannedMemory } from "./planned-memory.ts";
import { stepPreparer } from "./step-preparer.ts";
import { loraModules, loraSettings, trainedShapes } from "./trained-keys.ts";
import { readTrainingData } from "./training-data.ts";
import { optimiserSettings } from "./training-session.ts";

/** What a plan is made of, found without computing anything and without reading a weight. */
export type PlanShapes = {
  readonly steps: number;
  readonly stepsPerEpoch: number;
  /** Records that are learnt from, and distinct images of all data. */
  readonly records: number;
  readonly images: number;
  /** Tokens of each of those records, in the order of the data; of a pair those of its longer side. */
  readonly lengths: readonly number[];
  /** Tokens that an evaluation during the training reads, and patches that the tower sees before the first step. */
  readonly evaluationTokens: number;
  readonly patches: number;
  /** Bytes of the features of those images, kept by a tower that rests; 0 where it is trained. */
  readonly featureBytes: number;
  readonly parameters: { readonly all: number; readonly trained: number; readonly vision: number };
  /** Bytes in memory of the weights (with an average of them) and of the optimiser's moments, and of a checkpoint's weights and moments. */
  readonly bytes: { readonly weights: number; readonly moments: number; readonly checkpoint: number };
  readonly trainsTower: boolean;
  /** The micro-batches of step `step`, counted from 0: layouts, and tokens without padding. */
  step(step: number): Promise<{ readonly layouts: readonly StepLayout[]; readonly tokens: number }>;
  /** Most bytes of intermediate results of a step with these micro-batches, with the gradients of what is trained. */
  stepBytes(layouts: readonly StepLayout[]): number;
};

/**
 * Reads a plan's data as a training would (the first fault throws, with file and line) and says what its steps look like. `imageStore` is absolute.
 */
export async function planShapes(
  plan: TrainingPlan,
  workspace: string,
  imageStore: string,
): Promise<PlanShapes> {
  const folder = await openModelFolder(resolve(workspace, plan.model));
  const model: ModelState = {
    config: folder.config,
    shapes: modelKeys(folder.config),
    parameters: new Map(),
  };
  const encoder = { config: model.config, processor: await folder.processor() };
  checkPlan(plan, encoder);
  const objective = plannedObjective(plan.loss);
  const lora = plan.lora === undefined ? undefined : loraSettings(plan.lora);
  const modules = lora === undefined ? undefined : loraModules(model, lora);
  const trained = trainedShapes(plan, model, modules);
  const trainsTower = [...trained.keys()].some((key) => key.startsWith("visual."));
  const store = openImageStore(imageStore);
  const { maxTokens } = plan.batch;
  const hasImage = (sha256: string) => store.has(sha256);
  const data = await readTrainingData(plan, workspace, { encoder, maxTokens, hasImage });
  const features = featureWidth(model.config);
  const images: ImagePath = trainsTower
    ? { kind: "tower", read: imageReader(store, encoder.processor) }
    : {
        kind: "kept",
        features: {
          of: async (some) => some.map((image) => new Float32Array(unitsOf(image, model) * features)),
          release: async () => {},
        },
      };
  const { padId: pad } = encoder.processor.tokenizer;
  const packing = plan.settings?.packing === true;
  const context = { model, images, pad, size: plan.batch.size, packing };
  const noReference = data.pairs.map(() => ({ chosen: 0, rejected: 0 }));
  const unanswered = data.answers.map(() => ({ own: 0, mismatched: 0 }));
  const { stepsPerEpoch, prepare } = stepPreparer(
    ...([plan, data, noReference, objective, context, unanswered] as const),
  );
  const answers = data.answers.map(({ example }) => example);
  const evaluation = [
    ...data.evaluation,
    ...data.evaluationAnswers.map(({ example }) => example),
    ...data.evaluationPairs.flatMap(({ chosen, rejected }) => [chosen, rejected]),
  ];
  const examples = [...[...data.train, ...answers, ...evaluation], ...data.pairs.map(({ chosen }) => chosen)];
  const distinct = new Map(
    examples.flatMap((each) => each.images.map((image) => [image.ref.sha256, image] as const)),
  );
  const units = [...distinct.values()].reduce((sum, image) => sum + unitsOf(image, model), 0);
  const patches = [...distinct.values()].reduce((sum, { grid: [t, h, w] }) => sum + t * h * w, 0);
  const settings = {
    ...{ config: model.config, shapes: model.shapes, objective: objective.objective },
    ...(lora === undefined ? {} : { lora }),
    optimiser: optimiserSettings(plan),
    trains: (key: string) => trained.has(key),
    ...plannedMemory(plan.settings),
  };
  const fittedBytes = (build: (level: Recomputation) => GraphBuilder) =>
    liveBytes(fittedGraph(build, settings.memory).g);
  const count = (keys: Iterable<readonly [string, readonly number[]]>) =>
    [...keys].reduce((sum, [, shape]) => sum + elementCount(shape), 0);
  const moments = momentBytes(trained, settings.optimiser);
  const average = plan.ema === undefined ? 0 : 4 * count(trained);
  return {
    steps: planSchedule(plan, stepsPerEpoch).steps,
    stepsPerEpoch,
    records: data.train.length + data.pairs.length + data.answers.length,
    images: distinct.size,
    lengths: [...data.train, ...answers].map(lengthOf).concat(data.pairs.map(longerSide)),
    evaluationTokens: evaluation.reduce((sum, each) => sum + lengthOf(each), 0),
    patches: trainsTower ? 0 : patches,
    featureBytes: trainsTower ? 0 : 4 * units * features,
    parameters: {
      all: count(model.shapes),
      trained: count(trained),
      vision: count([...model.shapes].filter(([key]) => key.startsWith("visual."))),
    },
    bytes: {
      weights: weightsInMemory(plan, model.shapes) + 4 * count(lora === undefined ? [] : trained) + average,
      moments,
      checkpoint:
        4 * count(lora === undefined ? model.shapes : trained) * (plan.ema === undefined ? 1 : 2) + moments,
    },
    trainsTower,
    async step(step) {
      const { batches, tokens } = await prepare(step);
      return { layouts: batches.map(({ layout }) => layout), tokens };
    },
    stepBytes: (layouts) =>
      layouts.length === 1
        ? fittedBytes((level) => trainStepGraph(settings, layouts[0]!, level))
        : 4 * count(trained) +
          Math.max(
            ...layouts.map((layout) => fittedBytes((level) => accumulateGraph(settings, layout, level))),
            liveBytes(updateGraph(settings, trained)),
          ),
  };
}

type Shapes = ReadonlyMap<string, readonly number[]>;

/** A weight in NF4 takes 4.127 bits with its scales (QLoRA, arXiv 2305.14314, §3), any other 32. */
function weightsInMemory({ lora }: TrainingPlan, shapes: Shapes): number {
  let bytes = 0;
  for (const [key, shape] of shapes)
    bytes += elementCount(shape) * (lora?.base === "nf4" && mayBeNf4(key, shape) ? 4.127 / 8 : 4);
  return bytes;
}

/** What `optimiserStateFor` will hold: of eight-bit moments a code a value and a scale for 256 of them. */
function momentBytes(trained: Shapes, optimiser: OptimiserSettings): number {
  let bytes = 0;
  for (const shape of trained.values()) {
    const size = elementCount(shape);
    const [rows, columns] = momentShapes(optimiser, shape);
    bytes +=
      optimiser.eightBit === true && size >= fewestFor8Bit
        ? 2 * size * (1 + 4 / 256)
        : 4 * (elementCount(rows) + elementCount(columns));
  }
  return bytes;
}

const lengthOf = ({ tokens }: Example): number => tokens.length;
const longerSide = ({ chosen, rejected }: PairExample): number =>
  Math.max(lengthOf(chosen), lengthOf(rejected));
