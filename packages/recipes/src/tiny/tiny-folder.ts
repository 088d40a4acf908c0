import { fileURLToPath } from "node:url";

/** Tiny as it is shipped: a Hugging Face folder of the Qwen2.5-VL architecture, trained by `pretrainTiny`. */
export const tinyFolder = fileURLToPath(new URL("../../models/tiny", import.meta.url));
