// N images · P patches an image, padded · C values a patch · H half of the head size
import type { Grid } from "../positions.ts";
import { patchCoordinates, visionRope } from "../qwen2-5-vl/rope.ts";
import type { ImageArrays, VisionBatch } from "../vision.ts";
import type { Qwen3VlConfig } from "./config.ts";

const ropes = new WeakMap<Qwen3VlConfig["vision"], ReturnType<typeof visionRope>>();

function ropeOf(vision: Qwen3VlConfig["vision"]): ReturnType<typeof visionRope> {
  const known = ropes.get(vision) ?? visionRope(vision);
  ropes.set(vision, known);
  return known;
}

/** Images in the order of the checkpoint (merge block by merge block), padded to the largest. */
export function qwen3VlBatch(images: readonly ImageArrays[], { vision }: Qwen3VlConfig): VisionBatch {
  const counts = images.map(({ grid: [t, h, w] }) => t * h * w);
  const patches = Math.max(...counts);
  const rows = images.length * patches;
  const [half, unit] = [vision.headDim / 2, vision.spatialMerge ** 2];
  const values = vision.inChannels * vision.temporalPatchSize * vision.patchSize ** 2;
  const pixels = new Float32Array(rows * values);
  const [cosines, sines] = [new Float32Array(rows * half), new Float32Array(rows * half)];
  const bias = new Float32Array(rows).fill(-1e9);
  const corners = new BigInt64Array(4 * rows);
  const shares = new Float32Array(4 * rows);
  const unitRows = images.map(({ pixelValues, grid }, n) => {
    const first = n * patches;
    const table = ropeOf(vision)([grid]);
    pixels.set(pixelValues, first * values);
    cosines.set(table.cos, first * half);
    sines.set(table.sin, first * half);
    bias.fill(0, first, first + counts[n]!);
    const between = betweenPositions(grid, vision);
    for (let corner = 0; corner < 4; corner++) {
      const at = corner * counts[n]!;
      corners.set(between.corners.subarray(at, at + counts[n]!), corner * rows + first);
      shares.set(between.shares.subarray(at, at + counts[n]!), corner * rows + first);
    }
    return Int32Array.from({ length: counts[n]! / unit }, (_, u) => first / unit + u);
  });
  const padded = counts.some((count) => count !== patches);
  return {
    layout: { images: images.length, windows: 1, patches, padded },
    ...{ pixels, cosines, sines, corners, shares, unitRows },
    ...(padded ? { bias } : {}),
  };
}

/**
 * Where patches lie in the learned square table: bilinear interpolation with aligned corners (transformers 5.23.0
 * `get_vision_interpolation_indices_and_weights`). Both [4, patches].
 */
export function betweenPositions(
  grid: Grid,
  { positionsSide: side, spatialMerge }: Pick<Qwen3VlConfig["vision"], "positionsSide" | "spatialMerge">,
): { readonly corners: BigInt64Array; readonly shares: Float32Array } {
  const [, height, width] = grid;
  const at_2N = patchCoordinates([grid], spatialMerge);
  const count = at_2N.length / 2;
  const corners = new BigInt64Array(4 * count);
  const shares = new Float32Array(4 * count);
  const place = (index: number, size: number) => {
    const exact = size === 1 ? 0 : Math.fround((index * (side - 1)) / (size - 1));
    const low = Math.min(Math.floor(exact), side - 1);
    return { low, high: Math.min(low + 1, side - 1), share: exact - low };
  };
  for (let n = 0; n < count; n++) {
    const [y, x] = [place(at_2N[n]!, height), place(at_2N[count + n]!, width)];
    const four = [
      [y.low, x.low, (1 - y.share) * (1 - x.share)],
      [y.low, x.high, (1 - y.share) * x.share],
      [y.high, x.low, y.share * (1 - x.share)],
      [y.high, x.high, y.share * x.share],
    ] as const;
    four.forEach(([row, column, share], corner) => {
      corners[corner * count + n] = BigInt(row * side + column);
      shares[corner * count + n] = share;
    });
  }
  return { corners, shares };
}
