// N images or tiles · W windows · P patches a window · C values a patch · E head size
import type { Tensor } from "@mede2/onnx";
import type { Grid } from "./positions.ts";

/** What an image processor makes of one image. */
export type ImageArrays = { readonly pixelValues: Float32Array; readonly grid: Grid };

/** Sizes of a batch of images, padded to equal numbers of windows and of patches in a window. Families without windows have one. */
export type VisionLayout = {
  readonly images: number;
  readonly windows: number;
  readonly patches: number;
  /** Whether any window is padded: without padding no mask is built. */
  readonly padded: boolean;
};

/** Inputs of a tower; which of them there are depends on family and layout. */
export type VisionInputs = {
  /** [N·W·P, C] pixel values, in the order of the tower. */
  readonly pixels: Tensor;
  /** [N·W·P, E/2] rotary tables. */
  readonly cosines?: Tensor;
  readonly sines?: Tensor;
  /** [N, W·P] 0 at a patch, a large negative number at padding. */
  readonly bias?: Tensor;
  /** [4·N·W·P] rows of the position table between which each patch lies, and [4·N·W·P, 1] their shares. */
  readonly corners?: Tensor;
  readonly shares?: Tensor;
};

export type VisionBatch = {
  readonly layout: VisionLayout;
  readonly pixels: Float32Array;
  readonly cosines?: Float32Array;
  readonly sines?: Float32Array;
  readonly bias?: Float32Array;
  readonly corners?: BigInt64Array;
  readonly shares?: Float32Array;
  /** For each image, the row of the tower's output at which each of its features stands, in the order of its tokens. */
  readonly unitRows: readonly Int32Array[];
};
