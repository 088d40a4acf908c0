import { type ModelConfig, readModelConfig } from "@mede2/nn";

/** The bases that the papers train. */
export const paperModelNames = [
  ...(["qwen2.5-vl-3b", "qwen2.5-vl-7b", "qwen2.5-vl-32b", "qwen2.5-vl-72b"] as const),
  ...(["internvl3-8b", "internvl3-38b"] as const),
  ...(["qwen2.5-7b", "qwen2.5-32b"] as const),
] as const;
export type PaperModelName = (typeof paperModelNames)[number];

export type PaperModel = {
  readonly name: PaperModelName;
  /** The published checkpoint, in the layout that transformers reads. */
  readonly hub: string;
  readonly config: ModelConfig;
};

type Decoder = {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly inner: number;
  readonly vocab: number;
  readonly tied?: boolean;
};

/** The decoders of Qwen2.5, as their config.json give them. InternVL3 has the same with a vocabulary of its own. */
const decoders = {
  "3b": { width: 2048, layers: 36, heads: 16, kvHeads: 2, inner: 11008, vocab: 151936, tied: true },
  "7b": { width: 3584, layers: 28, heads: 28, kvHeads: 4, inner: 18944, vocab: 152064 },
  "32b": { width: 5120, layers: 64, heads: 40, kvHeads: 8, inner: 27648, vocab: 152064 },
  "72b": { width: 8192, layers: 80, heads: 64, kvHeads: 8, inner: 29568, vocab: 152064 },
} as const satisfies Readonly<Record<string, Decoder>>;

const decoderJson = ({ width, layers, heads, kvHeads, inner, vocab, tied = false }: Decoder) => ({
  ...{ hidden_size: width, num_hidden_layers: layers, num_attention_heads: heads },
  ...{ num_key_value_heads: kvHeads, intermediate_size: inner, vocab_size: vocab },
  ...{ rms_norm_eps: 1e-6, hidden_act: "silu", rope_theta: 1_000_000, tie_word_embeddings: tied },
});

function qwenVl(decoder: Decoder, visionInner: number): ModelConfig {
  return readModelConfig({
    ...decoderJson(decoder),
    ...{ model_type: "qwen2_5_vl", torch_dtype: "bfloat16", image_token_id: 151655 },
    rope_scaling: { type: "mrope", mrope_section: [16, 24, 24] },
    vision_config: {
      ...{ depth: 32, hidden_size: 1280, num_heads: 16, intermediate_size: visionInner },
      ...{ out_hidden_size: decoder.width, patch_size: 14, window_size: 112, hidden_act: "silu" },
      fullatt_block_indexes: [7, 15, 23, 31],
    },
  });
}

function internVl(decoder: Decoder, vision: object): ModelConfig {
  return readModelConfig({
    ...{ model_type: "internvl", torch_dtype: "bfloat16", tie_word_embeddings: false },
    text_config: { model_type: "qwen2", ...decoderJson({ ...decoder, vocab: 151674 }) },
    vision_config: { image_size: 448, patch_size: 14, ...vision },
  });
}

const smallTower = {
  ...{ hidden_size: 1024, num_hidden_layers: 24, num_attention_heads: 16, intermediate_size: 4096 },
  attention_bias: true,
};
const largeTower = {
  ...{ hidden_size: 3200, num_hidden_layers: 45, num_attention_heads: 25, intermediate_size: 12800 },
  ...{ norm_type: "rms_norm", use_qk_norm: true },
};

const models: Readonly<Record<PaperModelName, () => Omit<PaperModel, "name">>> = {
  "qwen2.5-vl-3b": () => ({
    hub: "Qwen/Qwen2.5-VL-3B-Instruct",
    config: qwenVl(decoders["3b"], 3420),
  }),
  "qwen2.5-vl-7b": () => ({
    hub: "Qwen/Qwen2.5-VL-7B-Instruct",
    config: qwenVl(decoders["7b"], 3420),
  }),
  "qwen2.5-vl-32b": () => ({
    hub: "Qwen/Qwen2.5-VL-32B-Instruct",
    config: qwenVl(decoders["32b"], 3456),
  }),
  "qwen2.5-vl-72b": () => ({
    hub: "Qwen/Qwen2.5-VL-72B-Instruct",
    config: qwenVl(decoders["72b"], 3456),
  }),
  "internvl3-8b": () => ({
    hub: "OpenGVLab/InternVL3-8B-hf",
    config: internVl(decoders["7b"], smallTower),
  }),
  "internvl3-38b": () => ({
    hub: "OpenGVLab/InternVL3-38B-hf",
    config: internVl(decoders["32b"], largeTower),
  }),
  "qwen2.5-7b": () => ({
    hub: "Qwen/Qwen2.5-7B-Instruct",
    config: readModelConfig({ model_type: "qwen2", torch_dtype: "bfloat16", ...decoderJson(decoders["7b"]) }),
  }),
  "qwen2.5-32b": () => ({
    hub: "Qwen/Qwen2.5-32B-Instruct",
    config: readModelConfig({
      model_type: "qwen2",
      torch_dtype: "bfloat16",
      ...decoderJson(decoders["32b"]),
    }),
  }),
};

/** A base of the papers: where it is published, and the sizes of its config.json, from which parameters are counted. */
export function paperModel(name: PaperModelName): PaperModel {
  return { name, ...models[name]() };
}
