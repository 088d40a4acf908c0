import type { Finish, ImageRef } from "@mede2/schemas";

export type ChatRole = "system" | "user" | "assistant";

/** A piece of a message. An image is named by its hash; whoever implements a model knows the store where it lies. */
export type ContentPart = { type: "text"; text: string } | { type: "image"; image: ImageRef };

export interface ChatMessage {
  role: ChatRole;
  /** In the order in which the model sees it. */
  content: readonly ContentPart[];
}

export interface Sampling {
  /** 0 is greedy. */
  temperature: number;
  /** In (0, 1]. */
  topP: number;
  /** Most tokens of the reply. */
  maxTokens: number;
  seed?: number;
  /** The reply ends before the first of these. */
  stop?: readonly string[];
}

export interface ChatRequest {
  messages: readonly ChatMessage[];
  sampling: Sampling;
  /** How many replies are wanted. Default: 1. A model may read the prompt once for all of them. */
  samples?: number;
}

/** What a model replied. A failure is a reply too, with finish "error" and the reason, so that one request does not end a batch. */
export interface ChatReply {
  /** Verbatim, without what `reasoning` holds. "" when there is none. */
  text: string;
  /** The reasoning, where the model or its server hands it out apart from the text. */
  reasoning?: string;
  finish: Finish;
  /** The server's own word for the end of the reply. */
  finishRaw?: string;
  /** 0 where nobody counted: see `uncounted`. */
  tokens: { prompt: number; completion: number };
  /** The server gave no count of this reply's tokens. */
  uncounted?: true;
  /** The id under which the server says that it answered: aliases point to changing models. */
  model?: string;
  /** Under which name a server sent the reasoning. */
  reasoningField?: "reasoning" | "reasoning_content";
  /** Sum over the reply's tokens, in nats, where the model gives it. */
  logProb?: number;
  /** Of each token, in nats, where it was asked for. */
  tokenLogProbs?: readonly number[];
  /** With finish "error" only: a code, and a sentence on what to do. */
  error?: { code: string; message: string };
}

export interface GenerateOptions {
  signal?: AbortSignal;
  /** Called for each reply as soon as it is there, in the order of completion, with its index in the result. */
  onReply?: (index: number, reply: ChatReply) => void;
  /**
   * Called with what there is of a reply so far, as it comes, where the model gives it piece by piece: each text begins with the one before, unless the reply was begun anew (a stream that was cut).
   * Reasoning that a server sends apart stands before it as in `replyText`.
   */
  onText?: (index: number, text: string) => void;
}

/** A model that answers. */
export interface ChatModel {
  readonly name: string;
  /**
   * The replies in the order of the requests: `samples` of them (default one) for the first request, then those for the second …, see
   * `eachSample`. Rejects when the model as a whole fails, or with the signal's reason.
   */
  generate(requests: readonly ChatRequest[], options?: GenerateOptions): Promise<ChatReply[]>;
}

/** How probable a model finds a given text. */
export interface LogProbRequest {
  messages: readonly ChatMessage[];
  /** The assistant's reply, whose tokens are counted; the prompt's are not. */
  completion: string;
}

export interface LogProbReply {
  /** Sum over the completion's tokens, in nats. */
  logProb: number;
  tokens: number;
}

/** A model that can say how probable a text is. */
export interface LogProbModel {
  /** One reply for each request, in the order of the requests. */
  logProbs(requests: readonly LogProbRequest[], options?: { signal?: AbortSignal }): Promise<LogProbReply[]>;
}
