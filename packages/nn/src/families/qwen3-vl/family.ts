import type { Family } from "../family.ts";
import { qwenImageSide } from "../qwen2-5-vl/image-side.ts";
import { imageTokenCount, mropePositions } from "../qwen2-5-vl/positions.ts";
import { qwen3VlBatch } from "./batch.ts";
import { type Qwen3VlConfig, readQwen3VlConfig, writeQwen3VlConfig } from "./config.ts";
import { qwen3VlKeys } from "./keys.ts";
import { declareQwen3VlVision, qwen3VlTower } from "./vision.ts";

/** Qwen3-VL, dense (arXiv 2511.21631). */
export const qwen3Vl: Family<Qwen3VlConfig> = {
  types: ["qwen3_vl"],
  readConfig: readQwen3VlConfig,
  writeConfig: writeQwen3VlConfig,
  keys: qwen3VlKeys,
  names: {
    published: [
      ["visual.", "model.visual."],
      ["model.", "model.language_model."],
    ],
    v5: [
      ["visual.", "model.visual."],
      ["model.", "model.language_model."],
    ],
  },
  positions(ids, grids, { tokens, vision }) {
    const found = mropePositions({
      ...{ inputIds_BS: ids, batch: 1, length: ids.length },
      ...{ grids, tokens, spatialMerge: vision.spatialMerge },
    });
    return { positions_3S: found.positions_3BS, delta: found.deltas_B[0]! };
  },
  vision: {
    imageTokens: (grid, { vision }) => imageTokenCount(grid, vision.spatialMerge),
    featureWidth: ({ text, vision }) => text.hiddenSize * (1 + vision.deepstack.length),
    imageSide: qwenImageSide,
    batch: qwen3VlBatch,
    declareInputs: declareQwen3VlVision,
    tower: qwen3VlTower,
  },
};
