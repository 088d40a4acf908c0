import { addDecoderKeys } from "../decoder/keys.ts";
import type { Qwen25VlConfig } from "./config.ts";

/** Every tensor of a checkpoint: published key → shape, in a fixed order. Linear weights are [out, in]. */
export function qwen25VlKeys(config: Qwen25VlConfig): ReadonlyMap<string, readonly number[]> {
  const keys = new Map<string, readonly number[]>();
  const { text, vision } = config;
  const linear = (key: string, out: number, into: number, bias: boolean): void => {
    keys.set(`${key}.weight`, [out, into]);
    if (bias) keys.set(`${key}.bias`, [out]);
  };
  const v = vision.hiddenSize;
  keys.set("visual.patch_embed.proj.weight", [
    v,
    vision.inChannels,
    vision.temporalPatchSize,
    vision.patchSize,
    vision.patchSize,
  ]);
  for (let block = 0; block < vision.depth; block++) {
    const at = `visual.blocks.${block}`;
    keys.set(`${at}.norm1.weight`, [v]);
    keys.set(`${at}.norm2.weight`, [v]);
    linear(`${at}.attn.qkv`, 3 * v, v, true);
    linear(`${at}.attn.proj`, v, v, true);
    linear(`${at}.mlp.gate_proj`, vision.intermediate, v, true);
    linear(`${at}.mlp.up_proj`, vision.intermediate, v, true);
    linear(`${at}.mlp.down_proj`, v, vision.intermediate, true);
  }
  const merged = v * vision.spatialMerge ** 2;
  keys.set("visual.merger.ln_q.weight", [v]);
  linear("visual.merger.mlp.0", merged, merged, true);
  linear("visual.merger.mlp.2", vision.outHiddenSize, merged, true);

  addDecoderKeys(keys, text);
  return keys;
}
