import type { Family } from "../family.ts";
import { countedPositions } from "../positions.ts";
import { declareTileInputs, featuresPerTile, tileBatch } from "../tiles/tiles.ts";
import { type InternVlConfig, readInternVlConfig, writeInternVlConfig } from "./config.ts";
import { internVlImageSide } from "./image-side.ts";
import { internVlKeys } from "./keys.ts";
import { internVlTower } from "./vision.ts";

/** InternVL3 (arXiv 2504.10479), in the layout of transformers. */
export const internVl: Family<InternVlConfig> = {
  types: ["internvl"],
  readConfig: readInternVlConfig,
  writeConfig: writeInternVlConfig,
  keys: internVlKeys,
  names: {
    published: [
      ["visual.projector.", "multi_modal_projector."],
      ["visual.", "vision_tower."],
      ["model.", "language_model.model."],
      ["lm_head.", "language_model.lm_head."],
    ],
    v5: [
      ["visual.projector.", "model.multi_modal_projector."],
      ["visual.", "model.vision_tower."],
      ["model.", "model.language_model."],
    ],
  },
  positions: countedPositions,
  vision: {
    imageTokens: ([tiles], { vision }) => tiles * featuresPerTile(vision),
    featureWidth: ({ text }) => text.hiddenSize,
    imageSide: internVlImageSide,
    batch: (images, { vision }) => tileBatch(images, vision),
    declareInputs: (g, { vision }, layout) => declareTileInputs(g, vision, layout),
    tower: internVlTower,
  },
};
