import type { TrainingPlan } from "@mede2/schemas";
import type { Encoder } from "../examples/encode-example.ts";
import { TrainerError } from "../trainer-error.ts";

/** Settings that this engine and this model cannot honour end the run before it starts. */
export function checkPlan(plan: TrainingPlan, { processor }: Encoder): void {
  const refuse = (code: string, message: string, next: string): never => {
    throw new TrainerError(code, message, next);
  };
  if (plan.engine !== "embedded")
    refuse("engine", `the plan asks for the engine ${plan.engine}`, "start it with that engine");
  if (plan.device !== "cpu")
    refuse("device", `the embedded engine has no device ${plan.device} yet`, "set device to cpu");
  if (plan.launcher !== undefined && plan.launcher.name !== "local")
    refuse(
      "launcher",
      `the embedded engine cannot be launched by ${plan.launcher.name}`,
      "leave launcher out",
    );
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
