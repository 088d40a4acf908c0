import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { assertAdapterFits, loraScale, openModelFolder, readPeftFolder } from "@mede2/nn";
import type { TrainingPlan } from "@mede2/schemas";
import { type ModelSide, openModelSide } from "../data/row-encoding.ts";
import { sha256OfFile } from "../data/sha256-of-file.ts";
import { hasPublishedNames } from "../emit/base-names.ts";
import { loraModulesOf } from "../emit/lora-targets.ts";
import type { EngineContext } from "../engine.ts";
import type { Finding } from "../finding.ts";
import { adapterEffect } from "./adapter-effect.ts";

const adapterWeights = "adapter_model.safetensors";

/** Model, adapter and reference: they are there, belong together, and are what the plan was made for. Weights are read by their headers; an adapter is hashed. */
export async function checkModel(
  plan: TrainingPlan,
  { processor }: ModelSide,
  context: EngineContext,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const error = (code: string, message: string, next: string) =>
    void findings.push({ level: "error", code, message, next });
  const { template, images } = processor;
  if (template.hash !== plan.templateHash)
    error(
      "template-hash",
      `the plan was made for the chat template ${plan.templateHash.slice(0, 12)}…, the model's is ${template.hash.slice(0, 12)}…`,
      "make the plan again for this model",
    );
  if (images.minPixels !== plan.pixels.min || images.maxPixels !== plan.pixels.max)
    error(
      "pixels",
      `the plan says ${plan.pixels.min}–${plan.pixels.max} pixels, the model's image processor ${images.minPixels}–${images.maxPixels}`,
      "make the two equal",
    );
  findings.push(...(await checkWeights(plan, context)));
  const adapter = plan.adapter === undefined ? undefined : resolve(context.workspace, plan.adapter);
  if (adapter !== undefined) findings.push(...(await checkAdapter(plan, adapter, context)));
  if (plan.kind === "preference") findings.push(...(await checkReference(plan, adapter, context)));
  return findings;
}

async function checkWeights(plan: TrainingPlan, { workspace }: EngineContext): Promise<Finding[]> {
  const folder = resolve(workspace, plan.model);
  const elsewhere = plan.settings?.targetModel !== undefined;
  try {
    await openModelFolder(folder);
  } catch (reason) {
    const { code, message } = reason as { code?: string; message: string };
    if (elsewhere && /NOT_FOUND/.test(code ?? ""))
      return [
        {
          level: "info",
          code: "weights-elsewhere",
          message: `the weights lie on the machine that computes (${plan.settings?.targetModel}): whether they hold the layers of config.json is not checked here`,
        },
      ];
    return [{ level: "error", code: code ?? "weights", message, next: "fetch the model again" }];
  }
  if (plan.engine === "embedded" || plan.lora !== undefined || !(await hasPublishedNames(folder))) return [];
  return [
    elsewhere
      ? {
          level: "error",
          code: "resume-names",
          message:
            "a full training of a base with published tensor names cannot be resumed: transformers v5 would go on from the base weights",
          next: "write the base under the names of transformers v5 there, or leave settings.targetModel out",
        }
      : {
          level: "info",
          code: "resume-names",
          message:
            "the base is written again under the names of transformers v5, so that the run can be resumed",
        },
  ];
}

async function checkAdapter(
  plan: TrainingPlan,
  folder: string,
  { workspace }: EngineContext,
): Promise<Finding[]> {
  const wrong = (code: string, message: string, next: string): Finding[] => [
    { level: "error", code, message, next },
  ];
  try {
    const { config } = await openModelSide(resolve(workspace, plan.model));
    const peft = await readPeftFolder(folder);
    assertAdapterFits(peft, config);
    const effect = adapterEffect(plan.adapter!, peft);
    const { lora } = plan;
    if (lora === undefined) return effect;
    const modules = loraModulesOf(config, lora.targets);
    const same =
      peft.lora.rank === lora.rank &&
      loraScale(peft.lora) === loraScale(lora as Parameters<typeof loraScale>[0]) &&
      peft.modules.size === modules.length &&
      modules.every((module) => peft.modules.has(module));
    return same
      ? effect
      : wrong(
          "adapter-differs",
          `the adapter ${plan.adapter} has rank ${peft.lora.rank}, scale ${loraScale(peft.lora)} and ${peft.modules.size} modules; the plan's lora has rank ${lora.rank} and ${modules.length} modules`,
          "give the plan the lora settings of its adapter",
        );
  } catch (reason) {
    return wrong(
      "adapter",
      `adapter ${plan.adapter}: ${(reason as Error).message}`,
      "name a PEFT folder of this model",
    );
  }
}

/** The reference of a preference plan is what it starts from: the same adapter by its bytes, or the model itself. */
async function checkReference(
  plan: TrainingPlan,
  adapter: string | undefined,
  { workspace }: EngineContext,
): Promise<Finding[]> {
  if (plan.reference === undefined) {
    return adapter === undefined
      ? [
          {
            level: "warning",
            code: "reference-base",
            message: `the run starts from the model ${plan.model} without an adapter, which is its reference, too: is that Stage I?`,
            next: "name the adapter of Stage I as adapter, or its merged model as model",
          },
        ]
      : [];
  }
  const reference = resolve(workspace, plan.reference);
  const wrong = (why: string): Finding[] => [
    {
      level: "error",
      code: "reference",
      message: `the reference ${plan.reference} is not what the run starts from: ${why}`,
      next: "leave reference out: it is then the model with its adapter as they are at the start",
    },
  ];
  if (adapter === undefined)
    return reference === resolve(workspace, plan.model) ? [] : wrong(`that is the model ${plan.model}`);
  if (!existsSync(join(reference, adapterWeights)))
    return wrong(`it is no adapter, and the run starts from the adapter ${plan.adapter}`);
  const [theirs, own] = [
    await sha256OfFile(join(reference, adapterWeights)),
    await sha256OfFile(join(adapter, adapterWeights)),
  ];
  return theirs === own
    ? []
    : wrong(`its weights have the sha256 ${theirs.slice(0, 12)}…, those of the adapter ${own.slice(0, 12)}…`);
}
