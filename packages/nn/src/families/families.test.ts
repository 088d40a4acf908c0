import { expect, it } from "vitest";
import { readModelConfig } from "./families.ts";

it("a model of no family here is refused with what there is, InternVL's own layout with where to go", () => {
  expect(() => readModelConfig({ model_type: "gemma3" }, "a/config.json")).toThrow(
    /^a\/config\.json: model_type is "gemma3"; supported are qwen2_5_vl, llama, /,
  );
  expect(() => readModelConfig({ model_type: "internvl_chat" })).toThrow(/ends in -hf/);
});
