import { promptStyles } from "@mede2/llm";
import { imageConditionSchema, traceSchema } from "@mede2/schemas";
import { expect, it } from "vitest";
import { checkpointName, conditionNames, stageNames, styleNames } from "./local-model.ts";

it("offers every prompt style, image condition and stage that there is", () => {
  expect([...styleNames].sort()).toEqual(Object.keys(promptStyles).sort());
  expect(conditionNames).toEqual(imageConditionSchema.options);
  const stage = traceSchema.shape.stage;
  for (const name of stageNames) expect(stage.safeParse(name).success).toBe(true);
  expect(stage.safeParse("stage3").success).toBe(false);
});

it("names a model with its adapter apart from the model alone", () => {
  const options = { threads: 1, batch: 1 };
  expect(checkpointName("model", options)).toBe("model");
  expect(checkpointName("model", { ...options, adapter: "lora" })).toBe("model + lora");
});
