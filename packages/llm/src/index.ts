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
export { chatMessage, eachSample, imagesOf, requestKey, textOf } from "./messages.ts";
export { type PromptStyle, promptStyles, questionPrompt } from "./question-prompt.ts";
export {
  functionModel,
  ReplayError,
  type ReplayRecord,
  recordingModel,
  replayModel,
} from "./replay-model.ts";
