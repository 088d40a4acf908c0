import type { ChatModel, ChatReply, ChatRequest, GenerateOptions } from "./chat.ts";
import { eachSample, requestKey } from "./messages.ts";

/** A request with one of the replies that it got. */
export interface ReplayRecord {
  request: ChatRequest;
  /** Which of the request's samples, from 0. Default: 0. */
  sample?: number;
  reply: ChatReply;
}

/** A model that asked for something that was not recorded. */
export class ReplayError extends Error {
  override readonly name = "ReplayError";
  readonly code = "not-recorded";
}

/**
 * A model that gives recorded replies, for tests and for repeating an experiment without its model. A sample that was recorded several
 * times gets its replies in turn, and the last of them from then on. Rejects with a ReplayError for a request that was not recorded.
 */
export function replayModel(records: Iterable<ReplayRecord>, name = "replay"): ChatModel {
  const replies = new Map<string, ChatReply[]>();
  for (const { request, sample, reply } of records) {
    const key = sampleKey(request, sample ?? 0);
    const known = replies.get(key);
    if (known === undefined) replies.set(key, [reply]);
    else known.push(reply);
  }
  const used = new Map<string, number>();
  const next = (request: ChatRequest, sample: number): ChatReply => {
    const key = sampleKey(request, sample);
    const known = replies.get(key);
    const count = used.get(key) ?? 0;
    used.set(key, count + 1);
    const reply = known?.[Math.min(count, known.length - 1)];
    if (reply === undefined)
      throw new ReplayError(
        `sample ${sample} of the request ${key.slice(0, 16)} was not recorded; record it, or ask the real model`,
      );
    return reply;
  };
  return functionModel(name, next);
}

const sampleKey = (request: ChatRequest, sample: number) => `${requestKey(request)}:${sample}`;

/** A model made of a function, for tests and for templates that stand in for a teacher. It is called for one sample after the other. */
export function functionModel(
  name: string,
  reply: (request: ChatRequest, sample: number) => ChatReply | Promise<ChatReply>,
): ChatModel {
  return {
    name,
    async generate(requests: readonly ChatRequest[], options: GenerateOptions = {}) {
      const replies: ChatReply[] = [];
      for (const [index, { request, sample }] of eachSample(requests).entries()) {
        options.signal?.throwIfAborted();
        const answer = await reply(request, sample);
        replies.push(answer);
        options.onReply?.(index, answer);
      }
      return replies;
    },
  };
}

/** A model that answers like another and hands every request with its reply to `keep`, for a later `replayModel`. */
export function recordingModel(model: ChatModel, keep: (record: ReplayRecord) => void): ChatModel {
  return {
    name: model.name,
    async generate(requests, options = {}) {
      const asked = eachSample(requests);
      const keepAt = (index: number, reply: ChatReply) => {
        const place = asked[index];
        if (place !== undefined) keep({ ...place, reply });
      };
      const told = new Set<number>();
      const replies = await model.generate(requests, {
        ...options,
        onReply(index, reply) {
          told.add(index);
          keepAt(index, reply);
          options.onReply?.(index, reply);
        },
      });
      // a model need not report replies one by one
      for (const [index, reply] of replies.entries()) if (!told.has(index)) keepAt(index, reply);
      return replies;
    },
  };
}
