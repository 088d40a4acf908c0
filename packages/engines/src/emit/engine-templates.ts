import { familyName, type ModelConfig } from "@mede2/nn";
import type { EngineName } from "@mede2/schemas";

type Outside = Exclude<EngineName, "embedded">;

/** Names of the chat templates that engines have instead of the model's own; TRL renders the model's own. */
const templates: Readonly<Record<string, Readonly<Partial<Record<Outside, string>>>>> = {
  qwen2_5_vl: { "ms-swift": "qwen2_5_vl", "llama-factory": "qwen2_vl" },
  internvl: { "ms-swift": "internvl_hf", "llama-factory": "intern_vl" },
  qwen3_vl: { "ms-swift": "qwen3_vl", "llama-factory": "qwen3_vl_nothink" },
};

export function engineTemplate(config: ModelConfig, engine: Outside): string | undefined {
  return templates[familyName(config)]?.[engine];
}
