export {
  assertCheckpoint,
  type CheckpointFindings,
  checkCheckpoint,
  fromPeftKey,
  peftKey,
} from "./families/checkpoint-keys.ts";
export { biasesOf, type DecoderConfig, type Dtype, type ModelTokens } from "./families/decoder/config.ts";
export {
  type DecoderInputs,
  declareDecoderInputs,
  decoderStack,
  embed,
  finalNorm,
  finishLayer,
  headKey,
  injections,
  isWindowed,
  logits,
  projectHeads,
} from "./families/decoder/decoder.ts";
export { decoderRope, type RopeTable } from "./families/decoder/rope.ts";
export type { RopeScaling } from "./families/decoder/rope-scaling.ts";
export {
  familyName,
  featureWidth,
  imageTokens,
  modelKeys,
  nameFromFile,
  nameInFile,
  readModelConfig,
  rowPositions,
  visionBatch,
  writeModelConfig,
} from "./families/families.ts";
export {
  declareVisionInputs,
  type ForwardLayout,
  forward,
  imageFeatures,
  visionTower,
} from "./families/forward.ts";
export type { ImageSide, ProcessedImage } from "./families/image-side.ts";
export {
  type InternVlConfig,
  type InternVlVisionConfig,
  readInternVlConfig,
} from "./families/internvl/config.ts";
export type { FamilyName, ModelConfig } from "./families/model-config.ts";
export type { Grid, RowPositions } from "./families/positions.ts";
export {
  type Qwen25VlConfig,
  type Qwen25VlTextConfig,
  type Qwen25VlTokens,
  type Qwen25VlVisionConfig,
  readQwen25VlConfig,
} from "./families/qwen2-5-vl/config.ts";
export {
  gridOf,
  type ImageProcessorConfig,
  imageProcessor,
  readImageProcessor,
  writeImageProcessor,
} from "./families/qwen2-5-vl/image-processor.ts";
export { qwen25VlKeys } from "./families/qwen2-5-vl/keys.ts";
export {
  imageTokenCount,
  type MropeInput,
  type MropePositions,
  mergedGrid,
  mropePositions,
} from "./families/qwen2-5-vl/positions.ts";
export { patchCoordinates, visionRope } from "./families/qwen2-5-vl/rope.ts";
export {
  frameGroups,
  type GroupPadding,
  type PatchGroups,
  windowGroups,
} from "./families/qwen2-5-vl/windows.ts";
export { writeQwen25VlConfig } from "./families/qwen2-5-vl/write-config.ts";
export {
  type Qwen3VlConfig,
  type Qwen3VlVisionConfig,
  readQwen3VlConfig,
} from "./families/qwen3-vl/config.ts";
export {
  readSmolVlmConfig,
  type SmolVlmConfig,
  type SmolVlmVisionConfig,
} from "./families/smolvlm/config.ts";
export { readTextModelConfig, type TextFamilyName, type TextModelConfig } from "./families/text/config.ts";
export { type TileSizes, tilePatches } from "./families/tiles/tiles.ts";
export { modelRope, type TokenBatch, type TokenRow, tokenBatch } from "./families/token-batch.ts";
export type { ImageArrays, VisionBatch, VisionInputs, VisionLayout } from "./families/vision.ts";
export { NnFault } from "./fault.ts";
export { type DecodedImage, type ResizeFilter, resize, resizeBicubic } from "./images/resize.ts";
export { type SmartResizeLimits, smartResize } from "./images/smart-resize.ts";
export { attention, causalBias, joinHeads, splitHeads } from "./layers/attention.ts";
export { linear, swiGlu } from "./layers/linear.ts";
export { constantWeights, inputWeights, type Weights } from "./layers/weights.ts";
export {
  applyLora,
  assertTargets,
  isLoraTarget,
  type LoraModule,
  type LoraSettings,
  loraFactors,
  loraScale,
} from "./lora/apply-lora.ts";
export { mergeLora, rowNorms } from "./lora/merge-lora.ts";
export type { AnswerInputs, AnswerLoss } from "./losses/answer-loss.ts";
export { apoZero } from "./losses/apo-zero.ts";
export { bco } from "./losses/bco.ts";
export { bcoPair } from "./losses/bco-pair.ts";
export { crossEntropy } from "./losses/cross-entropy.ts";
export { decoderLogProbs, fromRowsInput, rowsInput } from "./losses/decoder-log-probs.ts";
export { type DpoOptions, dpo, logRatios } from "./losses/dpo.ts";
export { dpop } from "./losses/dpop.ts";
export { hinge } from "./losses/hinge.ts";
export { ipo } from "./losses/ipo.ts";
export { kto, ktoDistance } from "./losses/kto.ts";
export { mpo } from "./losses/mpo.ts";
export { orpo } from "./losses/orpo.ts";
export type { PairLoss, PreferenceInputs } from "./losses/preference-loss.ts";
export { simpo } from "./losses/simpo.ts";
export { declareTargetInputs, type TargetInputs, tokenLogProbs } from "./losses/token-log-probs.ts";
export { headPart, headParts, wideLogProbs } from "./losses/wide-log-probs.ts";
export {
  type ModelFolder,
  openModelFolder,
  type WriteModelFolderOptions,
  type WrittenModel,
  writeModelFolder,
} from "./model-folder.ts";
export {
  type AdafactorSettings,
  adafactor,
  adafactorBeta2,
  adafactorShapes,
} from "./optim/adafactor.ts";
export {
  type AdamWInputs,
  type AdamWSettings,
  adamW,
  adamWScalars,
  declareAdamWInputs,
  globalNorm,
  type Trained,
  type Updated,
} from "./optim/adamw.ts";
export {
  type AdamWStep,
  adamW8Bit,
  adamWStep,
  fewestFor8Bit,
  type Moments8Bit,
  newMoments8Bit,
} from "./optim/adamw-8bit.ts";
export { moveAverage } from "./optim/ema.ts";
export { isMuonMatrix, type MuonSettings, muon, orthogonalised } from "./optim/muon.ts";
export { learningRateAt, type ScheduleSettings } from "./optim/schedule.ts";
export {
  assertAdapterFits,
  type LoraFactor,
  type PeftFolder,
  readPeftFolder,
  writePeftFolder,
} from "./peft-folder.ts";
export {
  createProcessor,
  loadProcessor,
  type ProcessedChat,
  type ProcessOptions,
  type Processor,
} from "./processor.ts";
export {
  type Blockwise8Bit,
  type Code8Bit,
  code8Bit,
  dequantise8Bit,
  dynamicCode,
  quantise8Bit,
} from "./quantised/dynamic-8bit.ts";
export {
  dequantiseInt8,
  type Int8,
  int8Block,
  mayBeInt8,
  quantiseInt8,
  withInt8,
} from "./quantised/int8-weights.ts";
export { dequantiseNf4, type Nf4, nf4Block, nf4Code, quantiseNf4 } from "./quantised/nf4.ts";
export { compressScales, type Nf4Double, spreadScales } from "./quantised/nf4-double.ts";
export { mayBeNf4, nf4Arrays, withNf4 } from "./quantised/nf4-weights.ts";
export {
  QWEN_SPECIAL_TOKENS,
  type TrainBpeOptions,
  type TrainedTokenizer,
  trainBpe,
} from "./text/bpe-train.ts";
export {
  type ChatMessage as TemplateMessage,
  type ChatPart as TemplatePart,
  type ChatTemplate,
  chatTemplate,
  loadChatTemplateSource,
  type RenderOptions,
} from "./text/chat-template.ts";
export { type EncodeChatInput, type EncodedChat, encodeChat } from "./text/encode-chat.ts";
export { createTokenizer, loadTokenizer, type Tokenizer, type TokenStream } from "./text/tokenizer.ts";
