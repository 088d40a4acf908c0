import type { Qwen25VlConfig } from "./qwen2-5-vl/config.ts";
import type { TextModelConfig } from "./text/config.ts";

/** config.json of any family here. `family` tells them apart. */
export type ModelConfig = Qwen25VlConfig | TextModelConfig;

export type FamilyName = NonNullable<ModelConfig["family"]>;
