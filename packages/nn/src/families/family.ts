// B rows · S positions
import type { GraphBuilder, Tensor } from "@mede2/onnx";
import type { JsonObject } from "../json-fields.ts";
import type { Weights } from "../layers/weights.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import type { ImageSide } from "./image-side.ts";
import type { ModelConfig } from "./model-config.ts";
import type { Grid, RowPositions } from "./positions.ts";
import type { ImageArrays, VisionBatch, VisionInputs, VisionLayout } from "./vision.ts";

/** Beginnings of parameter names, here and in a file: `["model.", "model.language_model."]`. The first that fits is taken. */
export type Renames = readonly (readonly [ours: string, theirs: string])[];

/**
 * What a model family is. Parameters have the same names in every family: `model.…` and `lm_head.weight` the decoder, `visual.…` all that sees;
 * `names` says what they are called in files.
 */
export type Family<C extends ModelConfig = ModelConfig> = {
  /** `model_type` of config.json. */
  readonly types: readonly string[];
  readConfig(json: unknown, file: string): C;
  /** config.json as published; inverse of the reader. */
  writeConfig(config: C): JsonObject;
  /** Every parameter with its shape, in a fixed order. */
  keys(config: C): ReadonlyMap<string, readonly number[]>;
  readonly names: {
    /** In published checkpoints. */
    readonly published: Renames;
    /** Module paths of transformers v5, which PEFT files use. */
    readonly v5: Renames;
  };
  /** Position ids of one row. */
  positions(ids: Int32Array, grids: readonly Grid[], config: C): RowPositions;
  readonly vision?: VisionFamily<C>;
};

/** How a family sees. */
export type VisionFamily<C extends ModelConfig> = {
  /** Decoder positions that an image takes: one for each feature. */
  imageTokens(grid: Grid, config: C): number;
  /** Width of a feature: that of the decoder, or a multiple where several layers are given features. */
  featureWidth(config: C): number;
  /** The image processor of a model folder. @throws NnFault `processor-mismatch` when it does not fit config or tokenizer */
  imageSide(json: unknown, file: string, config: C, tokenizer: Tokenizer): ImageSide;
  batch(images: readonly ImageArrays[], config: C): VisionBatch;
  declareInputs(g: GraphBuilder, config: C, layout: VisionLayout): VisionInputs;
  tower(g: GraphBuilder, weights: Weights, config: C, layout: VisionLayout, inputs: VisionInputs): Tensor;
};
