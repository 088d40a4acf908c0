import { biasesOf, type DecoderConfig } from "./config.ts";

/** Adds the parameters of a decoder to `keys`: name → shape. Linear weights are [out, in]. A tied head has no parameter of its own. */
export function addDecoderKeys(keys: Map<string, readonly number[]>, text: DecoderConfig): void {
  const linear = (key: string, out: number, into: number, bias: boolean): void => {
    keys.set(`${key}.weight`, [out, into]);
    if (bias) keys.set(`${key}.bias`, [out]);
  };
  const { hiddenSize: d, headDim, intermediate } = text;
  const biases = biasesOf(text);
  keys.set("model.embed_tokens.weight", [text.vocab, d]);
  for (let layer = 0; layer < text.layers; layer++) {
    const at = `model.layers.${layer}`;
    keys.set(`${at}.input_layernorm.weight`, [d]);
    keys.set(`${at}.post_attention_layernorm.weight`, [d]);
    linear(`${at}.self_attn.q_proj`, text.heads * headDim, d, biases.qkv);
    linear(`${at}.self_attn.k_proj`, text.kvHeads * headDim, d, biases.qkv);
    linear(`${at}.self_attn.v_proj`, text.kvHeads * headDim, d, biases.qkv);
    linear(`${at}.self_attn.o_proj`, d, text.heads * headDim, biases.output);
    if (text.qkNorm === true) {
      keys.set(`${at}.self_attn.q_norm.weight`, [headDim]);
      keys.set(`${at}.self_attn.k_norm.weight`, [headDim]);
    }
    linear(`${at}.mlp.gate_proj`, intermediate, d, biases.mlp);
    linear(`${at}.mlp.up_proj`, intermediate, d, biases.mlp);
    linear(`${at}.mlp.down_proj`, d, intermediate, biases.mlp);
  }
  keys.set("model.norm.weight", [d]);
  if (!text.tieWordEmbeddings) keys.set("lm_head.weight", [text.vocab, d]);
}
