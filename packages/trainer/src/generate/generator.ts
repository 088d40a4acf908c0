// B rows · P past positions · K key heads · E head size · V vocabulary
import type { Weights } from "@mede2/nn";
import type { GraphBuilder } from "@mede2/onnx";
import type { Device } from "../device/device.ts";
import type { Example } from "../examples/example.ts";
import type { ImagePath } from "../program/assemble.ts";
import { decodeGraph, prefillGraph } from "../program/inference-graphs.ts";
import type { ModelState } from "../program/model-state.ts";
import { fedWeights, fixedWeights, fourBitKeys, weightFeeds } from "../program/model-weights.ts";
import { type Compiled, createSessionCache } from "../program/session-cache.ts";
import { mixSeeds, seededRandom } from "../train/order.ts";
import { type LayerCache, layCache } from "./cache.ts";
import { decodeStep } from "./decode-step.ts";
import type { GenerationRow, Live } from "./generation-row.ts";
import { type PrefillLayout, prefill } from "./prefill.ts";
import { drawToken } from "./sampling.ts";

export type Generated = {
  readonly tokens: readonly number[];
  readonly finish: "stop" | "length";
  /** Sum over the new tokens, in nats, before temperature. */
  readonly logProb: number;
};

export type Generator = {
  generate(
    rows: readonly GenerationRow[],
    onDone?: (index: number, result: Generated) => void,
    signal?: AbortSignal,
  ): Promise<Generated[]>;
  release(): Promise<void>;
};

export type GeneratorSettings = {
  /** Most rows that run together. */
  readonly batch: number;
  readonly pad: number;
  /** Tokens that end a reply. */
  readonly stop: ReadonlySet<number>;
  readonly images: ImagePath;
};

/** Bytes of weights that all graphs for decoding may hold together, beside the model's own. */
const constantBytes = 2 ** 30;

/** Bytes of keys and values that the rows of one batch may hold together. */
const cacheBytes = 2 ** 29;

/** Weights below which a graph for prompts keeps its memory: there are up to 24 of those, one for each length. */
const smallBytes = 2 ** 26;

/**
 * A generator for a model that no longer changes. A graph for prompts is fed with the weights, as there is one for each length; those for single tokens, which do
 * nothing but read weights, hold them as constants, which the runtime packs as it likes them. Of a large model there are few of those.
 */
export function createGenerator(device: Device, model: ModelState, settings: GeneratorSettings): Generator {
  const prompting = createSessionCache(device);
  const size = [...model.parameters.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  const most = Math.max(1, Math.min(24, Math.floor(constantBytes / size)));
  const decoding = createSessionCache(device, most);
  const fed = (g: GraphBuilder): Weights => fedWeights(g, model.shapes, fourBitKeys(model).fourBit);
  const fixed = (g: GraphBuilder): Weights => fixedWeights(g, model);
  const compilePrompt = async (layout: PrefillLayout): Promise<Compiled> => {
    const { inputs, run } = await prompting.get(
      JSON.stringify(layout),
      () => prefillGraph(model.config, fed, layout),
      { giveMemoryBack: size > smallBytes },
    );
    const weights = weightFeeds(model, inputs, (key) => model.shapes.get(key)!);
    return { inputs, run: (feeds, inPlace) => run({ ...feeds, ...weights }, inPlace) };
  };
  const run = batchRunner(
    model,
    settings,
    (prompts) => prefill(prompts, model, settings.images, settings.pad, compilePrompt),
    (batch) =>
      decoding.get(
        String(batch),
        () => decodeGraph(model.config, fixed, batch),
        model.files === undefined ? {} : { dataFolder: model.files.folder },
      ),
    narrowing(most),
  );
  return {
    async generate(rows, onDone, signal) {
      const order = [...rows.keys()].sort(
        (a, b) => rows[a]!.prompt.tokens.length - rows[b]!.prompt.tokens.length || a - b,
      );
      const results = new Array<Generated>(rows.length);
      for (let start = 0, end = 0; start < order.length; start = end) {
        end =
          start +
          rowsTogether(
            model.config,
            order.slice(start, start + settings.batch).map((at) => rows[at]!),
          );
        const group = order.slice(start, end);
        await run(
          group.map((index) => rows[index]!),
          (at, result) => {
            results[group[at]!] = result;
            onDone?.(group[at]!, result);
          },
          signal,
        );
      }
      return results;
    },
    async release() {
      await prompting.release();
      await decoding.release();
    },
  };
}

/** How many of these rows, the shortest first, go into one batch: at least one, and no more than their keys and values have room for. */
export function rowsTogether({ text }: ModelState["config"], rows: readonly GenerationRow[]): number {
  const position = 2 * text.layers * text.kvHeads * text.headDim * Float32Array.BYTES_PER_ELEMENT;
  let [longest, most] = [0, 0];
  for (const [index, { prompt, sampling }] of rows.entries()) {
    longest = Math.max(longest, prompt.tokens.length);
    most = Math.max(most, sampling.maxTokens);
    if (index > 0 && (index + 1) * (longest + most) * position > cacheBytes) return index;
  }
  return rows.length;
}

type Done = (index: number, result: Generated) => void;

function batchRunner(
  model: ModelState,
  settings: GeneratorSettings,
  fill: (prompts: readonly Example[]) => ReturnType<typeof prefill>,
  compileDecode: (batch: number) => Promise<Compiled>,
  factor: number,
): (rows: readonly GenerationRow[], done: Done, signal: AbortSignal | undefined) => Promise<void> {
  const { text } = model.config;
  const stride = text.kvHeads * text.headDim;
  return async (rows, done, signal) => {
    signal?.throwIfAborted();
    const { prompts, promptOf } = distinctPrompts(rows);
    const first = await fill(prompts);
    const capacity = first.length + Math.max(...rows.map(({ sampling }) => sampling.maxTokens));
    const start = (row: GenerationRow, index: number): Live => ({
      index,
      row,
      random: seededRandom(mixSeeds(row.sampling.seed ?? 0, hashText(row.prompt.id), row.sample)),
      padding: first.length - row.prompt.tokens.length,
      delta: first.deltas[promptOf[index]!]!,
      tokens: [],
      logProb: 0,
    });
    let slots: (Live | undefined)[] = rows.map(start);
    let logitRows: readonly number[] = promptOf;
    let logits = first.logits;
    let caches = first.caches;
    let past = first.length;
    let width = 0;
    for (;;) {
      signal?.throwIfAborted();
      slots = slots.map((live, b) => {
        if (live === undefined) return undefined;
        const at = logitRows[b]! * text.vocab;
        return advance(live, logits.subarray(at, at + text.vocab), settings.stop, done) ? undefined : live;
      });
      const going = [...slots.keys()].filter((b) => slots[b] !== undefined);
      if (going.length === 0) return;
      const size = runningWidth(going.length, settings.batch, factor);
      if (width === 0 || size < width) {
        const sources = going.map((b) => (width === 0 ? promptOf[b]! : b));
        const padded = [...sources, ...new Array<number>(size - sources.length).fill(sources[0]!)];
        const before = width;
        caches = caches.map((cache) =>
          layCache(
            before === 0 ? cache : used(cache, past * before * stride),
            past,
            stride,
            padded,
            capacity,
          ),
        );
        slots = Array.from({ length: size }, (_, b) => (b < going.length ? slots[going[b]!] : undefined));
        width = size;
      }
      const result = await decodeStep(await compileDecode(width), model, slots, caches, past, stride);
      for (const [layer, cache] of caches.entries()) {
        cache.keys.set(result[`keys.${layer}`]!.data as Float32Array, past * width * stride);
        cache.values.set(result[`values.${layer}`]!.data as Float32Array, past * width * stride);
      }
      past += 1;
      logits = result.logits!.data as Float32Array;
      logitRows = slots.map((_, b) => b);
    }
  };
}

/** Draws the row's next token; true when that ends it. The end token is not part of the result. */
function advance(live: Live, logits: Float32Array, stop: ReadonlySet<number>, done: Done): boolean {
  const { token, logProb } = drawToken(logits, live.row.sampling, live.random);
  live.logProb += logProb;
  const atStop = stop.has(token);
  if (!atStop) live.tokens.push(token);
  const stopped = atStop || live.row.ends?.(live.tokens) === true;
  const ended = stopped || live.tokens.length >= live.row.sampling.maxTokens;
  if (ended)
    done(live.index, { tokens: live.tokens, finish: stopped ? "stop" : "length", logProb: live.logProb });
  return ended;
}

/** Rows that sample from one prompt share its prefill. */
function distinctPrompts(rows: readonly GenerationRow[]): { prompts: Example[]; promptOf: number[] } {
  const places = new Map<Example, number>();
  const promptOf = rows.map(({ prompt }) => {
    const known = places.get(prompt);
    if (known !== undefined) return known;
    places.set(prompt, places.size);
    return places.size - 1;
  });
  return { prompts: [...places.keys()], promptOf };
}

/** By what the width of a running batch is divided, so that few graphs are compiled: `graphs` of them are kept. */
function narrowing(graphs: number): number {
  if (graphs >= 6) return 2;
  return graphs >= 3 ? 4 : 16;
}

function runningWidth(count: number, most: number, factor: number): number {
  let width = most;
  while (Math.ceil(width / factor) >= count && width > 1) width = Math.ceil(width / factor);
  return width;
}

function used(cache: LayerCache, size: number): LayerCache {
  return { keys: cache.keys.subarray(0, size), values: cache.values.subarray(0, size) };
}

function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
