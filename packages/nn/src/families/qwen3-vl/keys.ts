import { addDecoderKeys } from "../decoder/keys.ts";
import type { Qwen3VlConfig } from "./config.ts";

/** Every tensor of a checkpoint with its shape. */
export function qwen3VlKeys({ text, vision }: Qwen3VlConfig): ReadonlyMap<string, readonly number[]> {
  const keys = new Map<string, readonly number[]>();
  const both = (key: string, weight: readonly number[]): void => {
    keys.set(`${key}.weight`, weight);
    keys.set(`${key}.bias`, [weight[0]!]);
  };
  const { hiddenSize: v, patchSize: p, intermediate } = vision;
  both("visual.patch_embed.proj", [v, vision.inChannels, vision.temporalPatchSize, p, p]);
  keys.set("visual.pos_embed.weight", [vision.positionsSide ** 2, v]);
  for (let block = 0; block < vision.depth; block++) {
    const at = `visual.blocks.${block}`;
    both(`${at}.norm1`, [v]);
    both(`${at}.norm2`, [v]);
    both(`${at}.attn.qkv`, [3 * v, v]);
    both(`${at}.attn.proj`, [v, v]);
    both(`${at}.mlp.linear_fc1`, [intermediate, v]);
    both(`${at}.mlp.linear_fc2`, [v, intermediate]);
  }
  const merged = v * vision.spatialMerge ** 2;
  const merger = (at: string, norm: number): void => {
    both(`${at}.norm`, [norm]);
    both(`${at}.linear_fc1`, [merged, merged]);
    both(`${at}.linear_fc2`, [vision.outHiddenSize, merged]);
  };
  merger("visual.merger", v);
  for (const level of vision.deepstack.keys()) merger(`visual.deepstack_merger_list.${level}`, merged);
  addDecoderKeys(keys, text);
  return keys;
}
