import { type ImageStore, openImageStore } from "@mede2/images";
import {
  type ChatMessage,
  type ChatModel,
  type ChatReply,
  eachSample,
  type GenerateOptions,
  type LogProbModel,
} from "@mede2/llm";
import type { Tokenizer } from "@mede2/nn";
import { openCpuDevice } from "../device/cpu.ts";
import type { Device } from "../device/device.ts";
import { type Encoder, encodeMessages } from "../examples/encode-example.ts";
import type { Example } from "../examples/example.ts";
import type { GenerationRow } from "../generate/generation-row.ts";
import { createGenerator, type Generated, type GeneratorSettings } from "../generate/generator.ts";
import { featureCache } from "../program/image-features.ts";
import type { ModelState } from "../program/model-state.ts";
import { createRowScorer } from "../program/row-log-probs.ts";
import { createAdapterSet } from "./adapter-set.ts";
import { imageReader } from "./image-reader.ts";
import { loadModel } from "./load-model.ts";
import { withWeightFiles } from "./weight-files.ts";

export type LocalModelSettings = {
  /** Hugging Face folder. */
  readonly model: string;
  /** PEFT folder to merge into it. */
  readonly adapter?: string;
  /** Further PEFT folders by name, of which `use` makes one active; none is at first. */
  readonly adapters?: Readonly<Record<string, string>>;
  readonly imageStore: string | ImageStore;
  readonly threads: number;
  /** Rows that run together; default 32. */
  readonly batch?: number;
  /** As `GeneratorSettings` has it; default "float32". */
  readonly weights?: GeneratorSettings["weights"];
  readonly device?: Device;
};

/** A checkpoint on the disk as a `ChatModel` and a `LogProbModel`. */
export type LocalModel = ChatModel &
  LogProbModel & {
    /** Answers with this one of the `adapters` from now on, or with none. Not to be called while it answers. */
    use(adapter: string | undefined): Promise<void>;
    close(): Promise<void>;
  };

export async function openLocalModel(settings: LocalModelSettings): Promise<LocalModel> {
  const device = settings.device ?? (await openCpuDevice(settings.threads));
  const { state: loaded, folder } = await loadModel(settings.model, settings.adapter);
  const changes = settings.adapter !== undefined || settings.adapters !== undefined;
  const state = changes ? loaded : withWeightFiles(loaded, folder);
  const encoder: Encoder = { config: state.config, processor: await folder.processor() };
  const store =
    typeof settings.imageStore === "string" ? openImageStore(settings.imageStore) : settings.imageStore;
  const { tokenizer } = encoder.processor;
  const batch = settings.batch ?? 32;
  const stop = new Set([...encoder.processor.ends, ...(state.config.tokens.eos ?? [])]);
  const adapters = createAdapterSet(state);
  for (const [name, path] of Object.entries(settings.adapters ?? {})) await adapters.add(name, path);
  const open = (model: ModelState) => {
    const features = featureCache(device, model, imageReader(store, encoder.processor));
    const images = { kind: "kept", features } as const;
    const generator = createGenerator(device, model, {
      ...{ batch, pad: tokenizer.padId, stop, images },
      weights: settings.weights ?? "float32",
    });
    const { config, shapes } = model;
    const scorer = createRowScorer(device, model, { config, shapes, batch, pad: tokenizer.padId, images });
    const close = async () => {
      await generator.release();
      await scorer.release();
      await features.release();
    };
    return { generator, scorer, close };
  };
  let now = open(state);
  const reply = ({ prompt, sampling }: GenerationRow, result: Generated): ChatReply => ({
    text: beforeStop(tokenizer.decode(result.tokens), sampling.stop),
    finish: result.finish,
    tokens: { prompt: prompt.tokens.length, completion: result.tokens.length },
    logProb: Math.min(0, result.logProb),
  });
  return {
    name: settings.model,
    async generate(requests, options = {}) {
      options.signal?.throwIfAborted();
      const prompts = promptEncoder(encoder);
      const seen = new Map<object, number>();
      const rows = eachSample(requests).map(({ request: { messages, sampling } }) => {
        const prompt = prompts(messages);
        const sample = seen.get(prompt) ?? 0;
        seen.set(prompt, sample + 1);
        return { prompt, sampling, sample, ...endsAt(sampling.stop, tokenizer) };
      });
      if (options.onText !== undefined) tellText(rows, tokenizer, options.onText);
      const results = await now.generator.generate(
        rows,
        (index, result) => options.onReply?.(index, reply(rows[index]!, result)),
        options.signal,
      );
      return results.map((result, index) => reply(rows[index]!, result));
    },
    async logProbs(requests, options = {}) {
      options.signal?.throwIfAborted();
      const examples = requests.map(({ messages, completion }, index) =>
        encodeMessages(encoder, String(index), [
          ...messages,
          { role: "assistant", content: [{ type: "text", text: completion }] },
        ]),
      );
      return now.scorer.score(examples, options.signal);
    },
    async use(adapter) {
      const model = adapters.use(adapter);
      await now.close();
      now = open(model);
    },
    close: () => now.close(),
  };
}

/** Prompts by their messages; equal messages give one object, whose prefill is shared. */
function promptEncoder(encoder: Encoder): (messages: readonly ChatMessage[]) => Example {
  const known = new Map<string, Example>();
  return (messages) => {
    const key = JSON.stringify(messages);
    const prompt = known.get(key) ?? encodeMessages(encoder, key, messages, true);
    known.set(key, prompt);
    return prompt;
  };
}

/** Ends a reply as soon as its text has one of the stop texts in it. */
function endsAt(stop: readonly string[] | undefined, tokenizer: Tokenizer): Pick<GenerationRow, "ends"> {
  if (stop === undefined || stop.length === 0) return {};
  // a token is at least a byte, save those that have no text: a window of some tokens more than the stop texts have bytes is decoded
  const window = 8 + Math.max(...stop.map((text) => Buffer.byteLength(text)));
  return {
    ends: (tokens) => {
      const tail = tokenizer.decode(tokens.slice(-window));
      return stop.some((text) => tail.includes(text));
    },
  };
}

/** Has each row tell its text after every token. A character whose bytes are not all there yet is left out. */
function tellText(
  rows: GenerationRow[],
  tokenizer: Tokenizer,
  onText: NonNullable<GenerateOptions["onText"]>,
): void {
  for (const [index, row] of rows.entries()) {
    const { ends } = row;
    rows[index] = {
      ...row,
      ends(tokens) {
        const text = beforeStop(tokenizer.decode(tokens), row.sampling.stop);
        onText(index, text.replace(/\ufffd+$/, ""));
        return ends?.(tokens) === true;
      },
    };
  }
}

function beforeStop(text: string, stop: readonly string[] = []): string {
  const ends = stop.map((each) => text.indexOf(each)).filter((at) => at >= 0);
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends));
}
