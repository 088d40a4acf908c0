import { isLoraTarget, type ModelConfig, modelKeys, nameInFile } from "@mede2/nn";
import { EngineError } from "../engine-error.ts";

const weight = ".weight";

/** Linear layers of the decoder that a plan's LoRA targets name, by our names. Throws an EngineError "lora-targets" for a target that names none. */
export function loraModulesOf(config: ModelConfig, targets: readonly string[]): string[] {
  const linear = [...modelKeys(config)]
    .filter(([key, shape]) => shape.length === 2 && /^model\.layers\..*\.weight$/.test(key))
    .map(([key]) => key.slice(0, -weight.length));
  for (const target of targets)
    if (!linear.some((module) => isLoraTarget(module, [target])))
      throw new EngineError(
        "lora-targets",
        `the LoRA target "${target}" names no linear layer of this model's decoder`,
        "name layers such as q_proj, or patterns of whole names",
      );
  return linear.filter((module) => isLoraTarget(module, targets));
}

/**
 * The same layers as one regular expression over the module names of transformers v5, which PEFT matches whole. A list of last names would match the vision tower's layers,
 * too: Qwen2.5-VL's tower also has a gate_proj.
 */
export function loraTargetRegex(config: ModelConfig, targets: readonly string[]): string {
  const layersOf = new Map<string, number[]>();
  let layers = 0;
  for (const module of loraModulesOf(config, targets)) {
    const [, before, layer, rest] = /^(.*\.layers\.)(\d+)\.(.*)$/.exec(nameInFile(module, config, "v5"))!;
    layers = Math.max(layers, Number(layer) + 1);
    const key = JSON.stringify([before, rest]);
    layersOf.set(key, [...(layersOf.get(key) ?? []), Number(layer)]);
  }
  const total = Math.max(layers, config.text.layers);
  const groups = new Map<string, string[]>();
  for (const [key, numbers] of layersOf) {
    const [before, rest] = JSON.parse(key) as [string, string];
    const which = numbers.length === total ? "\\d+" : `(?:${numbers.join("|")})`;
    const prefix = `${escaped(before)}${which}\\.`;
    groups.set(prefix, [...(groups.get(prefix) ?? []), escaped(rest)]);
  }
  const parts = [...groups].map(([prefix, names]) => `${prefix}(?:${names.join("|")})`);
  return parts.length === 1 ? parts[0]! : `(?:${parts.join("|")})`;
}

const escaped = (text: string) => text.replace(/[.+*?^${}()|[\]\\]/g, "\\$&");
