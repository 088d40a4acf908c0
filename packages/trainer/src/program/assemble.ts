// B rows · S positions · M supervised positions · D width
import { featureWidth, type TokenRow, tokenBatch, visionBatch } from "@mede2/nn";
import type { HostTensor } from "../device/device.ts";
import { type Example, type ExampleImage, supervisedCount } from "../examples/example.ts";
import { type BranchedRow, branchedBias, branchedRow } from "./branched-rows.ts";
import type { Features, ImageReader } from "./image-features.ts";
import { visionFeeds } from "./image-features.ts";
import type { ModelState } from "./model-state.ts";
import { roundUp, roundUpCount, roundUpSupervised } from "./round-up.ts";
import type { StepLayout } from "./step-graph.ts";

/** Where the features of a batch's images come from: kept ones of a frozen tower, or a tower in the graph. */
export type ImagePath =
  | { readonly kind: "kept"; readonly features: Features }
  | { readonly kind: "tower"; readonly read: ImageReader };

/** Arrays of a batch as a compiled step takes them, and the layout that it must be compiled for. */
export type Assembled = {
  readonly layout: StepLayout;
  readonly feeds: Record<string, HostTensor>;
  /** For each supervised position the example it belongs to, which is its row unless rows are shared; shorter than the padded M. */
  readonly rowOf: Int32Array;
  readonly tokens: number;
};

/** Sequence lengths are rounded up to this, so that few graphs are compiled. */
const lengthStep = 16;

/**
 * Puts examples into one padded batch of `rows` rows. `weights` [M] is left to the caller. With `shared`, each of its entries is a row: the places of two examples
 * that begin alike, whose beginning then stands there once.
 */
export async function assemble(
  examples: readonly Example[],
  rows: number,
  model: ModelState,
  images: ImagePath,
  pad: number,
  shared?: readonly (readonly [number, number])[],
): Promise<Assembled> {
  const packed = shared?.map(([a, b]) => branchedRow(examples[a]!, examples[b]!, model.config));
  const taken: readonly Pick<Example, "tokens" | "images">[] = packed ?? examples;
  const length = roundUp(Math.max(...taken.map((each) => each.tokens.length)), lengthStep);
  const all = taken.flatMap((each) => each.images);
  const seen = all.length === 0 ? undefined : await seeImages(all, model, images);
  let next = 0;
  const tokenRows: TokenRow[] = Array.from({ length: rows }, (_, b) => {
    const example = taken[b];
    if (example === undefined) return { tokens: [pad] };
    const own = example.images.map(({ grid }) => ({ grid, rows: seen!.rows[next++]! }));
    const positions = packed?.[b]?.positions;
    return { tokens: example.tokens, images: own, ...(positions === undefined ? {} : { positions }) };
  });
  const batch = tokenBatch(tokenRows, length, model.config, pad);
  const supervised = roundUpSupervised(examples.reduce((sum, each) => sum + supervisedCount(each), 0));
  const target = targets(examples, placesOf(examples.length, length, shared, packed), supervised);
  const flat = (data: HostTensor["data"], width: number): HostTensor => ({
    data,
    shape: [rows * length, width],
  });
  const half = model.config.text.headDim / 2;
  return {
    layout: {
      ...{ batch: rows, length, supervised },
      ...(packed === undefined ? {} : { branched: true, answers: 2 * rows }),
      ...(seen === undefined ? {} : { images: seen.layout }),
    },
    feeds: {
      tokens: { data: batch.tokens, shape: [rows * length] },
      cosines: flat(batch.cosines, half),
      sines: flat(batch.sines, half),
      ...(packed === undefined
        ? {}
        : { attentionBias: { data: branchedBias(packed, rows, length), shape: [rows, length, length] } }),
      positions: { data: target.positions, shape: [supervised] },
      targets: { data: target.targets, shape: [supervised] },
      ...(seen === undefined
        ? {}
        : {
            ...seen.feeds,
            imageIndex: {
              data: batch.imageIndex ?? new BigInt64Array(rows * length),
              shape: [rows * length],
            },
          }),
    },
    rowOf: target.rowOf,
    tokens: examples.reduce((sum, each) => sum + each.tokens.length, 0),
  };
}

/** Images of a batch: how the graph gets them, and where the features of each will stand. An image that occurs twice is seen once. */
export type Seen = {
  readonly layout: NonNullable<StepLayout["images"]>;
  readonly feeds: Record<string, HostTensor>;
  /** For each image the feature rows of its units. */
  readonly rows: readonly Int32Array[];
};

export async function seeImages(
  images: readonly ExampleImage[],
  model: ModelState,
  path: ImagePath,
): Promise<Seen> {
  const distinct = [...new Map(images.map((image) => [image.ref.sha256, image])).values()];
  const place = new Map(distinct.map(({ ref }, index) => [ref.sha256, index]));
  const seen =
    path.kind === "tower"
      ? await seeByTower(distinct, model, path.read)
      : await seeKept(distinct, model, path.features);
  return { ...seen, rows: images.map(({ ref }) => seen.rows[place.get(ref.sha256)!]!) };
}

async function seeKept(images: readonly ExampleImage[], model: ModelState, cache: Features): Promise<Seen> {
  const features = await cache.of(images);
  const width = featureWidth(model.config);
  const count = roundUpCount(features.reduce((sum, each) => sum + each.length / width, 0));
  const data = new Float32Array(count * width);
  let at = 0;
  const rows = features.map((own) => {
    const first = at;
    data.set(own, at * width);
    at += own.length / width;
    return Int32Array.from({ length: own.length / width }, (_, u) => first + u);
  });
  return { layout: { features: count }, feeds: { features: { data, shape: [count, width] } }, rows };
}

async function seeByTower(
  images: readonly ExampleImage[],
  model: ModelState,
  read: ImageReader,
): Promise<Seen> {
  const pixels = await Promise.all(images.map(read));
  const count = images.length <= 8 ? images.length : roundUpCount(images.length);
  const filled = [...pixels, ...new Array<(typeof pixels)[number]>(count - pixels.length).fill(pixels[0]!)];
  const batch = visionBatch(filled, model.config);
  return {
    layout: { tower: batch.layout },
    feeds: visionFeeds(batch),
    rows: batch.unitRows.slice(0, images.length),
  };
}

/** Where each example's token s stands in the flattened batch. */
function placesOf(
  count: number,
  length: number,
  shared: readonly (readonly [number, number])[] | undefined,
  packed: readonly BranchedRow[] | undefined,
): readonly ((s: number) => number)[] {
  const places = Array.from({ length: count }, (_, b) => (s: number) => b * length + s);
  shared?.forEach(([a, b], row) => {
    const { common, first } = packed![row]!;
    places[a] = (s) => row * length + s;
    places[b] = (s) => row * length + (s < common ? s : first - common + s);
  });
  return places;
}

function targets(examples: readonly Example[], places: readonly ((s: number) => number)[], count: number) {
  const positions = new BigInt64Array(count);
  const tokens = new BigInt64Array(count);
  const rowOf: number[] = [];
  examples.forEach((example, b) => {
    example.supervised.forEach((on, s) => {
      if (on === 0 || s === 0) return;
      positions[rowOf.length] = BigInt(places[b]!(s - 1));
      tokens[rowOf.length] = BigInt(example.tokens[s]!);
      rowOf.push(b);
    });
  });
  return { positions, targets: tokens, rowOf: Int32Array.from(rowOf) };
}
