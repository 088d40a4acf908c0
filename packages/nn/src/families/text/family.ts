import { addDecoderKeys } from "../decoder/keys.ts";
import type { Family } from "../family.ts";
import { countedPositions } from "../positions.ts";
import { readTextModelConfig, type TextFamilyName, type TextModelConfig } from "./config.ts";
import { writeTextModelConfig } from "./write-config.ts";

/** A language model whose files name parameters as we do. */
export function textModel(name: TextFamilyName): Family<TextModelConfig> {
  return {
    types: [name],
    readConfig: (json, file) => readTextModelConfig(name, json, file),
    writeConfig: writeTextModelConfig,
    keys: ({ text }) => {
      const keys = new Map<string, readonly number[]>();
      addDecoderKeys(keys, text);
      return keys;
    },
    names: { published: [["model.", "model."]], v5: [["model.", "model."]] },
    positions: countedPositions,
  };
}
