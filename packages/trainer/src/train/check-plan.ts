import type { TrainingPlan } from "@mede2/schemas";
import type { Encoder } from "../examples/encode-example.ts";
import { TrainerError } from "../trainer-error.ts";
import { plannedMemory } from "./planned-memory.ts";

function refuse(code: string, message: string, next: string): never {
  throw new TrainerError(code, message, next);
}

/** Settings that this engine and this model cannot honour end the run before it starts. */
export function checkPlan(plan: TrainingPlan, { processor }: Encoder): void {
  if (plan.engine !== "embedded")
    refuse("engine", `the plan asks for the engine ${plan.engine}`, "start it with that engine");
  if (plan.launcher !== undefined && plan.launcher.name !== "local")
    refuse(
      "launcher",
      `the embedded engine cannot be launched by ${plan.launcher.name}`,
      "leave launcher out",
    );
  if (plan.reference !== undefined && plan.kind !== "preference")
    refuse("reference", `a plan of kind ${plan.kind} has no use for a reference`, "leave reference out");
  checkLoss(plan);
  checkOptimiser(plan);
  plannedMemory(plan.settings);
  if (plan.templateHash !== processor.template.hash)
    refuse(
      "template-hash",
      `the plan was made for the chat template ${plan.templateHash.slice(0, 12)}…, the model's is ${processor.template.hash.slice(0, 12)}…`,
      "make the plan again for this model",
    );
  const { minPixels, maxPixels } = processor.images;
  if (plan.pixels.min !== minPixels || plan.pixels.max !== maxPixels)
    refuse(
      "pixels",
      `the plan says ${plan.pixels.min}–${plan.pixels.max} pixels, the model's image processor ${minPixels}–${maxPixels}`,
      "make the two equal",
    );
}

/** Settings that one optimiser has and the others have not. */
const ownSettings = {
  momentum: "muon",
  decay: "adafactor",
  updateClip: "adafactor",
  scaleParameter: "adafactor",
} as const;

function checkOptimiser({ optimiser, lora, device }: TrainingPlan): void {
  for (const [setting, owner] of Object.entries(ownSettings))
    if (optimiser[setting as keyof typeof ownSettings] !== undefined && optimiser.name !== owner)
      refuse(
        "optimiser",
        `the optimiser ${optimiser.name} has no ${setting}`,
        `leave optimiser.${setting} out`,
      );
  if (optimiser.name === "adafactor" && optimiser.betas.some((beta) => beta !== 0))
    refuse(
      "optimiser",
      "adafactor keeps no first moment and makes its own β₂",
      "set optimiser.betas to 0, 0",
    );
  if (lora?.base === "nf4" && device === "webgpu")
    refuse("lora-nf4", "WebGPU has no product with NF4 weights", "leave lora.base out, or set device to cpu");
  if (lora?.base === "nf4" && lora.dora === true)
    refuse("lora-dora", "DoRA needs the base in numbers", "leave lora.dora or lora.base out");
}

const scheduled = ["beta", "betaEnd", "betaSchedule", "nllWeight"];

/** Which settings each loss honours, beside its name. */
const lossSettings: Readonly<Record<string, readonly string[]>> = {
  "cross-entropy": [],
  dpo: [...scheduled, "labelSmoothing", "robust", "normalised"],
  ipo: scheduled,
  hinge: scheduled,
  "apo-zero": scheduled,
  dpop: [...scheduled, "penalty"],
  simpo: [...scheduled, "gamma"],
  orpo: scheduled,
  "bco-pair": scheduled,
  mpo: [...scheduled, "weights"],
  kto: [...scheduled, "weights"],
  bco: [...scheduled, "weights"],
};
const mixTerms = ["preference", "quality", "generation"];
const sides = ["desirable", "undesirable"];

function checkLoss({ kind, loss }: TrainingPlan): void {
  if (kind === "preference" && loss.name === "cross-entropy")
    refuse(
      "loss",
      "a preference plan cannot have the loss cross-entropy",
      "use dpo or another preference loss",
    );
  const honoured = lossSettings[loss.name];
  if (honoured === undefined) return; // `plannedObjective` says which losses there are
  for (const [name, value] of Object.entries(loss))
    if (name !== "name" && value !== undefined && !honoured.includes(name))
      refuse("loss-setting", `the loss ${loss.name} has no setting ${name}`, `leave loss.${name} out`);
  if (loss.betaSchedule !== undefined && loss.betaEnd === undefined)
    refuse("loss-setting", "loss has a betaSchedule, but no betaEnd", "say where beta goes, or leave it out");
  if (loss.robust === true && (loss.labelSmoothing ?? 0) === 0)
    refuse("loss-setting", "loss.robust needs a labelSmoothing", "say which share of the labels is wrong");
  const terms = loss.name === "kto" || loss.name === "bco" ? sides : mixTerms;
  const unknown = Object.keys(loss.weights ?? {}).find((name) => !terms.includes(name));
  if (unknown !== undefined)
    refuse("loss-setting", `loss.weights names "${unknown}"`, `its terms are ${terms.join(", ")}`);
  if (loss.nllWeight !== undefined && loss.weights?.generation !== undefined)
    refuse("loss-setting", "loss has both nllWeight and weights.generation", "leave one of the two out");
}
