// N images · U units of an image · D decoder width

import { featureWidth, imageTokens, type ProcessedImage, type VisionLayout, visionBatch } from "@mede2/nn";
import type { GraphBuilder } from "@mede2/onnx";
import type { Device, HostTensor } from "../device/device.ts";
import type { ExampleImage } from "../examples/example.ts";
import { visionGraph } from "./inference-graphs.ts";
import type { ModelState } from "./model-state.ts";
import { fixedWeights } from "./model-weights.ts";
import { createSessionCache } from "./session-cache.ts";

/** Decodes and prepares an image by its reference. */
export type ImageReader = (image: ExampleImage) => Promise<Pick<ProcessedImage, "pixelValues" | "grid">>;

/** Features of images by a tower that does not change. Each image is computed once and kept while there is room, [U, D] in the order of its tokens. */
export type FeatureCache = Features & {
  /** Drops the features that are kept, not the compiled tower: they are computed again when they are needed. */
  forget(): void;
};

/** What gives the features of images. */
export type Features = {
  of(images: readonly ExampleImage[]): Promise<Float32Array[]>;
  release(): Promise<void>;
};

/** Bytes of features that are kept; beyond it those that were not asked for longest are computed again when they are needed. */
const defaultLimit = 2 ** 30;

/** Images that go through the tower together; fewer are filled up to a power of two, so that few graphs are compiled. */
const together = 16;

export function featureCache(
  device: Device,
  model: ModelState,
  read: ImageReader,
  limitBytes = defaultLimit,
): FeatureCache {
  const kept = new Map<string, Float32Array>();
  let bytes = 0;
  const keep = (sha256: string, features: Float32Array): void => {
    if (!kept.delete(sha256)) bytes += features.byteLength;
    kept.set(sha256, features);
  };
  const keepWithinLimit = (): void => {
    for (const [sha256, features] of kept) {
      if (bytes <= limitBytes) return;
      kept.delete(sha256);
      bytes -= features.byteLength;
    }
  };
  const sessions = createSessionCache(device, 4);
  const compute = async (images: readonly ExampleImage[]): Promise<void> => {
    const pixels = await Promise.all(images.map(read));
    while (pixels.length & (pixels.length - 1)) pixels.push(pixels[0]!);
    const batch = visionBatch(pixels, model.config);
    const { run } = await sessions.get(
      JSON.stringify(batch.layout),
      () => visionGraphOf(model, batch.layout),
      model.files === undefined ? {} : { dataFolder: model.files.folder },
    );
    const { features } = await run(visionFeeds(batch));
    const width = featureWidth(model.config);
    batch.unitRows.slice(0, images.length).forEach((rows, n) => {
      const own = new Float32Array(rows.length * width);
      for (const [u, row] of rows.entries())
        own.set((features!.data as Float32Array).subarray(row * width, (row + 1) * width), u * width);
      keep(images[n]!.ref.sha256, own);
    });
  };
  return {
    async of(images) {
      const missing = [
        ...new Map(
          images.filter(({ ref }) => !kept.has(ref.sha256)).map((each) => [each.ref.sha256, each]),
        ).values(),
      ];
      for (const group of groupsOfOneGrid(missing)) await compute(group);
      const features = images.map(({ ref }) => kept.get(ref.sha256)!);
      for (const [index, { ref }] of images.entries()) keep(ref.sha256, features[index]!);
      keepWithinLimit();
      return features;
    },
    forget() {
      kept.clear();
      bytes = 0;
    },
    release: () => sessions.release(),
  };
}

/** Inputs of `visionTower` for a batch of images. */
export function visionFeeds(batch: ReturnType<typeof visionBatch>): Record<string, HostTensor> {
  const { images, windows, patches } = batch.layout;
  const rows = images * windows * patches;
  const table = (name: string, data: HostTensor["data"] | undefined, shape?: number[]) =>
    data === undefined ? {} : { [`vision.${name}`]: { data, shape: shape ?? [rows, data.length / rows] } };
  return {
    ...table("pixels", batch.pixels),
    ...table("cosines", batch.cosines),
    ...table("sines", batch.sines),
    ...table("bias", batch.bias, [images, rows / images]),
    ...table("corners", batch.corners, [4 * rows]),
    ...table("shares", batch.shares, [4 * rows, 1]),
  };
}

function visionGraphOf(model: ModelState, layout: VisionLayout): GraphBuilder {
  return visionGraph(model.config, (g) => fixedWeights(g, model), layout);
}

function* groupsOfOneGrid(images: readonly ExampleImage[]): Generator<ExampleImage[]> {
  for (const group of byGrid(images).values())
    for (let start = 0; start < group.length; start += together) yield group.slice(start, start + together);
}

function byGrid(images: readonly ExampleImage[]): Map<string, ExampleImage[]> {
  const groups = new Map<string, ExampleImage[]>();
  for (const image of images) {
    const key = image.grid.join("×");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [image]);
    else group.push(image);
  }
  return groups;
}

/** Decoder positions of an image. */
export function unitsOf(image: ExampleImage, model: ModelState): number {
  return imageTokens(image.grid, model.config);
}
