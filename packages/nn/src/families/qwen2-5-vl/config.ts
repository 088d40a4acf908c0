import { NnFault } from "../../fault.ts";
import { type FieldReader, fieldReader } from "../../json-fields.ts";
import {
  type DecoderConfig,
  type Dtype,
  type ModelTokens,
  readDtype,
  readEndTokens,
} from "../decoder/config.ts";
import { unsupported, unsupportedUnless } from "../unsupported.ts";

export type Qwen25VlTextConfig = DecoderConfig & {
  /** How many of the headDim/2 frequencies turn with the temporal, height and width position; sums to headDim/2. */
  readonly mropeSection: readonly [number, number, number];
};

export type Qwen25VlVisionConfig = {
  readonly hiddenSize: number;
  readonly depth: number;
  readonly heads: number;
  readonly headDim: number;
  readonly intermediate: number;
  readonly patchSize: number;
  readonly temporalPatchSize: number;
  readonly spatialMerge: number;
  /** In pixels. */
  readonly windowSize: number;
  readonly fullAttentionBlocks: readonly number[];
  readonly outHiddenSize: number;
  readonly inChannels: number;
  readonly hiddenAct: "silu";
  readonly ropeTheta: number;
  /** Fixed in the published code, not a field of the file. */
  readonly rmsNormEps: number;
  readonly tokensPerSecond: number;
};

export type Qwen25VlTokens = ModelTokens & {
  readonly image: number;
  readonly video: number;
  readonly visionStart: number;
  readonly visionEnd: number;
};

export type Qwen25VlConfig = {
  /** Absent means the same. */
  readonly family?: "qwen2_5_vl";
  readonly text: Qwen25VlTextConfig;
  readonly vision: Qwen25VlVisionConfig;
  readonly tokens: Qwen25VlTokens;
  readonly dtype: Dtype;
};

/**
 * Reads `config.json` of a Qwen2.5-VL model: the flat layout as published, or the nested one (`text_config`) that
 * transformers v5 saves. v5 leaves out fields equal to its class defaults, so there the defaults of
 * `Qwen2_5_VLTextConfig` and `Qwen2_5_VLVisionConfig` (transformers 5.23.0) apply; in the flat layout a size that
 * is left out is an error, since transformers would silently build another model (80 layers, for example).
 *
 * @throws NnFault `field-missing` | `field-wrong` | `config-unsupported`, naming file and field
 */
export function readQwen25VlConfig(json: unknown, file = "config.json"): Qwen25VlConfig {
  const root = fieldReader(json, file);
  const type = root.string("model_type");
  if (type !== "qwen2_5_vl") {
    throw new NnFault(
      "config-unsupported",
      `${file}: model_type is "${type}"; this reader knows "qwen2_5_vl" only`,
    );
  }
  const nested = root.object("text_config");
  const text = readText(nested ?? root, root, nested !== undefined);
  const visionFields = root.object("vision_config") ?? root.fail("vision_config", "is missing");
  const vision = readVision(visionFields, nested !== undefined);
  if (vision.outHiddenSize !== text.hiddenSize) {
    visionFields.fail(
      "out_hidden_size",
      `is ${vision.outHiddenSize}, but the decoder's hidden_size is ${text.hiddenSize}; they must be equal`,
    );
  }
  return { text, vision, tokens: readTokens(root, nested), dtype: readDtype(root, nested) };
}

function readText(from: FieldReader, root: FieldReader, v5: boolean): Qwen25VlTextConfig {
  const d = <T>(value: T): T | undefined => (v5 ? value : undefined);
  const hiddenSize = from.integer("hidden_size", d(8192));
  const heads = from.integer("num_attention_heads", d(64));
  const kvHeads = from.integer("num_key_value_heads", v5 && !from.has("num_key_value_heads") ? 8 : heads);
  const layers = from.integer("num_hidden_layers", d(80));
  const headDim = hiddenSize / heads;
  if (from.integer("head_dim", headDim) !== headDim) {
    unsupported(
      from,
      "head_dim",
      `${from.integer("head_dim")} (transformers takes hidden size / heads = ${headDim})`,
    );
  }
  if (!Number.isInteger(headDim) || headDim % 2 !== 0) {
    from.fail("hidden_size", `${hiddenSize} over ${heads} heads is not an even whole head size`);
  }
  if (heads % kvHeads !== 0) from.fail("num_key_value_heads", `${kvHeads} does not divide ${heads} heads`);
  unsupportedUnless(from, "hidden_act", "silu");
  const rope = from.object("rope_parameters") ?? from.object("rope_scaling");
  const ropeType = rope?.string("rope_type", rope.string("type", "default")) ?? "default";
  if (ropeType !== "mrope" && ropeType !== "default") {
    unsupported(rope ?? from, "rope_type", `"${ropeType}" (scaled rotary embeddings are not implemented)`);
  }
  const section = rope?.integers("mrope_section", [16, 24, 24]) ?? [16, 24, 24];
  const [t, h, w] = section;
  if (
    t === undefined ||
    h === undefined ||
    w === undefined ||
    section.length !== 3 ||
    t + h + w !== headDim / 2
  ) {
    (rope ?? from).fail(
      "mrope_section",
      `[${section}] must be three numbers that sum to head size / 2 = ${headDim / 2}`,
    );
  }
  const sliding = readSliding(from, layers);
  return {
    hiddenSize,
    layers,
    heads,
    kvHeads,
    headDim,
    intermediate: from.integer("intermediate_size", d(29568)),
    vocab: from.integer("vocab_size", d(152064)),
    ropeTheta: rope?.has("rope_theta") ? rope.number("rope_theta") : from.number("rope_theta", 1_000_000),
    mropeSection: [t, h, w] as [number, number, number],
    rmsNormEps: from.number("rms_norm_eps", d(1e-5)),
    tieWordEmbeddings:
      root.boolean("tie_word_embeddings", false) || from.boolean("tie_word_embeddings", false),
    maxPositions: from.integer("max_position_embeddings", 32768),
    initializerRange: from.number("initializer_range", 0.02),
    ...(sliding === undefined ? {} : { slidingWindow: sliding }),
  };
}

/** Layers `max_window_layers …` use the window, and only with `use_sliding_window` (transformers, `layer_types`). */
function readSliding(from: FieldReader, layers: number): Qwen25VlTextConfig["slidingWindow"] {
  if (!from.boolean("use_sliding_window", false)) return undefined;
  const firstLayer = from.integer("max_window_layers", 80);
  if (firstLayer >= layers) return undefined;
  return { size: from.integer("sliding_window", 4096), layers: range(firstLayer, layers) };
}

function readVision(from: FieldReader, v5: boolean): Qwen25VlVisionConfig {
  const d = <T>(value: T): T | undefined => (v5 ? value : undefined);
  const hiddenSize = from.integer("hidden_size", d(3584));
  const heads = from.integer("num_heads", d(16));
  const headDim = hiddenSize / heads;
  if (!Number.isInteger(headDim) || headDim % 4 !== 0) {
    from.fail("hidden_size", `${hiddenSize} over ${heads} heads must be a multiple of 4 (two rotary axes)`);
  }
  unsupportedUnless(from, "hidden_act", "silu");
  const patchSize = from.integer("patch_size", 14);
  const spatialMerge = from.integer("spatial_merge_size", 2);
  const windowSize = from.integer("window_size", d(112));
  if (Math.floor(Math.floor(windowSize / spatialMerge) / patchSize) < 1) {
    from.fail(
      "window_size",
      `${windowSize} is smaller than one merged patch (${patchSize * spatialMerge} pixels)`,
    );
  }
  const depth = from.integer("depth", d(32));
  const fullAttentionBlocks = from.integers("fullatt_block_indexes", d([7, 15, 23, 31]));
  const rope = from.object("rope_parameters");
  const ropeType = rope?.string("rope_type", "axial") ?? "axial";
  if (ropeType !== "axial") unsupported(from, "rope_parameters.rope_type", `"${ropeType}"`);
  return {
    hiddenSize,
    depth,
    heads,
    headDim,
    intermediate: from.integer("intermediate_size", d(3420)),
    patchSize,
    temporalPatchSize: from.integer("temporal_patch_size", 2),
    spatialMerge,
    windowSize,
    fullAttentionBlocks,
    outHiddenSize: from.integer("out_hidden_size", d(3584)),
    inChannels: from.integer("in_channels", 3),
    hiddenAct: "silu",
    ropeTheta: rope?.number("rope_theta", 10_000) ?? 10_000,
    rmsNormEps: 1e-6,
    tokensPerSecond: from.integer("tokens_per_second", 4),
  };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}

function readTokens(root: FieldReader, nested: FieldReader | undefined): Qwen25VlTokens {
  return {
    image: root.integer("image_token_id", nested && 151655),
    video: root.integer("video_token_id", 151656),
    visionStart: root.integer("vision_start_token_id", 151652),
    visionEnd: root.integer("vision_end_token_id", 151653),
    ...readEndTokens(root, nested),
  };
}
