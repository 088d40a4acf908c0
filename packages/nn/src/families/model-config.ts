import type { InternVlConfig } from "./internvl/config.ts";
import type { Qwen25VlConfig } from "./qwen2-5-vl/config.ts";
import type { Qwen3VlConfig } from "./qwen3-vl/config.ts";
import type { SmolVlmConfig } from "./smolvlm/config.ts";
import type { TextModelConfig } from "./text/config.ts";

/** config.json of any family here. `family` tells them apart. */
export type ModelConfig = Qwen25VlConfig | TextModelConfig | InternVlConfig | Qwen3VlConfig | SmolVlmConfig;

export type FamilyName = NonNullable<ModelConfig["family"]>;
