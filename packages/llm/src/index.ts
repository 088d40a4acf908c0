export { type Budget, type BudgetSettings, createBudget, type Spent } from "./budget.ts";
export { cachedModel, folderCache, memoryCache, type ReplyCache, replyKey } from "./cached-model.ts";
export type {
  ChatMessage,
  ChatModel,
  ChatReply,
  ChatRequest,
  ChatRole,
  ContentPart,
  GenerateOptions,
  LogProbModel,
  LogProbReply,
  LogProbRequest,
  Sampling,
} from "./chat.ts";
export type { ConcurrencySettings } from "./http/adaptive-concurrency.ts";
export { type Environment, endpointKey } from "./http/key.ts";
export type { RetrySettings } from "./http/retry.ts";
export { LlmError, type LlmErrorCode } from "./llm-error.ts";
export { chatMessage, eachSample, imagesOf, requestKey, textOf } from "./messages.ts";
export type { CallEvent, EndpointSettings, Timeouts } from "./openai/endpoint.ts";
export { type EndpointModel, openAiModel } from "./openai/openai-model.ts";
export { type EndpointReport, probeEndpoint } from "./probe-endpoint.ts";
export { type PromptStyle, promptStyles, questionPrompt } from "./question-prompt.ts";
export {
  functionModel,
  ReplayError,
  type ReplayRecord,
  recordingModel,
  replayModel,
} from "./replay-model.ts";
export {
  type BatchItem,
  type BatchLine,
  type BatchResult,
  type BatchSettings,
  readBatch,
  resumableBatch,
} from "./resumable-batch.ts";
export type { Runtime } from "./runtime.ts";
export { replyText, splitThinking, type Thinking } from "./split-thinking.ts";
