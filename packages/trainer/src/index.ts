export { openCpuDevice } from "./device/cpu.ts";
export type { Device, HostArray, HostTensor, Session, SessionOptions } from "./device/device.ts";
export { type DeviceFinding, deviceNames, openDevice, probeDevice } from "./device/open-device.ts";
export { sharedHeapVariables } from "./device/shared-heap.ts";
export { type Encoder, encodeMessages, encodePassage } from "./examples/encode-example.ts";
export { type Example, type ExampleImage, type PairExample, supervisedCount } from "./examples/example.ts";
export type { GenerationRow } from "./generate/generation-row.ts";
export {
  createGenerator,
  type Generated,
  type Generator,
  type GeneratorSettings,
} from "./generate/generator.ts";
export { type GpuMemory, type GpuSharing, type GpuStep, gpuMemory } from "./gpu-room/gpu-memory.ts";
export { type ModelSize, modelSize, trainedParameters } from "./gpu-room/model-size.ts";
export { type TrainingWork, trainingOperations } from "./gpu-room/training-operations.ts";
export { type AdapterSet, createAdapterSet } from "./model/adapter-set.ts";
export { imageReader } from "./model/image-reader.ts";
export { type LoadedModel, loadModel } from "./model/load-model.ts";
export { type LocalModel, type LocalModelSettings, openLocalModel } from "./model/local-model.ts";
export { withWeightFiles } from "./model/weight-files.ts";
export { type WriteMergedSettings, writeMergedModel } from "./model/write-merged.ts";
export type { ImagePath } from "./program/assemble.ts";
export { type FeatureCache, featureCache, type ImageReader, visionFeeds } from "./program/image-features.ts";
export { type ModelState, newOptimiserState, type OptimiserState } from "./program/model-state.ts";
export type { MemorySettings, Recomputation } from "./program/recomputation.ts";
export { createRowScorer, type RowLogProb, type RowScorer } from "./program/row-log-probs.ts";
export type { Objective, StepLayout, StepSettings } from "./program/step-graph.ts";
export { createStepper, type MicroBatch, type Stepper, type StepResult } from "./program/stepper.ts";
export { type StartedTraining, type StartSettings, startTraining } from "./start-training.ts";
export {
  demonstrationExample,
  type Place,
  pairExample,
  passageExample,
  type RecordEncoder,
  styleOf,
} from "./train/encode-records.ts";
export { type DamagedCheckpoint, type FoundCheckpoint, newestCheckpoint } from "./train/find-checkpoint.ts";
export { type PlannedObjective, plannedObjective } from "./train/objective.ts";
export { epochBatches, mixSeeds, seededRandom, shuffled } from "./train/order.ts";
export {
  type BatchContext,
  type PlannedStep,
  preferenceStep,
  type Reference,
  supervisedStep,
} from "./train/plan-batches.ts";
export { type PlanShapes, planShapes } from "./train/plan-shapes.ts";
export { runTraining, type TrainingEnvironment, type TrainingResult } from "./train/run-training.ts";
export { addLoraFactors, loraModules } from "./train/trained-keys.ts";
export { trainSplits } from "./train/training-data.ts";
export { TrainerError } from "./trainer-error.ts";
