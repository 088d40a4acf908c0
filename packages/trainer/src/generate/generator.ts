// B rows · P past positions · K key heads · E head size · V vocabulary
import type { Sampling } from "@mede2/llm";
import { constantWeights, decoderRope, type Weights } from "@mede2/nn";
import type { GraphBuilder } from "@mede2/onnx";
import type { Device, HostTensor } from "../device/device.ts";
import type { Example } from "../examples/example.ts";
import type { ImagePath } from "../program/assemble.ts";
import { decodeGraph, prefillGraph } from "../program/inference-graphs.ts";
import { type ModelState, weightBytes } from "../program/model-state.ts";
import { type Compiled, createSessionCache } from "../program/session-cache.ts";
import { mixSeeds, seededRandom } from "../train/order.ts";
import { type LayerCache, layCache } from "./cache.ts";
import { prefill } from "./prefill.ts";
import { drawToken } from "./sampling.ts";

/** A prompt to go on from, and how. Each row draws from a seed of its own, whatever it is batched with. */
export type GenerationRow = {
  readonly prompt: Example;
  readonly sampling: Sampling;
  readonly sample: number;
  /** Whether the reply ends with the tokens that it has now, beside the stop tokens and `maxTokens`. */
  readonly ends?: (tokens: readonly number[]) => boolean;
};

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

/** A generator for a model that no longer changes: its weights become constants of the graphs. */
export function createGenerator(device: Device, model: ModelState, settings: GeneratorSettings): Generator {
  const sessions = createSessionCache(device);
  const make = (g: GraphBuilder): Weights =>
    constantWeights(g, model.shapes, (key) => weightBytes(model, key));
  const run = batchRunner(
    model,
    settings,
    (prompts) =>
      prefill(prompts, model, settings.images, settings.pad, (layout) =>
        sessions.get(`prefill ${JSON.stringify(layout)}`, () => prefillGraph(model.config, make, layout)),
      ),
    (batch) => sessions.get(`decode ${batch}`, () => decodeGraph(model.config, make, batch)),
  );
  return {
    async generate(rows, onDone, signal) {
      const order = [...rows.keys()].sort(
        (a, b) => rows[a]!.prompt.tokens.length - rows[b]!.prompt.tokens.length || a - b,
      );
      const results = new Array<Generated>(rows.length);
      for (let start = 0; start < order.length; start += settings.batch) {
        const group = order.slice(start, start + settings.batch);
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
    release: () => sessions.release(),
  };
}

/** A row on its way. */
type Live = {
  readonly index: number;
  readonly row: GenerationRow;
  readonly random: () => number;
  /** Padding before its prompt, and what is added to a token's index to get its position. */
  readonly padding: number;
  readonly delta: number;
  readonly tokens: number[];
  logProb: number;
};

type Done = (index: number, result: Generated) => void;

function batchRunner(
  model: ModelState,
  settings: GeneratorSettings,
  fill: (prompts: readonly Example[]) => ReturnType<typeof prefill>,
  compileDecode: (batch: number) => Promise<Compiled>,
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
      const size = runningWidth(going.length, settings.batch);
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
      const result = await decode(await compileDecode(width), model, slots, caches, past, stride);
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

async function decode(
  session: Compiled,
  { config }: ModelState,
  slots: readonly (Live | undefined)[],
  caches: readonly LayerCache[],
  past: number,
  stride: number,
): Promise<Record<string, HostTensor>> {
  const { kvHeads, headDim } = config.text;
  const width = slots.length;
  const tokens = BigInt64Array.from(slots, (live) => BigInt(live?.tokens.at(-1) ?? 0));
  const positions = new Int32Array(3 * width);
  const pastBias = new Float32Array(width * kvHeads * past);
  slots.forEach((live, b) => {
    const padding = live?.padding ?? 0;
    positions.fill(past - padding + (live?.delta ?? 0), b, b + 1);
    for (let head = 0; head < kvHeads; head++) {
      const at = (b * kvHeads + head) * past;
      pastBias.fill(-1e9, at, at + padding);
    }
  });
  positions.copyWithin(width, 0, width).copyWithin(2 * width, 0, width);
  const table = ropeOf(config)(positions);
  const shape = [past, width * kvHeads, headDim];
  const size = past * width * stride;
  return session.run({
    tokens: { data: tokens, shape: [width] },
    cosines: { data: table.cos, shape: [width, headDim / 2] },
    sines: { data: table.sin, shape: [width, headDim / 2] },
    pastBias: { data: pastBias, shape: [width * kvHeads, 1, past] },
    ...Object.fromEntries(
      caches.flatMap((cache, layer) => [
        [`pastKeys.${layer}`, { data: cache.keys.subarray(0, size), shape }],
        [`pastValues.${layer}`, { data: cache.values.subarray(0, size), shape }],
      ]),
    ),
  });
}

const ropes = new WeakMap<ModelState["config"], ReturnType<typeof decoderRope>>();

function ropeOf(config: ModelState["config"]): ReturnType<typeof decoderRope> {
  const known = ropes.get(config) ?? decoderRope(config.text);
  ropes.set(config, known);
  return known;
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

/** Widths of running batches are halved, so that few graphs are compiled. */
function runningWidth(count: number, most: number): number {
  let width = most;
  while (Math.ceil(width / 2) >= count && width > 1) width = Math.ceil(width / 2);
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
