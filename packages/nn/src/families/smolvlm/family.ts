import type { Family } from "../family.ts";
import { countedPositions } from "../positions.ts";
import { declareTileInputs, featuresPerTile, tileBatch } from "../tiles/tiles.ts";
import { readSmolVlmConfig, type SmolVlmConfig, writeSmolVlmConfig } from "./config.ts";
import { smolVlmImageSide } from "./image-side.ts";
import { smolVlmKeys, smolVlmTower } from "./vision.ts";

/** SmolVLM (arXiv 2504.05299) and Idefics3 (arXiv 2408.12637). */
export function smolVlm(name: SmolVlmConfig["family"]): Family<SmolVlmConfig> {
  return {
    types: [name],
    readConfig: (json, file) => readSmolVlmConfig(name, json, file),
    writeConfig: writeSmolVlmConfig,
    keys: smolVlmKeys,
    names: {
      published: [
        ["visual.connector.", "model.connector."],
        ["visual.", "model.vision_model."],
        ["model.", "model.text_model."],
      ],
      v5: [
        ["visual.connector.", "model.connector."],
        ["visual.", "model.vision_model."],
        ["model.", "model.text_model."],
      ],
    },
    positions: countedPositions,
    vision: {
      imageTokens: ([tiles], { vision }) => tiles * featuresPerTile(vision),
      featureWidth: ({ text }) => text.hiddenSize,
      imageSide: smolVlmImageSide,
      batch: (images, { vision }) => tileBatch(images, vision),
      declareInputs: (g, { vision }, layout) => declareTileInputs(g, vision, layout),
      tower: smolVlmTower,
    },
  };
}
