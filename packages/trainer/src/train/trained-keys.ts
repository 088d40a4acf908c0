import { applyLora, forward, type LoraModule, type LoraSettings, loraFactors, rowNorms } from "@mede2/nn";
import { GraphBuilder } from "@mede2/onnx";
import type { Lora, TrainingPlan } from "@mede2/schemas";
import { elementCount, type ModelState } from "../program/model-state.ts";
import { fedWeights, fourBitKeys } from "../program/model-weights.ts";
import { TrainerError } from "../trainer-error.ts";
import { mixSeeds, seededRandom } from "./order.ts";

export function isFrozen(key: string, freeze: readonly string[]): boolean {
  return freeze.some((prefix) => key.startsWith(prefix));
}

export function loraSettings(lora: Lora): LoraSettings {
  if (lora.dropout !== 0)
    throw new TrainerError(
      "lora-dropout",
      "the embedded engine has no LoRA dropout",
      "set lora.dropout to 0 or use another engine",
    );
  return {
    rank: lora.rank,
    alpha: lora.alpha,
    targets: lora.targets,
    ...(lora.rs === undefined ? {} : { rs: lora.rs }),
    ...(lora.dora === undefined ? {} : { dora: lora.dora }),
  };
}

/** Adapters of a plan: their modules, in the order of the graph. Found by building a small graph and asking the pass. */
export function loraModules(model: ModelState, settings: LoraSettings): readonly LoraModule[] {
  const g = new GraphBuilder("lora-targets");
  const weights = fedWeights(g, model.shapes, fourBitKeys(model).fourBit);
  forward(g, weights, model.config, { batch: 1, length: 2 });
  return applyLora(g, settings).modules;
}

/** Adds fresh factors to a model: A uniform in ±1/√inputs (Kaiming with a = √5, as PEFT does), B zero, row lengths those of the weight. */
export function addLoraFactors(
  model: ModelState,
  settings: LoraSettings,
  modules: readonly LoraModule[],
  seed: number,
): void {
  const parameters = model.parameters as Map<string, Float32Array>;
  modules.forEach((each, index) => {
    const random = seededRandom(mixSeeds(seed, index, 0x10a));
    const bound = 1 / Math.sqrt(each.inputs);
    parameters.set(
      each.a,
      Float32Array.from({ length: settings.rank * each.inputs }, () => (2 * random() - 1) * bound),
    );
    parameters.set(each.b, new Float32Array(each.outputs * settings.rank));
    if (each.magnitude !== undefined)
      parameters.set(each.magnitude, rowNorms(model.parameters.get(`${each.module}.weight`)!, each.outputs));
  });
}

/** Shapes of what a plan trains: LoRA factors, or every parameter that is not frozen. */
export function trainedShapes(
  plan: TrainingPlan,
  model: ModelState,
  modules: readonly LoraModule[] | undefined,
): ReadonlyMap<string, readonly number[]> {
  for (const prefix of plan.freeze)
    if (![...model.shapes.keys()].some((key) => key.startsWith(prefix)))
      throw new TrainerError(
        "freeze",
        `freeze names "${prefix}", but no parameter begins so`,
        "check the plan's freeze",
      );
  if (modules !== undefined && plan.lora !== undefined) {
    const { lora } = plan;
    const frozen = modules.find(({ module }) => isFrozen(`${module}.weight`, plan.freeze));
    if (frozen !== undefined)
      throw new TrainerError(
        "freeze",
        `freeze holds ${frozen.module}, but lora.targets would adapt it`,
        "take it out of one of the two",
      );
    return new Map(modules.flatMap((each) => loraFactors(each, lora)));
  }
  const kept = [...model.shapes].filter(([key]) => !isFrozen(key, plan.freeze));
  if (kept.length === 0)
    throw new TrainerError(
      "nothing-trained",
      "every parameter is frozen",
      "take something out of the plan's freeze",
    );
  return new Map(kept);
}

export function sizesOf(shapes: ReadonlyMap<string, readonly number[]>): Map<string, number> {
  return new Map([...shapes].map(([key, shape]) => [key, elementCount(shape)]));
}
