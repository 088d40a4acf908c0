import { type ImageStore, openImageStore } from "@mede2/images";
import { type ChatMessage, type ChatModel, type ChatReply, eachSample, type LogProbModel } from "@mede2/llm";
import { openCpuDevice } from "../device/cpu.ts";
import type { Device } from "../device/device.ts";
import { type Encoder, encodeMessages } from "../examples/encode-example.ts";
import { createGenerator, type Generated } from "../generate/generator.ts";
import { featureCache } from "../program/image-features.ts";
import { createRowScorer } from "../program/row-log-probs.ts";
import { imageReader } from "./image-reader.ts";
import { loadModel } from "./load-model.ts";

export type LocalModelSettings = {
  /** Hugging Face folder. */
  readonly model: string;
  /** PEFT folder to merge into it. */
  readonly adapter?: string;
  readonly imageStore: string | ImageStore;
  readonly threads: number;
  /** Rows that run together; default 32. */
  readonly batch?: number;
  readonly device?: Device;
};

/** A checkpoint on the disk as a `ChatModel` and a `LogProbModel`. */
export type LocalModel = ChatModel & LogProbModel & { close(): Promise<void> };

export async function openLocalModel(settings: LocalModelSettings): Promise<LocalModel> {
  const device = settings.device ?? (await openCpuDevice(settings.threads));
  const { state, folder } = await loadModel(settings.model, settings.adapter);
  const encoder: Encoder = { config: state.config, processor: await folder.processor() };
  const store =
    typeof settings.imageStore === "string" ? openImageStore(settings.imageStore) : settings.imageStore;
  const features = featureCache(device, state, imageReader(store, encoder.processor));
  const { tokenizer } = encoder.processor;
  const images = { kind: "kept", features } as const;
  const batch = settings.batch ?? 32;
  const stop = new Set([tokenizer.eosId, ...(state.config.tokens.eos ?? [])]);
  const generator = createGenerator(device, state, { batch, pad: tokenizer.padId, stop, images });
  const scorer = createRowScorer(device, state, {
    config: state.config,
    shapes: state.shapes,
    batch,
    pad: tokenizer.padId,
    images,
  });
  const prompts = promptEncoder(encoder);
  const reply = (prompt: { tokens: Int32Array }, result: Generated): ChatReply => ({
    text: tokenizer.decode(result.tokens),
    finish: result.finish,
    tokens: { prompt: prompt.tokens.length, completion: result.tokens.length },
    logProb: Math.min(0, result.logProb),
  });
  return {
    name: settings.model,
    async generate(requests, options = {}) {
      const seen = new Map<object, number>();
      const rows = eachSample(requests).map(({ request: { messages, sampling } }) => {
        const prompt = prompts(messages);
        const sample = seen.get(prompt) ?? 0;
        seen.set(prompt, sample + 1);
        return { prompt, sampling, sample };
      });
      const results = await generator.generate(
        rows,
        (index, result) => options.onReply?.(index, reply(rows[index]!.prompt, result)),
        options.signal,
      );
      return results.map((result, index) => reply(rows[index]!.prompt, result));
    },
    async logProbs(requests) {
      const examples = requests.map(({ messages, completion }, index) =>
        encodeMessages(encoder, String(index), [
          ...messages,
          { role: "assistant", content: [{ type: "text", text: completion }] },
        ]),
      );
      return scorer.score(examples);
    },
    async close() {
      await generator.release();
      await scorer.release();
    },
  };
}

/** Prompts by their messages; equal messages give one object, whose prefill is shared. */
function promptEncoder(
  encoder: Encoder,
): (messages: readonly ChatMessage[]) => ReturnType<typeof encodeMessages> {
  let known = new Map<string, ReturnType<typeof encodeMessages>>();
  return (messages) => {
    const key = JSON.stringify(messages);
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size > 4096) known = new Map();
    const prompt = encodeMessages(encoder, key, messages, true);
    known.set(key, prompt);
    return prompt;
  };
}
