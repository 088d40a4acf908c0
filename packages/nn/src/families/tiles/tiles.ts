// N tiles · P patches a tile · C values a patch · m patches a side that become one feature
import { type GraphBuilder, ops, staticShape, type Tensor } from "@mede2/onnx";
import { NnFault } from "../../fault.ts";
import type { ImageArrays, VisionBatch, VisionInputs, VisionLayout } from "../vision.ts";

/** Square tiles of one size, as InternVL and Idefics3 cut images. */
export type TileSizes = {
  readonly imageSize: number;
  readonly patchSize: number;
  /** Patches a side that are put together into one feature: pixel shuffle. */
  readonly merge: number;
  readonly inChannels: number;
};

export function patchesPerTile({ imageSize, patchSize }: TileSizes): number {
  return (imageSize / patchSize) ** 2;
}

export function featuresPerTile(sizes: TileSizes): number {
  return patchesPerTile(sizes) / sizes.merge ** 2;
}

/**
 * Patches in the order of the tower, as places in reading order: block by block of m × m, inside a block row by row. Attention does not know the
 * order (positions are added to patches), and so pixel shuffle is no more than a reshape.
 */
export function blockOrder({ imageSize, patchSize, merge }: TileSizes): Int32Array {
  const side = imageSize / patchSize;
  const order: number[] = [];
  for (let top = 0; top < side; top += merge)
    for (let left = 0; left < side; left += merge)
      for (let y = top; y < top + merge; y++)
        for (let x = left; x < left + merge; x++) order.push(y * side + x);
  return Int32Array.from(order);
}

/** One tile [3, size, size] → its patches [P, C] in block order; a patch is [3, p, p]. */
export function tilePatches(tile: Float32Array, sizes: TileSizes): Float32Array {
  const { imageSize: S, patchSize: p, inChannels } = sizes;
  const side = S / p;
  const out = new Float32Array(tile.length);
  let at = 0;
  for (const place of blockOrder(sizes)) {
    const [top, left] = [Math.floor(place / side) * p, (place % side) * p];
    for (let c = 0; c < inChannels; c++)
      for (let y = top; y < top + p; y++) {
        const from = (c * S + y) * S + left;
        out.set(tile.subarray(from, from + p), at);
        at += p;
      }
  }
  return out;
}

/** Grids are [tiles, rows, columns]: the tiles of all images one after the other. */
export function tileBatch(images: readonly ImageArrays[], sizes: TileSizes): VisionBatch {
  const patches = patchesPerTile(sizes);
  const values = sizes.inChannels * sizes.patchSize ** 2;
  const tiles = images.reduce((sum, { grid }) => sum + grid[0], 0);
  const pixels = new Float32Array(tiles * patches * values);
  const features = featuresPerTile(sizes);
  let next = 0;
  const unitRows = images.map(({ grid: [own], pixelValues }) => {
    if (pixelValues.length !== own * patches * values)
      throw new NnFault(
        "image-wrong",
        `an image of ${own} tiles has ${pixelValues.length} values, not ${own * patches * values}`,
      );
    pixels.set(pixelValues, next * patches * values);
    const first = next * features;
    next += own;
    return Int32Array.from({ length: own * features }, (_, u) => first + u);
  });
  return { layout: { images: tiles, windows: 1, patches, padded: false }, pixels, unitRows };
}

export function declareTileInputs(g: GraphBuilder, sizes: TileSizes, layout: VisionLayout): VisionInputs {
  const values = sizes.inChannels * sizes.patchSize ** 2;
  return { pixels: g.input("vision.pixels", "float32", [layout.images * layout.patches, values]) };
}

/** Pixels times a convolution kernel [D, 3, p, p] with bias: [N, P, D]. */
export function embedPatches(
  g: GraphBuilder,
  pixels: Tensor,
  kernel: Tensor,
  bias: Tensor,
  tiles: number,
): Tensor {
  const [rows, values] = staticShape(pixels) as [number, number];
  const width = kernel.shape[0] as number;
  const flat = ops.reshape(g, kernel, [width, values]);
  const x = ops.add(g, ops.fusedMatMul(g, pixels, flat, { transB: true }), bias);
  return ops.reshape(g, x, [tiles, rows / tiles, width]);
}
