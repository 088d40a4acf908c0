import { addDecoderKeys } from "../decoder/keys.ts";
import type { InternVlConfig } from "./config.ts";

/** Every tensor of a checkpoint with its shape. */
export function internVlKeys({ text, vision }: InternVlConfig): ReadonlyMap<string, readonly number[]> {
  const keys = new Map<string, readonly number[]>();
  const linear = (key: string, out: number, into: number, bias: boolean): void => {
    keys.set(`${key}.weight`, [out, into]);
    if (bias) keys.set(`${key}.bias`, [out]);
  };
  const norm = (key: string, size: number): void => {
    keys.set(`${key}.weight`, [size]);
    if (!vision.rmsNorm) keys.set(`${key}.bias`, [size]);
  };
  const { hiddenSize: v, patchSize: p, intermediate } = vision;
  keys.set("visual.embeddings.cls_token", [1, 1, v]);
  keys.set("visual.embeddings.position_embeddings", [1, (vision.imageSize / p) ** 2 + 1, v]);
  keys.set("visual.embeddings.patch_embeddings.projection.weight", [v, vision.inChannels, p, p]);
  keys.set("visual.embeddings.patch_embeddings.projection.bias", [v]);
  for (let layer = 0; layer < vision.depth; layer++) {
    const at = `visual.encoder.layer.${layer}`;
    keys.set(`${at}.lambda_1`, [v]);
    keys.set(`${at}.lambda_2`, [v]);
    for (const name of ["q_proj", "k_proj", "v_proj"])
      linear(`${at}.attention.${name}`, v, v, vision.attentionBias);
    linear(`${at}.attention.projection_layer`, v, v, true);
    if (vision.qkNorm)
      for (const name of ["q_norm", "k_norm"]) keys.set(`${at}.attention.${name}.weight`, [v]);
    linear(`${at}.mlp.fc1`, intermediate, v, true);
    linear(`${at}.mlp.fc2`, v, intermediate, true);
    norm(`${at}.layernorm_before`, v);
    norm(`${at}.layernorm_after`, v);
  }
  if (!vision.meanPooling) for (const part of ["weight", "bias"]) keys.set(`visual.layernorm.${part}`, [v]);
  const merged = v * vision.merge ** 2;
  for (const part of ["weight", "bias"]) keys.set(`visual.projector.layer_norm.${part}`, [merged]);
  linear("visual.projector.linear_1", text.hiddenSize, merged, true);
  linear("visual.projector.linear_2", text.hiddenSize, text.hiddenSize, true);
  addDecoderKeys(keys, text);
  return keys;
}
