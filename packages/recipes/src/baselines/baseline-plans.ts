import type { TrainingPlan } from "@mede2/schemas";
import { chosenPlan, type StagePlanSettings, stage1Plan, stage2Plan } from "../demo/demo-plans.ts";

/**
 * Rejection-sampling fine-tuning: SFT on answers of the model's own that are right, best, or chosen (`mede2 pairs best`), with the rate, the passes and the frozen parts of the preference
 * stage. What a preference loss adds is what it gains over this.
 */
export function rejectionSamplingPlan(settings: StagePlanSettings): TrainingPlan {
  return chosenPlan(settings, "rejection-sampling");
}

/** Direct SFT on the multimodal cases: the right answer without reasoning (`mede2 data direct`), as long as Stage I trains. What reasoning adds is what it gains over this. */
export function directSftPlan(settings: StagePlanSettings): TrainingPlan {
  return { ...stage1Plan(settings, 3, "direct"), recipe: "direct-sft" };
}

/**
 * Stage II on answers that are judged one by one (KTO, arXiv 2402.01306), with the settings of the preference stage. The likelihood term is left out: the loss itself holds desirable answers
 * up. Sides that are not as many weigh the same where the file's weights are balanced, which is what `mede2 pairs build --unpaired` writes.
 */
export function ktoPlan(settings: StagePlanSettings): TrainingPlan {
  return { ...stage2Plan(settings, { name: "kto", beta: 0.1 }), recipe: "kto" };
}

/** The same by binary classifier optimisation (BCO, arXiv 2404.04656). */
export function bcoPlan(settings: StagePlanSettings): TrainingPlan {
  return { ...stage2Plan(settings, { name: "bco", beta: 0.1 }), recipe: "bco" };
}
