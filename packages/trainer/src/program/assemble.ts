// B rows · S positions · M supervised positions · D width
import { featureWidth, type TokenRow, tokenBatch, visionBatch } from "@mede2/nn";
import type { HostTensor } from "../device/device.ts";
import { type Example, type ExampleImage, supervisedCount } from "../examples/example.ts";
import { branchedBias, branchedRow } from "./branched-rows.ts";
import type { Features, ImageReader } from "./image-features.ts";
import { visionFeeds } from "./image-features.ts";
import type { ModelState } from "./model-state.ts";
import { packedBias, packedRow } from "./packed-rows.ts";
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

/** The length of the rows of a batch whose longest has so many tokens: rounded up, so that few graphs are compiled. */
export function rowLength(longest: number): number {
  return roundUp(longest, 16);
}

/** Several examples in a row, by their places: twos that begin alike, whose beginning stands there once, or any number of them one after the other. */
export type SharedRows =
  | { readonly kind: "branched"; readonly rows: readonly (readonly [number, number])[] }
  | { readonly kind: "packed"; readonly rows: readonly (readonly number[])[] };

/** Puts examples into one padded batch of `rows` rows, each in a row of its own or as `shared` says. `weights` [M] is left to the caller. */
export async function assemble(
  examples: readonly Example[],
  rows: number,
  model: ModelState,
  images: ImagePath,
  pad: number,
  shared?: SharedRows,
): Promise<Assembled> {
  const arranged = arrange(examples, rows, model, shared);
  const { taken } = arranged;
  const length = rowLength(Math.max(...taken.map((each) => each.tokens.length)));
  const all = taken.flatMap((each) => each.images);
  const seen = all.length === 0 ? undefined : await seeImages(all, model, images);
  let next = 0;
  const tokenRows: TokenRow[] = Array.from({ length: rows }, (_, b) => {
    const example = taken[b];
    if (example === undefined) return { tokens: [pad] };
    const own = example.images.map(({ grid }) => ({ grid, rows: seen!.rows[next++]! }));
    const { tokens, positions } = example;
    return { tokens, images: own, ...(positions === undefined ? {} : { positions }) };
  });
  const batch = tokenBatch(tokenRows, length, model.config, pad);
  const supervised = roundUpSupervised(examples.reduce((sum, each) => sum + supervisedCount(each), 0));
  const target = targets(examples, (example, s) => arranged.place(example, s, length), supervised);
  const flat = (data: HostTensor["data"], width: number): HostTensor => ({
    data,
    shape: [rows * length, width],
  });
  const half = model.config.text.headDim / 2;
  return {
    layout: {
      ...{ batch: rows, length, supervised },
      ...(shared === undefined ? {} : { branched: true }),
      ...(shared?.kind === "branched" ? { answers: 2 * rows } : {}),
      ...(seen === undefined ? {} : { images: seen.layout }),
    },
    feeds: {
      tokens: { data: batch.tokens, shape: [rows * length] },
      cosines: flat(batch.cosines, half),
      sines: flat(batch.sines, half),
      ...(arranged.bias === undefined
        ? {}
        : { attentionBias: { data: arranged.bias(length), shape: [rows, length, length] } }),
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

type Arranged = {
  /** What the rows hold. */
  readonly taken: readonly (Pick<Example, "tokens" | "images"> & { readonly positions?: Int32Array })[];
  /** Where an example's token s stands in the flattened batch of rows of this length. */
  place(example: number, s: number, length: number): number;
  /** What hides examples of a row from each other. */
  readonly bias?: (length: number) => Float32Array;
};

function arrange(
  examples: readonly Example[],
  count: number,
  { config }: ModelState,
  shared: SharedRows | undefined,
): Arranged {
  if (shared === undefined) return { taken: examples, place: (example, s, length) => example * length + s };
  if (shared.kind === "packed") {
    const taken = shared.rows.map((members) =>
      packedRow(
        members.map((n) => examples[n]!),
        config,
      ),
    );
    const starts = new Map(
      shared.rows.flatMap((members, row) =>
        members.map((n, at) => [n, [row, taken[row]!.starts[at]!] as const] as const),
      ),
    );
    const place = (example: number, s: number, length: number): number => {
      const [row, start] = starts.get(example)!;
      return row * length + start + s;
    };
    return { taken, place, bias: (length) => packedBias(taken, length) };
  }
  const taken = shared.rows.map(([a, b]) => branchedRow(examples[a]!, examples[b]!, config));
  const rowOf = new Map(shared.rows.flatMap((two, row) => two.map((example) => [example, row] as const)));
  const place = (example: number, s: number, length: number): number => {
    const row = rowOf.get(example)!;
    const { common, first } = taken[row]!;
    const after = example === shared.rows[row]![0] || s < common ? s : first - common + s;
    return row * length + after;
  };
  return { taken, place, bias: (length) => branchedBias(taken, count, length) };
}

function targets(examples: readonly Example[], place: (example: number, s: number) => number, count: number) {
  const positions = new BigInt64Array(count);
  const tokens = new BigInt64Array(count);
  const rowOf: number[] = [];
  examples.forEach((example, b) => {
    example.supervised.forEach((on, s) => {
      if (on === 0 || s === 0) return;
      positions[rowOf.length] = BigInt(place(b, s - 1));
      tokens[rowOf.length] = BigInt(example.tokens[s]!);
      rowOf.push(b);
    });
  });
  return { positions, targets: tokens, rowOf: Int32Array.from(rowOf) };
}
