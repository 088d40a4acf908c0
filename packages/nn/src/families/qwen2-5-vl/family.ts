import type { Family } from "../family.ts";
import { visionBatch } from "./batch.ts";
import { type Qwen25VlConfig, readQwen25VlConfig } from "./config.ts";
import { qwenImageSide } from "./image-side.ts";
import { qwen25VlKeys } from "./keys.ts";
import { imageTokenCount, mropePositions } from "./positions.ts";
import { declareVisionInputs, visionTower } from "./vision.ts";
import { writeQwen25VlConfig } from "./write-config.ts";

/** Qwen2.5-VL (arXiv 2502.13923). */
export const qwen25Vl: Family<Qwen25VlConfig> = {
  types: ["qwen2_5_vl"],
  readConfig: readQwen25VlConfig,
  writeConfig: writeQwen25VlConfig,
  keys: qwen25VlKeys,
  names: {
    published: [
      ["visual.", "visual."],
      ["model.", "model."],
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
    featureWidth: ({ text }) => text.hiddenSize,
    imageSide: qwenImageSide,
    batch: visionBatch,
    declareInputs: declareVisionInputs,
    tower: visionTower,
  },
};
