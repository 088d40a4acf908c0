import { printableText } from "../http/key.ts";
import { readSse, StreamTooLong } from "../http/read-sse.ts";
import { retriableStatus, retryAfter, throttlingStatus } from "../http/retry.ts";
import { LlmError } from "../llm-error.ts";
import type { Runtime } from "../runtime.ts";
import type { Timeouts } from "./endpoint.ts";
import { type CompletionReader, completionReader } from "./read-completion.ts";

/** How one HTTP call ended. */
export type CallResult =
  | { type: "completion"; reader: CompletionReader }
  | {
      type: "retry" | "failed";
      code: string;
      message: string;
      afterMilliseconds?: number | undefined;
      /** The server has too much to do. */
      throttled: boolean;
      /** What was spent all the same. */
      usage: { prompt: number; completion: number } | null;
    };

export interface CallSettings {
  url: string;
  key: string | undefined;
  model: string;
  timeouts: Timeouts;
  runtime: Runtime;
}

const mostErrorBytes = 1 << 16;

/** One `POST …/chat/completions`, read to its end. Throws an LlmError for what would fail every request, or the signal's reason. */
export async function callOnce(
  body: object,
  { url, key, model, timeouts, runtime }: CallSettings,
  signal?: AbortSignal,
  onText?: (choice: number, text: string) => void,
): Promise<CallResult> {
  const watch = watchdog(timeouts, signal);
  const reader = completionReader(onText);
  const fault = (
    type: "retry" | "failed",
    code: string,
    message: string,
    more: { throttled?: boolean; afterMilliseconds?: number | undefined } = {},
  ): CallResult => ({
    ...{ type, code, message: printableText(message, key), throttled: false, usage: reader.usage },
    ...more,
  });
  try {
    const response = await runtime.fetch(`${url}/chat/completions`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "text/event-stream, application/json",
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify(body),
      redirect: "error", // a key goes nowhere else
      signal: watch.signal,
    });
    watch.alive();
    if (!response.ok) {
      const message = `${response.status}: ${errorMessage(await readSome(response, watch.alive))}`;
      failWhole(response.status, message, { key, model });
      return fault(
        retriableStatus(response.status) ? "retry" : "failed",
        `http-${response.status}`,
        message,
        {
          throttled: throttlingStatus(response.status),
          afterMilliseconds: retryAfter(response.headers, runtime.now()),
        },
      );
    }
    if (response.body === null) return fault("retry", "empty-reply", "the server sent nothing");
    const bytes = alive(response.body as unknown as AsyncIterable<Uint8Array>, watch.alive);
    const events = response.headers.get("content-type")?.includes("json") ? wholeText(bytes) : readSse(bytes);
    for await (const data of events) {
      const wrong = reader.take(data);
      if (wrong === null) continue;
      const retry = !/^server-4(?!08|09|25|29)/.test(wrong.code);
      return fault(retry ? "retry" : "failed", wrong.code, wrong.message, {
        throttled: wrong.code === "server-429",
      });
    }
    if (!reader.complete) return fault("retry", "cut-off", "the stream ended before the reply did");
    return { type: "completion", reader };
  } catch (error) {
    if (error instanceof LlmError) throw error;
    if (signal?.aborted) throw signal.reason;
    if (error instanceof StreamTooLong) return fault("failed", "too-long", `the reply has ${error.message}`);
    if (watch.expired !== null)
      return fault("retry", "timeout", `no end within ${watch.expired}`, { throttled: true });
    return fault("retry", "network", networkMessage(error));
  } finally {
    watch.stop();
  }
}

/** Aborts when nothing comes for too long, or all takes too long. */
function watchdog({ firstByteSeconds, idleSeconds, totalSeconds }: Timeouts, outer: AbortSignal | undefined) {
  const controller = new AbortController();
  const state = { expired: null as string | null };
  const end = (what: string) => () => {
    state.expired = what;
    controller.abort(new Error(what));
  };
  const total = setTimeout(end(`${totalSeconds} s`), totalSeconds * 1000);
  let idle = setTimeout(end(`${firstByteSeconds} s before the first byte`), firstByteSeconds * 1000);
  const stopped = () => controller.abort(outer?.reason);
  outer?.addEventListener("abort", stopped, { once: true });
  if (outer?.aborted) stopped();
  return {
    signal: controller.signal,
    get expired() {
      return state.expired;
    },
    alive() {
      clearTimeout(idle);
      idle = setTimeout(end(`${idleSeconds} s of silence`), idleSeconds * 1000);
    },
    stop() {
      clearTimeout(total);
      clearTimeout(idle);
      outer?.removeEventListener("abort", stopped);
      controller.abort(); // an unread rest of the body must not hold the connection
    },
  };
}

/** What concerns every request of the model ends the batch. */
function failWhole(
  status: number,
  message: string,
  { key, model }: { key: string | undefined; model: string },
): void {
  const told = printableText(message, key);
  if (status === 401 || status === 403)
    throw new LlmError(
      "unauthorised",
      `the server refused ${key === undefined ? "a request without a key" : "the key"} (${told}): set the right one in the environment`,
    );
  if (status === 404)
    throw new LlmError(
      "no-such-model",
      `the server does not know ${model}, or has no /chat/completions below this URL (${told}): check both`,
    );
  if (status === 402 || (status === 429 && /insufficient_quota|exceeded your current quota/i.test(message)))
    throw new LlmError("quota-spent", `the account has no quota left (${told})`);
}

function errorMessage(body: string): string {
  try {
    const json = JSON.parse(body) as {
      error?: { message?: unknown } | string;
      message?: unknown;
      detail?: unknown;
    };
    const told =
      typeof json.error === "object" ? json.error?.message : (json.error ?? json.message ?? json.detail);
    const code = typeof json.error === "object" ? (json.error as { code?: unknown }).code : undefined;
    if (typeof told === "string") return typeof code === "string" ? `${told} (${code})` : told;
  } catch {
    // no JSON: the text itself is all there is
  }
  return body;
}

async function readSome(response: Response, alive_: () => void): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  if (response.body === null) return text;
  for await (const chunk of alive(response.body as unknown as AsyncIterable<Uint8Array>, alive_)) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > mostErrorBytes) break;
  }
  return text;
}

async function* alive(chunks: AsyncIterable<Uint8Array>, mark: () => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    mark();
    yield chunk;
  }
}

/** A reply that was not streamed although it was asked for as a stream. */
async function* wholeText(chunks: AsyncIterable<Uint8Array>, maxBytes = 1 << 26): AsyncGenerator<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new StreamTooLong(`more than ${maxBytes} bytes`);
    parts.push(chunk);
  }
  yield Buffer.concat(parts).toString("utf8");
}

function networkMessage(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { code?: string; message?: string } };
  return [message ?? String(error), cause?.code ?? cause?.message].filter(Boolean).join(": ");
}
