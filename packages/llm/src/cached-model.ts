import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson, sha256Hex, writeFileAtomic } from "@mede2/schemas";
import type { ChatModel, ChatReply, ChatRequest, GenerateOptions } from "./chat.ts";
import { LlmError } from "./llm-error.ts";
import { eachSample, requestKey } from "./messages.ts";
import { replySchema } from "./reply-schema.ts";

/** Where replies are kept, by the sha256 of what was asked. */
export interface ReplyCache {
  get(key: string): Promise<ChatReply | null>;
  put(key: string, reply: ChatReply): Promise<void>;
}

/**
 * A model that asks another only what the cache does not hold. The key is the content: messages (images by hash), sampling, the number of the
 * sample, and `identity`, which must name all else that a reply depends on (server, weights, further settings). Failures are not kept.
 */
export function cachedModel(
  model: ChatModel,
  cache: ReplyCache,
  identity: string = model.name,
): ChatModel & { readonly hits: number } {
  let hits = 0;
  return {
    name: model.name,
    get hits() {
      return hits;
    },
    async generate(requests: readonly ChatRequest[], { signal, onReply }: GenerateOptions = {}) {
      const samples = eachSample(requests).map(({ request, sample }) => ({
        request,
        key: replyKey(identity, request, sample),
        sample,
      }));
      const replies = await Promise.all(samples.map(({ key }) => cache.get(key)));
      for (const [index, reply] of replies.entries())
        if (reply !== null) {
          hits += 1;
          onReply?.(index, reply);
        }
      const missing = samples.flatMap((one, index) => (replies[index] === null ? [{ ...one, index }] : []));
      const saved: Promise<void>[] = [];
      // each sample is asked for alone, with the seed that it would have had among the others
      const asked = missing.map(({ request: { samples: _, ...request }, sample }) =>
        withSeed(request, sample),
      );
      const found = await model
        .generate(asked, {
          ...(signal === undefined ? {} : { signal }),
          onReply(at, reply) {
            const { index, key } = missing[at]!;
            if (reply.finish !== "error") saved.push(cache.put(key, reply));
            onReply?.(index, reply);
          },
        })
        .finally(() => Promise.all(saved));
      return replies.map((reply, index) => reply ?? found[missing.findIndex((one) => one.index === index)]!);
    },
  };
}

/** The key of one sample of a request. */
export function replyKey(identity: string, request: ChatRequest, sample: number): string {
  return sha256Hex(canonicalJson({ identity, request: requestKey(request), sample }));
}

const withSeed = (request: ChatRequest, sample: number): ChatRequest =>
  request.sampling.seed === undefined || sample === 0
    ? request
    : { ...request, sampling: { ...request.sampling, seed: request.sampling.seed + sample } };

/** A cache that lasts as long as the process. */
export function memoryCache(): ReplyCache {
  const kept = new Map<string, ChatReply>();
  return {
    get: async (key) => kept.get(key) ?? null,
    put: async (key, reply) => void kept.set(key, reply),
  };
}

/** A cache in a folder: one file a reply, `ab/<key>.json`, each written whole. Several processes may share it. */
export function folderCache(folder: string): ReplyCache {
  const path = (key: string) => join(folder, key.slice(0, 2), `${key}.json`);
  return {
    async get(key) {
      let text: string;
      try {
        text = await readFile(path(key), "utf8");
      } catch (error) {
        if ((error as { code?: string }).code === "ENOENT") return null;
        throw error;
      }
      try {
        return replySchema.parse(JSON.parse(text));
      } catch (cause) {
        throw new LlmError("bad-cache-entry", `${path(key)} is no reply: delete it`, { cause });
      }
    },
    put: (key, reply) => writeFileAtomic(path(key), JSON.stringify(reply)),
  };
}
