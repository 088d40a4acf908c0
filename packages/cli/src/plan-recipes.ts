import type { PaperPlanSettings, StagePlanSettings } from "@mede2/recipes";
import type { TrainingPlan } from "@mede2/schemas";

type Recipes = typeof import("@mede2/recipes");
type Settings = StagePlanSettings & Pick<PaperPlanSettings, "method" | "engine" | "processes" | "adapter">;

/** A recipe that makes a plan of a model and one file. */
export type Recipe = {
  readonly about: string;
  /** What its file holds, as file names say it. */
  readonly data: "demonstrations" | "pairs" | "rated";
  /** Options beside those of all recipes that it honours. */
  readonly takes: readonly ("method" | "engine" | "processes" | "adapter")[];
  readonly plan: (recipes: Recipes, settings: Settings) => TrainingPlan;
};

const paper = ["method", "engine", "processes"] as const;

/** Recipes by name, in the order in which they are listed. Written out here because a list must not load the packages that make plans. */
export const recipes: Readonly<Record<string, Recipe>> = {
  "demo-stage1": {
    about: "Stage I: supervised fine-tuning on text-only demonstrations",
    data: "demonstrations",
    takes: [],
    plan: ({ stage1Plan }, settings) => stage1Plan(settings, 3),
  },
  "demo-stage2": {
    about: "Stage II: DPO with its likelihood term on preference pairs",
    data: "pairs",
    takes: [],
    plan: ({ stage2Plan }, settings) => stage2Plan(settings),
  },
  "demo-chosen": {
    about: "control of Stage II: fine-tuning on chosen answers with the same rate, passes and frozen parts",
    data: "demonstrations",
    takes: [],
    plan: ({ chosenPlan }, settings) => chosenPlan(settings, "demo-chosen"),
  },
  "rejection-sampling": {
    about: "baseline: fine-tuning on the model's own good answers (mede2 pairs best), as Stage II trains",
    data: "demonstrations",
    takes: [],
    plan: ({ rejectionSamplingPlan }, settings) => rejectionSamplingPlan(settings),
  },
  "direct-sft": {
    about: "baseline: fine-tuning on right answers without reasoning (mede2 data direct), as Stage I trains",
    data: "demonstrations",
    takes: [],
    plan: ({ directSftPlan }, settings) => directSftPlan(settings),
  },
  kto: {
    about: "Stage II without pairs: KTO on answers judged one by one (mede2 pairs build --unpaired)",
    data: "rated",
    takes: [],
    plan: ({ ktoPlan }, settings) => ktoPlan(settings),
  },
  bco: {
    about: "the same by BCO, whose shift is the mean of all rewards so far",
    data: "rated",
    takes: [],
    plan: ({ bcoPlan }, settings) => bcoPlan(settings),
  },
  "mede2-stage1": {
    about: "MedE² Stage I (arXiv 2505.23118) for Qwen2.5-VL and InternVL3, by LoRA or in full",
    data: "demonstrations",
    takes: paper,
    plan: ({ medE2Stage1Plan }, settings) => medE2Stage1Plan(settings),
  },
  "mede2-stage2": {
    about: "MedE² Stage II: DPO from Stage I, which is the reference",
    data: "pairs",
    takes: [...paper, "adapter"],
    plan: ({ medE2Stage2Plan }, settings) => medE2Stage2Plan(settings),
  },
  "medvlthinker-sft": {
    about: "MedVLThinker's text-only fine-tuning (arXiv 2508.02669), in full",
    data: "demonstrations",
    takes: ["engine", "processes"],
    plan: ({ medVlThinkerPlan }, settings) => medVlThinkerPlan(settings),
  },
  "m1-sft": {
    about: "m1's fine-tuning of a language model on long chains (arXiv 2504.00869), in full",
    data: "demonstrations",
    takes: ["engine", "processes"],
    plan: ({ m1Plan }, settings) => m1Plan(settings),
  },
};

export const recipeNames = Object.keys(recipes);
export const recipeNamed = (name: string): Recipe | undefined =>
  Object.hasOwn(recipes, name) ? recipes[name] : undefined;
