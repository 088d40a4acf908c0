import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, relative } from "node:path";
import type { Plan, TrainingPlan } from "@mede2/schemas";
import type { Command } from "commander";
import {
  addCommand,
  type CommonOptions,
  type Context,
  parse,
  pathOf,
  say,
  workspaceFolder,
} from "../command.ts";
import { CliError, exitCodes } from "../exit.ts";
import { bytes } from "../numbers.ts";
import { duration } from "../progress.ts";
import { printFields, printTable } from "../table.ts";

type PlanOptions = CommonOptions & {
  readonly model?: string;
  readonly data?: string;
  readonly out?: string;
  readonly epochs: number;
  readonly seed: number;
  readonly threads: number;
  readonly time: boolean;
};

const recipes = {
  "demo-stage1": {
    about: "Stage I: supervised fine-tuning on text-only demonstrations",
    data: "demonstrations",
  },
  "demo-stage2": { about: "Stage II: DPO with its likelihood term on preference pairs", data: "pairs" },
} as const;
type RecipeName = keyof typeof recipes;
const isRecipe = (name: string): name is RecipeName => Object.hasOwn(recipes, name);

export function addPlan(program: Command, context: Context): void {
  addCommand(program, "plan", "list recipes; make a plan from one; check a plan and estimate what it needs", [
    "mede2 plan",
    "mede2 plan demo-stage1 --model models/tiny --data data/stage1.demonstrations.jsonl --out stage1.plan.json",
    "mede2 plan stage1.plan.json",
  ])
    .argument("[name-or-file]", "a recipe, or a *.plan.json; without it the recipes are listed")
    .option("--model <dir>", "of a recipe: folder of the model to begin with")
    .option("--data <file>", "of a recipe: file to learn from")
    .option("--out <file>", "of a recipe: plan to write (default: it is only checked)")
    .option("--epochs <n>", "of demo-stage1: how often the data is gone through", parse.positive, 3)
    .option("--seed <n>", "of a recipe", parse.count, 1)
    .option("--threads <n>", "of a recipe", parse.positive, Math.min(8, availableParallelism()))
    .option("--no-time", "leave out the estimate of time, for which a part of the data is computed")
    .action((named: string | undefined, options: PlanOptions) => plan(named, options, context));
}

async function plan(named: string | undefined, options: PlanOptions, context: Context): Promise<void> {
  if (named === undefined) return listRecipes(options, context);
  if (!isRecipe(named)) refuseForFile(named, options, context);
  const workspace = workspaceFolder(context, options);
  const [
    { checkPlan },
    { estimatePlan },
    { planSchema, readRecord, writeFileAtomic, isTrainingPlan, planHash },
  ] = await Promise.all([
    import("../plan-check.ts"),
    import("../plan-estimate.ts"),
    import("@mede2/schemas"),
  ]);
  const made: Plan = isRecipe(named)
    ? await fromRecipe(named, workspace, options, context)
    : await readRecord(pathOf(context, named), planSchema);
  const { valid, findings } = await checkPlan(made, workspace);
  const estimate =
    valid && isTrainingPlan(made) ? await estimatePlan(made, workspace, options.time, context) : undefined;
  const out = options.out;
  if (out !== undefined && valid)
    await writeFileAtomic(pathOf(context, out), `${JSON.stringify(made, null, 2)}\n`);
  say(context, options, {
    json: {
      valid,
      findings,
      ...(estimate === undefined ? {} : { estimate }),
      planHash: planHash(made),
      plan: made,
    },
    exit: valid ? exitCodes.done : exitCodes.badInput,
    print: (output) => {
      printFields(output, [
        ["plan", `${made.kind}, ${made.recipe}${out === undefined || !valid ? "" : `, written to ${out}`}`],
        ["valid", valid ? { text: "yes", style: "green" } : { text: "no", style: "red" }],
        ...(estimate === undefined
          ? []
          : ([
              ["steps", String(estimate.steps)],
              [
                "time",
                estimate.seconds === undefined ? "not measured" : `about ${duration(estimate.seconds)}`,
              ],
              ["memory", `about ${bytes(estimate.memoryBytes)}`],
              ["disk", `about ${bytes(estimate.diskBytes)}`],
            ] as const)),
      ]);
      for (const { level, message } of findings)
        output.line({ text: `${level}: `, style: level === "error" ? "red" : "yellow" }, message);
    },
  });
}

/** What is neither recipe nor file, and options that a plan that is made already cannot honour. */
function refuseForFile(named: string, options: PlanOptions, context: Context): void {
  const names = Object.keys(recipes).join(", ");
  if (!existsSync(pathOf(context, named)))
    throw new CliError(
      "no-plan",
      `${named} is no recipe, and there is no such file`,
      `name a *.plan.json or one of the recipes ${names}`,
    );
  const given = (["model", "data", "out"] as const).find((key) => options[key] !== undefined);
  if (given !== undefined)
    throw new CliError(
      "usage",
      `--${given} belongs to a recipe, and ${named} is a plan already`,
      `leave it out, or name one of the recipes ${names}`,
    );
}

function listRecipes(options: PlanOptions, context: Context): void {
  const rows = Object.entries(recipes).map(([name, { about, data }]) => ({
    name,
    about,
    data: `*.${data}.jsonl`,
  }));
  say(context, options, {
    json: { recipes: rows },
    print: (output) =>
      printTable(
        output,
        [{ title: "recipe" }, { title: "data" }, { title: "" }],
        rows.map(({ name, data, about }) => [name, data, about]),
      ),
  });
}

async function fromRecipe(
  name: RecipeName,
  workspace: string,
  options: PlanOptions,
  context: Context,
): Promise<TrainingPlan> {
  const { model, data, seed, threads, epochs } = options;
  if (model === undefined || data === undefined)
    throw new CliError("usage", `the recipe ${name} needs --model and --data`, `see mede2 plan --help`);
  const [{ stage1Plan, stage2Plan }, { loadProcessor }, { sha256Hex }] = await Promise.all([
    import("@mede2/recipes"),
    import("@mede2/nn"),
    import("@mede2/schemas"),
  ]);
  const [folder, file] = [pathOf(context, model), pathOf(context, data)];
  if (!existsSync(folder))
    throw new CliError("no-model", `${model}: there is no such folder`, "check the path");
  const bytesOfFile = await readFile(file);
  const inside = relative(workspace, file);
  if (inside.startsWith("..") || basename(inside) === "")
    throw new CliError(
      "outside",
      `${data} lies outside the workspace ${workspace}`,
      "name the workspace that it lies in with --workspace",
    );
  const settings = {
    ...{ workspace, model: folder, seed, threads, processor: await loadProcessor(folder) },
    data: { path: inside, sha256: sha256Hex(bytesOfFile) },
  };
  return name === "demo-stage1" ? stage1Plan(settings, epochs) : stage2Plan(settings);
}
