import { type FieldReader, fieldReader } from "../../json-fields.ts";
import {
  type DecoderConfig,
  type Dtype,
  type ModelTokens,
  readDtype,
  readEndTokens,
} from "../decoder/config.ts";
import { readRopeScaling } from "../decoder/rope-scaling.ts";
import { unsupported, unsupportedUnless } from "../unsupported.ts";

export type TextFamilyName = "llama" | "mistral" | "qwen2" | "qwen3";

/** A language model without a vision tower. */
export type TextModelConfig = {
  readonly family: TextFamilyName;
  readonly text: DecoderConfig;
  readonly tokens: ModelTokens;
  readonly dtype: Dtype;
};

/** Class defaults of transformers 5.23.0, which its config files leave out. */
type Defaults = {
  readonly heads: number;
  readonly layers: number;
  readonly hidden: number;
  readonly intermediate: number;
  readonly vocab: number;
  readonly maxPositions: number;
  readonly headDim?: number;
  readonly kvHeads?: number;
};

const defaults: { readonly [name in TextFamilyName]: Defaults } = {
  llama: { hidden: 4096, layers: 32, heads: 32, intermediate: 11008, vocab: 32000, maxPositions: 2048 },
  mistral: {
    ...{ hidden: 4096, layers: 32, heads: 32, intermediate: 14336, vocab: 32000, maxPositions: 131072 },
    kvHeads: 8,
  },
  qwen2: { hidden: 4096, layers: 32, heads: 32, intermediate: 22016, vocab: 151936, maxPositions: 32768 },
  qwen3: {
    ...{ hidden: 4096, layers: 32, heads: 32, intermediate: 22016, vocab: 151936, maxPositions: 32768 },
    headDim: 128,
  },
};

/**
 * Reads `config.json` of Llama (SmolLM2 too), Mistral, Qwen2 or Qwen3. A file that transformers v5 saved (it has `rope_parameters`) leaves out fields that
 * equal its class defaults; in an older one a size that is left out is an error.
 *
 * @throws NnFault `field-missing` | `field-wrong` | `config-unsupported`, naming file and field
 */
export function readTextModelConfig(
  family: TextFamilyName,
  json: unknown,
  file = "config.json",
): TextModelConfig {
  const root = fieldReader(json, file);
  return {
    family,
    text: readDecoder(family, root, root.has("rope_parameters")),
    tokens: readEndTokens(root),
    dtype: readDtype(root, undefined),
  };
}

/** The decoder's part of a config of the family, also where it stands inside a vision-language model's file. */
export function readDecoder(family: TextFamilyName, from: FieldReader, v5: boolean): DecoderConfig {
  const known = defaults[family];
  const size = (key: string, fallback: number): number => from.integer(key, v5 ? fallback : undefined);
  const hiddenSize = size("hidden_size", known.hidden);
  const heads = size("num_attention_heads", known.heads);
  const kvHeads = from.integer(
    "num_key_value_heads",
    known.kvHeads ?? (v5 && family !== "llama" && !from.has("num_key_value_heads") ? 32 : heads),
  );
  const headDim = from.integer("head_dim", known.headDim ?? hiddenSize / heads);
  if (!Number.isInteger(headDim) || headDim % 2 !== 0)
    from.fail("hidden_size", `${hiddenSize} over ${heads} heads is not an even whole head size`);
  if (heads % kvHeads !== 0) from.fail("num_key_value_heads", `${kvHeads} does not divide ${heads} heads`);
  unsupportedUnless(from, "hidden_act", "silu");
  const layers = size("num_hidden_layers", known.layers);
  const maxPositions = from.integer("max_position_embeddings", known.maxPositions);
  const rope = from.object("rope_parameters") ?? from.object("rope_scaling");
  const scaling = readRopeScaling(rope, from, maxPositions);
  const sliding = slidingOf(family, from, layers);
  const attentionBias = family === "qwen2" || (family !== "mistral" && from.boolean("attention_bias", false));
  return {
    hiddenSize,
    layers,
    heads,
    kvHeads,
    headDim,
    intermediate: size("intermediate_size", known.intermediate),
    vocab: size("vocab_size", known.vocab),
    ropeTheta: rope?.has("rope_theta") ? rope.number("rope_theta") : from.number("rope_theta", 10_000),
    ...(scaling === undefined ? {} : { ropeScaling: scaling }),
    rmsNormEps: from.number("rms_norm_eps", 1e-6),
    tieWordEmbeddings: from.boolean("tie_word_embeddings", false),
    maxPositions,
    initializerRange: from.number("initializer_range", 0.02),
    ...(sliding === undefined ? {} : { slidingWindow: sliding }),
    biases: {
      qkv: attentionBias,
      output: family === "qwen2" ? false : attentionBias,
      mlp: family === "llama" && from.boolean("mlp_bias", false),
    },
    ...(family === "qwen3" ? { qkNorm: true } : {}),
  };
}

function slidingOf(
  family: TextFamilyName,
  from: FieldReader,
  layers: number,
): DecoderConfig["slidingWindow"] {
  if (family === "llama") return undefined;
  if (family !== "mistral") return readSliding(from, layers);
  // every layer of Mistral has the window, if it has one; transformers' own default is 4096
  if (from.raw("sliding_window") === null) return undefined;
  const size = from.integer("sliding_window", 4096);
  return { size, layers: Array.from({ length: layers }, (_, layer) => layer) };
}

/** Layers of `layer_types`, else those from `max_window_layers` on; only with `use_sliding_window` (transformers `Qwen2Config`). */
function readSliding(from: FieldReader, layers: number): DecoderConfig["slidingWindow"] {
  if (!from.boolean("use_sliding_window", false) || !from.has("sliding_window")) return undefined;
  const size = from.integer("sliding_window");
  const first = from.integer("max_window_layers", 28);
  const types = from.raw("layer_types");
  const all = Array.from({ length: layers }, (_, layer) => layer);
  if (types === undefined || types === null) {
    const own = all.filter((layer) => layer >= first);
    return own.length === 0 ? undefined : { size, layers: own };
  }
  if (!Array.isArray(types) || types.length !== layers)
    from.fail("layer_types", `must be a list of ${layers} names`);
  const other = (types as unknown[]).find((t) => t !== "full_attention" && t !== "sliding_attention");
  if (other !== undefined) unsupported(from, "layer_types", JSON.stringify(other));
  const own = all.filter((layer) => (types as unknown[])[layer] === "sliding_attention");
  return own.length === 0 ? undefined : { size, layers: own };
}
