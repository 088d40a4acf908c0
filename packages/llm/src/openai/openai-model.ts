import { setMaxListeners } from "node:events";
import type { ChatModel, ChatReply, ChatRequest, GenerateOptions } from "../chat.ts";
import { adaptiveConcurrency, type Concurrency } from "../http/adaptive-concurrency.ts";
import { baseUrl, endpointKey } from "../http/key.ts";
import { defaultRetry, retryDelay } from "../http/retry.ts";
import { systemRuntime } from "../runtime.ts";
import { type CallSettings, callOnce } from "./call.ts";
import { defaultTimeouts, type EndpointSettings } from "./endpoint.ts";
import { estimatedPromptTokens, requestBody } from "./request-body.ts";

/** A model behind an OpenAI-compatible server, with how many requests it is asked at a time. */
export interface EndpointModel extends ChatModel {
  readonly concurrency: Pick<Concurrency, "limit" | "running">;
}

interface Job {
  request: ChatRequest;
  /** Index of the first reply in the result, and the samples to ask for in one call. */
  at: number;
  sample: number;
  count: number;
}

/**
 * A `ChatModel` over `POST /chat/completions` with streaming: vLLM, SGLang, llama.cpp, Ollama and hosted models. What may pass (429, 5xx, a cut stream,
 * silence, a reply that is no JSON) is asked again with the server's `Retry-After` or exponential waits; the number of requests at a time adapts.
 * A request that stays without a reply gives a reply with finish "error". `generate` rejects with an LlmError for what concerns all
 * requests (key, model, quota, budget), after those that were under way have ended.
 */
export function openAiModel(settings: EndpointSettings): EndpointModel {
  const runtime = { ...systemRuntime, ...settings.runtime };
  const call: CallSettings = {
    url: baseUrl(settings.url),
    key: endpointKey(settings.url, settings.env ?? process.env, settings.keyName),
    model: settings.model,
    timeouts: { ...defaultTimeouts, ...settings.timeouts },
    runtime,
  };
  const retry = { ...defaultRetry, ...settings.retry };
  const concurrency = adaptiveConcurrency(settings.concurrency ?? {}, runtime);
  const { budget, onEvent } = settings;

  async function ask(
    job: Job,
    signal: AbortSignal | undefined,
    onText: GenerateOptions["onText"],
  ): Promise<(ChatReply | undefined)[]> {
    const onPart =
      onText === undefined ? undefined : (index: number, text: string) => onText(job.at + index, text);
    const body = await requestBody(job.request, job, settings);
    const prompt = estimatedPromptTokens(job.request.messages);
    for (let attempt = 1; ; attempt++) {
      const leave = await concurrency.enter(signal);
      let settle: ReturnType<NonNullable<typeof budget>["reserve"]> | undefined;
      let result: Awaited<ReturnType<typeof callOnce>>;
      try {
        settle = budget?.reserve({ prompt, completion: job.request.sampling.maxTokens * job.count });
        result = await callOnce(body, call, signal, onPart);
      } catch (error) {
        settle?.({ prompt: 0, completion: 0 });
        leave("failed");
        throw error;
      }
      if (result.type === "completion") {
        settle?.(result.reader.usage);
        leave("ok");
        return result.reader.replies(job.count);
      }
      settle?.(result.usage ?? { prompt: 0, completion: 0 });
      const before = Math.floor(concurrency.limit);
      leave(result.throttled ? "throttled" : "failed");
      if (Math.floor(concurrency.limit) !== before)
        onEvent?.({ type: "limit", concurrency: Math.floor(concurrency.limit) });
      const { code, message } = result;
      if (result.type === "failed" || attempt >= retry.attempts) {
        const told = attempt === 1 ? message : `${message} (asked ${attempt} times)`;
        const failed: ChatReply = {
          ...{ text: "", finish: "error", tokens: { prompt: 0, completion: 0 }, uncounted: true },
          error: { code, message: told },
        };
        return Array.from({ length: job.count }, () => failed);
      }
      const wait = retryDelay(attempt, result.afterMilliseconds, retry, runtime.random);
      onEvent?.({ type: "retry", attempt, code, message, waitMilliseconds: wait });
      if (result.throttled && result.afterMilliseconds !== undefined) concurrency.pause(wait);
      await runtime.sleep(wait, signal);
    }
  }

  return {
    name: settings.model,
    concurrency,
    async generate(
      requests: readonly ChatRequest[],
      { signal: outer, onReply, onText }: GenerateOptions = {},
    ) {
      // every request listens to it, as many as run at once: more than the ten after which Node warns
      const signal = outer === undefined ? undefined : AbortSignal.any([outer]);
      if (signal !== undefined) setMaxListeners(0, signal);
      const replies: ChatReply[] = [];
      const jobs = jobsOf(requests, settings.manySamples ?? "separate");
      let fatal: { error: unknown } | null = null;
      const keep = (index: number, reply: ChatReply) => {
        replies[index] = reply;
        onReply?.(index, reply);
      };
      const work = async () => {
        for (const job of jobs) {
          if (fatal !== null) return;
          try {
            const found = await ask(job, signal, onText);
            for (const [offset, reply] of found.entries()) {
              if (reply !== undefined) keep(job.at + offset, reply);
              else {
                // a server that does not know `n`
                const [own] = await ask(
                  { ...job, at: job.at + offset, sample: job.sample + offset, count: 1 },
                  signal,
                  onText,
                );
                keep(job.at + offset, own ?? nothing);
              }
            }
          } catch (error) {
            fatal ??= { error };
            return;
          }
        }
      };
      const most = settings.concurrency?.most ?? 64;
      await Promise.all(Array.from({ length: most }, work)); // they share one iterator
      if (fatal !== null) throw (fatal as { error: unknown }).error;
      return replies;
    },
  };
}

const nothing: ChatReply = {
  ...{ text: "", finish: "error", tokens: { prompt: 0, completion: 0 }, uncounted: true },
  error: { code: "no-choice", message: "the server's reply holds no choice" },
};

function* jobsOf(requests: readonly ChatRequest[], many: "separate" | "together"): Generator<Job> {
  let at = 0;
  for (const request of requests) {
    const samples = request.samples ?? 1;
    if (many === "together") yield { request, at, sample: 0, count: samples };
    else
      for (let sample = 0; sample < samples; sample++) yield { request, at: at + sample, sample, count: 1 };
    at += samples;
  }
}
