import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { readJsonlLenient, repairJsonlTail } from "@mede2/schemas";
import { z } from "zod";
import type { ChatModel, ChatReply, ChatRequest } from "./chat.ts";
import { LlmError } from "./llm-error.ts";
import { requestKey } from "./messages.ts";
import { replySchema } from "./reply-schema.ts";

/** A request under a name of the caller's. */
export interface BatchItem {
  id: string;
  request: ChatRequest;
}

/** A line of a batch file: one sample's reply. */
export interface BatchLine {
  id: string;
  sample: number;
  /** `requestKey` of what was asked: the same name for another question is a mistake. */
  key: string;
  reply: ChatReply;
}

export interface BatchSettings {
  model: ChatModel;
  items: Iterable<BatchItem> | AsyncIterable<BatchItem>;
  /** JSONL, append only; this process must be its only writer. */
  path: string;
  /** Items handed to the model at a time; for a local model that batches prompts, more than 1. */
  together?: number;
  /** Groups of items under way at a time; the model itself may run fewer. */
  window?: number;
  signal?: AbortSignal;
  onReply?: (line: BatchLine) => void;
}

export interface BatchResult {
  /** Replies that came now, those that were there, and those that failed now. */
  asked: number;
  kept: number;
  failed: number;
}

const lineSchema = z.looseObject({
  id: z.string().min(1),
  sample: z.int().min(0),
  key: z.string().regex(/^[0-9a-f]{64}$/),
  reply: replySchema,
});

/**
 * Asks a model many things and appends every reply to a JSONL file as soon as it is there. Killed at any moment and started again it asks only what
 * has no reply yet; requests that were under way repeat. Failures are written too, and asked again by the next call. Memory: the ids
 * of what is answered, and what is under way. Throws "other-request" when the file answers something else under an id.
 */
export async function resumableBatch(settings: BatchSettings): Promise<BatchResult> {
  const { model, items, path, together = 1, window = 256, signal, onReply } = settings;
  const answered = await readAnswered(path);
  const result: BatchResult = { asked: 0, kept: 0, failed: 0 };
  const file = await open(path, "a");
  let writing: Promise<unknown> = Promise.resolve();
  let waiting = "";
  const keep = (line: BatchLine) => {
    result.asked += 1;
    if (line.reply.finish === "error") result.failed += 1;
    // what comes while a write is under way goes into the next one: no queue of answers that a kill would lose
    if (waiting === "")
      writing = writing.then(() => {
        const lines = waiting;
        waiting = "";
        return file.appendFile(lines);
      });
    waiting += `${JSON.stringify(line)}\n`;
    writing.catch(() => {}); // told by the await below
    onReply?.(line);
  };
  const running = new Set<Promise<void>>();
  const failure: { first?: unknown } = {};
  const start = (group: (BatchItem & { sample: number; key: string })[]) => {
    const work = model
      .generate(
        group.map(({ request }) => request),
        {
          ...(signal === undefined ? {} : { signal }),
          onReply: (at, reply) => {
            const { id, sample, key } = group[at]!;
            keep({ id, sample, key, reply });
          },
        },
      )
      .then(() => {})
      .catch((error: unknown) => {
        failure.first ??= error;
      })
      .finally(() => running.delete(work));
    running.add(work);
  };
  try {
    let group: Parameters<typeof start>[0] = [];
    for await (const item of items) {
      for (const one of samplesOf(item, answered, result)) {
        group.push(one);
        if (group.length < together) continue;
        start(group);
        group = [];
        while (running.size >= window) await Promise.race(running);
      }
      if (failure.first !== undefined || signal?.aborted) break;
    }
    if (group.length > 0 && failure.first === undefined && !signal?.aborted) start(group);
    await Promise.all(running);
    await writing;
    await file.sync();
  } finally {
    await Promise.all(running);
    await writing.catch(() => {});
    await file.close();
  }
  if (failure.first !== undefined) throw failure.first;
  signal?.throwIfAborted();
  return result;
}

/** The samples of an item without a reply, each as a request of its own with its own seed. */
function* samplesOf(
  { id, request: { samples = 1, ...request } }: BatchItem,
  answered: ReadonlyMap<string, string>,
  result: BatchResult,
): Generator<BatchItem & { sample: number; key: string }> {
  const { seed } = request.sampling;
  for (let sample = 0; sample < samples; sample++) {
    const own =
      seed === undefined || sample === 0
        ? request
        : { ...request, sampling: { ...request.sampling, seed: seed + sample } };
    const key = requestKey(own);
    const known = answered.get(`${id}\n${sample}`);
    if (known === undefined) yield { id, request: own, sample, key };
    else if (known === key) result.kept += 1;
    else
      throw new LlmError(
        "other-request",
        `the batch file has a reply for ${id} (sample ${sample}) to another request: choose another file`,
      );
  }
}

async function readAnswered(path: string): Promise<Map<string, string>> {
  const answered = new Map<string, string>();
  if (!existsSync(path)) return answered;
  await repairJsonlTail(path);
  for await (const line of readBatch(path))
    if (line.reply.finish !== "error") answered.set(`${line.id}\n${line.sample}`, line.key);
  return answered;
}

/** The lines of a batch file. Of a sample that failed before it was answered, the failure comes first. Throws "bad-batch-file". */
export async function* readBatch(path: string): AsyncGenerator<BatchLine> {
  for await (const result of readJsonlLenient(path, lineSchema)) {
    if ("error" in result)
      throw new LlmError(
        "bad-batch-file",
        `${path}:${result.line} is no reply of a batch (${result.error.message}): choose another file`,
      );
    yield result.ok as unknown as BatchLine;
  }
}
