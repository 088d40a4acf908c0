import type { ImageRef } from "@mede2/schemas";
import type { Budget } from "../budget.ts";
import type { ConcurrencySettings } from "../http/adaptive-concurrency.ts";
import type { Environment } from "../http/key.ts";
import type { RetrySettings } from "../http/retry.ts";
import type { Runtime } from "../runtime.ts";

export interface Timeouts {
  /** Until the first byte of the reply. A server with a queue needs minutes. */
  firstByteSeconds: number;
  /** Between two bytes. */
  idleSeconds: number;
  /** For the whole reply, however slowly it drips. */
  totalSeconds: number;
}

export const defaultTimeouts: Timeouts = { firstByteSeconds: 280, idleSeconds: 60, totalSeconds: 1800 };

/** What happened on the way to a reply; never holds a key or a prompt. */
export type CallEvent =
  | { type: "retry"; attempt: number; code: string; message: string; waitMilliseconds: number }
  | { type: "limit"; concurrency: number };

/** An OpenAI-compatible server and how it is asked. */
export interface EndpointSettings {
  /** Base URL, such as http://127.0.0.1:8000/v1. */
  url: string;
  /** The id by which the server knows the model. */
  model: string;
  /** Where the key is; see `endpointKey`. Default: the process's environment. */
  env?: Environment;
  /** Name of the variable with the key, when it is another than MEDE2_API_KEY. */
  keyName?: string;
  /** The bytes of an image, such as `store.read`. Needed as soon as a message holds one. */
  readImage?: (image: ImageRef) => Promise<Uint8Array>;
  /**
   * How several samples of one request are asked for: "separate" requests with the seeds seed, seed + 1, … (every server can; prefix caches
   * make it cheap), or "together" by `n`; what a server then leaves out is asked for separately.
   */
  manySamples?: "separate" | "together";
  /** Asks for the log-probability of every token of the reply. */
  logProbs?: boolean;
  /** OpenAI's reasoning models know only `max_completion_tokens`. */
  maxTokensKey?: "max_tokens" | "max_completion_tokens";
  /** Further keys of the request's body, such as `chat_template_kwargs`; they never replace ours. */
  body?: Readonly<Record<string, unknown>>;
  retry?: Partial<RetrySettings>;
  timeouts?: Partial<Timeouts>;
  concurrency?: Partial<ConcurrencySettings>;
  budget?: Budget;
  onEvent?: (event: CallEvent) => void;
  runtime?: Partial<Runtime>;
}
