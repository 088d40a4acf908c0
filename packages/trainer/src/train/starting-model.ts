import { resolve } from "node:path";
import {
  assertAdapterFits,
  type LoraModule,
  type LoraSettings,
  loraScale,
  type ModelConfig,
  readPeftFolder,
} from "@mede2/nn";
import { toFloat32 } from "@mede2/safetensors";
import type { TrainingPlan } from "@mede2/schemas";
import type { Encoder } from "../examples/encode-example.ts";
import { loadModel } from "../model/load-model.ts";
import { mergedModel } from "../model/merged.ts";
import type { ModelState } from "../program/model-state.ts";
import { TrainerError } from "../trainer-error.ts";
import { checkPlan } from "./check-plan.ts";
import { addLoraFactors, loraModules, loraSettings, trainedShapes } from "./trained-keys.ts";

/** The adapter that a plan trains. */
export type TrainedAdapter = { readonly settings: LoraSettings; readonly modules: readonly LoraModule[] };

/** A model as a plan starts from it, and what the plan trains of it. */
export type StartingModel = {
  readonly model: ModelState;
  readonly encoder: Encoder;
  /** The folder of the base weights. */
  readonly base: string;
  readonly adapter?: TrainedAdapter;
  /** Shapes of what is trained. */
  readonly trained: ReadonlyMap<string, readonly number[]>;
  readonly trainsTower: boolean;
};

/**
 * Loads the model of a plan. Its `adapter` is merged into the weights of a full training; a LoRA training goes on with its factors, so that what is saved is again one
 * adapter of the base.
 */
export async function startingModel(plan: TrainingPlan, workspace: string): Promise<StartingModel> {
  const base = resolve(workspace, plan.model);
  const from = plan.adapter === undefined ? undefined : resolve(workspace, plan.adapter);
  const { state: model, folder } = await loadModel(base, plan.lora === undefined ? from : undefined, {
    nf4: plan.lora?.base === "nf4",
  });
  const encoder: Encoder = {
    config: model.config,
    processor: await folder.processor(),
    ...(plan.settings?.wholeTurn === true ? { wholeTurn: true } : {}),
  };
  checkPlan(plan, encoder);
  const settings = plan.lora === undefined ? undefined : loraSettings(plan.lora);
  const adapter = settings === undefined ? undefined : { settings, modules: loraModules(model, settings) };
  const trained = trainedShapes(plan, model, adapter?.modules);
  if (adapter !== undefined) {
    addLoraFactors(model, adapter.settings, adapter.modules, plan.seed);
    if (from !== undefined) await takeFactors(model, adapter, from, model.config);
  }
  const trainsTower = [...trained.keys()].some((key) => key.startsWith("visual."));
  return {
    model,
    encoder,
    base,
    ...(adapter === undefined ? {} : { adapter }),
    trained,
    trainsTower,
  };
}

/** The model with its adapter, if any, merged into copies of the weights. */
export function wholeModel({ model, adapter }: Pick<StartingModel, "model" | "adapter">): ModelState {
  return adapter === undefined ? model : mergedModel(model, adapter.settings, adapter.modules);
}

/** Starts an adapter from the factors of a PEFT folder, which must be of the same form. */
async function takeFactors(
  model: ModelState,
  { settings, modules }: TrainedAdapter,
  folder: string,
  config: ModelConfig,
): Promise<void> {
  const peft = await readPeftFolder(folder);
  assertAdapterFits(peft, config);
  const same =
    peft.lora.rank === settings.rank &&
    (peft.lora.dora ?? false) === (settings.dora ?? false) &&
    loraScale(peft.lora) === loraScale(settings) &&
    peft.modules.size === modules.length &&
    modules.every(({ module }) => peft.modules.has(module));
  if (!same)
    throw new TrainerError(
      "adapter-differs",
      `the adapter ${folder} has rank ${peft.lora.rank}, scale ${loraScale(peft.lora)} and ${peft.modules.size} modules; the plan's lora rank ${settings.rank}, scale ${loraScale(settings)} and ${modules.length} modules`,
      "give the plan the lora settings of its adapter, or merge the adapter into the model first",
    );
  for (const { module, a, b, magnitude } of modules) {
    const factors = peft.modules.get(module)!;
    model.parameters.get(a)!.set(toFloat32(factors.a));
    model.parameters.get(b)!.set(toFloat32(factors.b));
    if (magnitude !== undefined && factors.magnitude !== undefined)
      model.parameters.get(magnitude)!.set(toFloat32(factors.magnitude));
  }
}
