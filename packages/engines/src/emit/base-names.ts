import { join, resolve } from "node:path";
import { nameInFile, openModelFolder, writeModelFolder } from "@mede2/nn";
import { bytesPerElement } from "@mede2/safetensors";
import type { TrainingPlan } from "@mede2/schemas";
import type { EngineSettings } from "../settings.ts";

/**
 * transformers v5 resumes the full training of a base with published tensor names from the base's weights, and only warns of missing and unexpected keys. So such a base is
 * written again under the names of v5, as `model/` in the emitted folder; undefined where that is not needed: LoRA, a base that has those names, or one that lies elsewhere.
 */
export async function baseForFullTraining(
  plan: TrainingPlan,
  settings: Pick<EngineSettings, "targetModel">,
  workspace: string,
  folder: string,
): Promise<string | undefined> {
  if (plan.lora !== undefined || settings.targetModel !== undefined) return undefined;
  const base = resolve(workspace, plan.model);
  if (!(await hasPublishedNames(base))) return undefined;
  const from = await openModelFolder(base);
  await writeModelFolder(join(folder, "model"), {
    config: from.config,
    tensors: from.keys.map((key) => {
      const { dtype, shape } = from.entry(key);
      return { name: key, dtype, shape, data: () => from.tensor(key).data };
    }),
    copyFrom: base,
    names: "v5",
  });
  return "model";
}

/** Whether the weight files of a base have names that v5 does not use. */
export async function hasPublishedNames(base: string): Promise<boolean> {
  const { keys, config, storedName } = await openModelFolder(base);
  return keys.some((key) => storedName(key) !== nameInFile(key, config, "v5"));
}

/** Bytes that the copy takes. */
export async function baseBytes(base: string): Promise<number> {
  const from = await openModelFolder(base);
  return from.keys.reduce((sum, key) => {
    const { dtype, shape } = from.entry(key);
    return sum + bytesPerElement(dtype) * shape.reduce((a, b) => a * b, 1);
  }, 0);
}
