// B rows · P past positions · K key heads · E head size · V vocabulary
import type { Weights } from "@mede2/nn";
import type { GraphBuilder } from "@mede2/onnx";
import type { Device } from "../device/device.ts";
import { freeBuffers } from "../device/free-buffers.ts";
import type { Example } from "../examples/example.ts";
import type { ImagePath } from "../program/assemble.ts";
import { type CacheUse, decodeGraph, prefillGraph } from "../program/inference-graphs.ts";
import type { ModelState } from "../program/model-state.ts";
import { fedWeights, fixedWeights, fourBitKeys, weightFeeds } from "../program/model-weights.ts";
import { type Compiled, createSessionCache } from "../program/session-cache.ts";
import { mixSeeds, seededRandom } from "../train/order.ts";
import { layCache } from "./cache.ts";
import { choicesOf } from "./choices.ts";
import { decodeStep } from "./decode-step.ts";
import type { GenerationRow, Live } from "./generation-row.ts";
import { type Prefilled, type PrefillLayout, prefill } from "./prefill.ts";
import type { Drawn } from "./sampling.ts";

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
  /** "int8": single tokens are computed with weights and activations in eight bits, prompts as ever. Several times as fast on a CPU with VNNI, and not the same digits; default "float32". */
  readonly weights?: "float32" | "int8";
};

/** Bytes of keys and values that the rows of one batch may hold together. */
const cacheBytes = 2 ** 29;

/** Weights from which few compiled graphs are kept. */
const largeBytes = 2 ** 26;

/**
 * A generator for a model that no longer changes. A graph for prompts is fed with the weights, as there is one for each length; the one for single tokens, which does nothing
 * but read weights, holds them as constants, which the runtime packs as it likes them. It takes any number of rows.
 */
export function createGenerator(device: Device, model: ModelState, settings: GeneratorSettings): Generator {
  const large =
    [...model.parameters.values()].reduce((sum, { byteLength }) => sum + byteLength, 0) > largeBytes;
  // each keeps the memory of a run: prompts come sorted by length, so that few are enough
  const prompting = createSessionCache(device, large ? 3 : 24);
  // one that draws and one that takes the best, where both have room
  const decoding = createSessionCache(device, large ? 1 : 2);
  const fed = (g: GraphBuilder): Weights => fedWeights(g, model.shapes, fourBitKeys(model).fourBit);
  const fixed = (g: GraphBuilder): Weights => fixedWeights(g, model, settings.weights === "int8");
  // a provider with memory of its own copies inputs before it runs
  const cache = device.name === "cpu" ? "shared" : "joined";
  const compilePrompt = async (layout: PrefillLayout, greedy: boolean): Promise<Compiled> => {
    const { inputs, run } = await prompting.get(JSON.stringify([layout, greedy]), () =>
      prefillGraph(model.config, fed, layout, greedy),
    );
    const weights = weightFeeds(model, inputs, (key) => model.shapes.get(key)!);
    return { inputs, run: (feeds, inPlace) => run({ ...feeds, ...weights }, inPlace) };
  };
  const run = batchRunner(model, cache, settings.stop, {
    prefill: (prompts, room, greedy) =>
      prefill(prompts, room, model, settings.images, settings.pad, (layout) => compilePrompt(layout, greedy)),
    decode: (greedy) =>
      decoding.get(
        String(greedy),
        () => decodeGraph(model.config, fixed, { cache, greedy }),
        model.files === undefined ? {} : { dataFolder: model.files.folder },
      ),
  });
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

type Graphs = {
  readonly prefill: (prompts: readonly Example[], room: number, greedy: boolean) => Promise<Prefilled>;
  readonly decode: (greedy: boolean) => Promise<Compiled>;
};

function batchRunner(
  model: ModelState,
  use: CacheUse,
  stop: ReadonlySet<number>,
  graphs: Graphs,
): (rows: readonly GenerationRow[], done: Done, signal: AbortSignal | undefined) => Promise<void> {
  const { kvHeads, headDim, vocab } = model.config.text;
  const stride = kvHeads * headDim;
  return async (rows, done, signal) => {
    signal?.throwIfAborted();
    const { prompts, promptOf } = distinctPrompts(rows);
    const greedy = rows.every(({ sampling }) => sampling.temperature === 0);
    const room = Math.max(...rows.map(({ sampling }) => sampling.maxTokens));
    const first = await graphs.prefill(prompts, room, greedy);
    const capacity = first.length + room;
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
    // the row of the cache, and of the choices, that each slot reads
    let places: readonly number[] = promptOf;
    let { choices, caches } = first;
    let width = prompts.length;
    let past = first.length;
    for (;;) {
      signal?.throwIfAborted();
      slots = slots.map((live, b) => {
        if (live === undefined) return undefined;
        const drawn = choices(places[b]!, live.row.sampling, live.random);
        return advance(live, drawn, stop, done) ? undefined : live;
      });
      const going = [...slots.keys()].filter((b) => slots[b] !== undefined);
      if (going.length === 0) break;
      const inOrder = places.length === width && places.every((place, b) => place === b);
      if (!inOrder || going.length <= width / 2) {
        const sources = going.map((b) => places[b]!);
        const from = width;
        caches = caches.map((cache) => {
          const laid = layCache(cache, from, past, stride, sources, capacity);
          freeBuffers([cache.keys.buffer, cache.values.buffer]);
          return laid;
        });
        slots = going.map((b) => slots[b]);
        places = [...slots.keys()];
        width = slots.length;
      }
      const result = await decodeStep(await graphs.decode(greedy), model, slots, caches, past, use);
      past += 1;
      choices = choicesOf(result, vocab);
    }
    freeBuffers(caches.flatMap(({ keys, values }) => [keys.buffer, values.buffer]));
  };
}

/** Gives the row its next token; true when that ends it. The end token is not part of the result. */
function advance(live: Live, { token, logProb }: Drawn, stop: ReadonlySet<number>, done: Done): boolean {
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

function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
