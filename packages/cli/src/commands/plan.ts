import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, relative } from "node:path";
import type { DeviceName, EngineName, Plan, TrainingPlan } from "@mede2/schemas";
import { type Command, Option } from "commander";
import {
  addCommand,
  type CommonOptions,
  type Context,
  collect,
  parse,
  pathOf,
  say,
  workspaceFolder,
} from "../command.ts";
import { CliError, exitCodes } from "../exit.ts";
import { bytes } from "../numbers.ts";
import { type Recipe, recipeNamed, recipeNames, recipes } from "../plan-recipes.ts";
import { duration } from "../progress.ts";
import { printFields, printTable } from "../table.ts";

type PlanOptions = CommonOptions & {
  readonly model?: string;
  readonly data?: string;
  readonly out?: string;
  readonly set: readonly string[];
  readonly epochs?: number;
  readonly steps?: number;
  readonly learningRate?: number;
  readonly seed?: number;
  readonly threads?: number;
  readonly device?: DeviceName;
  readonly method?: "lora" | "qlora" | "full";
  readonly engine?: EngineName;
  readonly processes?: number;
  readonly adapter?: string;
  readonly time: boolean;
  readonly trialSeconds: number;
  readonly preflight?: true;
};

const devices: readonly DeviceName[] = ["cpu", "cuda", "webgpu"];
const engines: readonly EngineName[] = ["embedded", "ms-swift", "llama-factory", "trl"];

export function addPlan(program: Command, context: Context): void {
  addCommand(program, "plan", "list recipes; make a plan from one; check a plan and estimate what it needs", [
    "mede2 plan",
    "mede2 plan demo-stage1 --model models/tiny --data data/stage1.demonstrations.jsonl --out stage1.plan.json",
    "mede2 plan demo-stage2 --model models/stage1 --data data/stage2.pairs.jsonl --set loss.beta=0.2 --out stage2.plan.json",
    "mede2 plan stage1.plan.json",
    "mede2 plan stage2.plan.json --preflight",
  ])
    .argument("[name-or-file]", "a recipe, or a *.plan.json; without it the recipes are listed")
    .option("--model <dir>", "of a recipe: folder of the model to begin with")
    .option("--data <file>", "of a recipe: file to learn from")
    .option("--out <file>", "plan to write (default: it is only checked)")
    .option(
      "--set <field=value>",
      "change a field of the plan, such as schedule.epochs=2; may be given several times",
      collect,
      [],
    )
    .option(
      "--epochs <n>",
      "how often the data is gone through (default: as the recipe says)",
      parse.aboveZero,
    )
    .option("--steps <n>", "end after so many steps instead", parse.positive)
    .option("--learning-rate <x>", "highest learning rate; the lowest goes along", parse.aboveZero)
    .option("--seed <n>", "seed (default of a recipe: 1)", parse.count)
    .option("--threads <n>", "threads (default of a recipe: the processors, 8 at most)", parse.positive)
    .addOption(new Option("--device <name>", "what computes").choices(devices))
    .addOption(
      new Option(
        "--method <name>",
        "of a paper's recipe: adapter, adapter on a base in four bits, or all of the decoder",
      ).choices(["lora", "qlora", "full"]),
    )
    .addOption(new Option("--engine <name>", "of a paper's recipe: what carries it out").choices(engines))
    .option("--processes <n>", "of a paper's recipe: processes that share a step", parse.positive)
    .option("--adapter <dir>", "of mede2-stage2: the adapter that Stage I left")
    .option("--preflight", "look at every row, picture and weight header, and report what must be mended")
    .option("--no-time", "leave out the estimate of time, for which a few steps are trained")
    .option("--trial-seconds <n>", "give up those steps after so long", parse.positive, 120)
    .action((named: string | undefined, options: PlanOptions) => plan(named, options, context));
}

async function plan(named: string | undefined, options: PlanOptions, context: Context): Promise<void> {
  if (named === undefined) return listRecipes(options, context);
  const recipe = recipeNamed(named);
  if (recipe === undefined) refuseForFile(named, options, context);
  else refuseForRecipe(named, recipe, options);
  const workspace = workspaceFolder(context, options);
  const [{ checkPlan }, { estimatePlan }, { estimateOutside }, schemas] = await Promise.all([
    import("../plan-check.ts"),
    import("../plan-estimate.ts"),
    import("../plan-outside.ts"),
    import("@mede2/schemas"),
  ]);
  const { planSchema, writeFileAtomic, isTrainingPlan, planHash } = schemas;
  const begun: Plan =
    recipe === undefined
      ? await schemas.readRecord(pathOf(context, named), planSchema)
      : await fromRecipe(named, recipe, workspace, options, context);
  const made = await changed(begun, named, options);
  if (options.preflight === true && isTrainingPlan(made)) {
    const [{ engineOf }, { engineContext }, { preflightReply }] = await Promise.all([
      import("@mede2/engines"),
      import("../engine-context.ts"),
      import("../preflight-reply.ts"),
    ]);
    const around = engineContext(made, workspace, undefined, context.io.env);
    return say(
      context,
      options,
      await preflightReply(await engineOf(made.engine).preflight(made, around), named),
    );
  }
  const checked = await checkPlan(made, workspace, { records: true });
  const { findings, shapes } = checked;
  const { estimate, notes } =
    checked.valid && isTrainingPlan(made)
      ? shapes === undefined
        ? await estimateOutside(made, workspace, context)
        : await estimatePlan(made, shapes, workspace, options, context)
      : { estimate: undefined, notes: [] };
  const told = new Set(findings.map(({ message }) => message));
  const all = [...findings, ...notes.filter(({ message }) => !told.has(message))];
  const valid = !all.some(({ level }) => level === "error");
  const out = options.out;
  if (out !== undefined && valid)
    await writeFileAtomic(pathOf(context, out), `${JSON.stringify(made, null, 2)}\n`);
  say(context, options, {
    json: {
      ...{ valid, findings: all },
      ...(estimate === undefined ? {} : { estimate }),
      ...{ planHash: planHash(made), plan: made },
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
      for (const { level, message } of all)
        output.line({ text: `${level}: `, style: level === "error" ? "red" : "yellow" }, message);
    },
  });
}

/** What is neither recipe nor file, and options that only the making of a plan can honour. */
function refuseForFile(named: string, options: PlanOptions, context: Context): void {
  const names = recipeNames.join(", ");
  if (!existsSync(pathOf(context, named)))
    throw new CliError(
      "no-plan",
      `${named} is no recipe, and there is no such file`,
      `name a *.plan.json or one of the recipes ${names}`,
    );
  const given = (["model", "data", "method", "engine", "processes", "adapter"] as const).find(
    (key) => options[key] !== undefined,
  );
  if (given !== undefined)
    throw new CliError(
      "usage",
      `--${given} belongs to a recipe, and ${named} is a plan already`,
      `change it with --set, or name one of the recipes ${names}`,
    );
}

function refuseForRecipe(named: string, { takes }: Recipe, options: PlanOptions): void {
  const given = (["method", "engine", "processes", "adapter"] as const).find(
    (key) => options[key] !== undefined && !takes.includes(key),
  );
  if (given !== undefined)
    throw new CliError(
      "usage",
      `the recipe ${named} does not take --${given}`,
      "leave it out, or change the field with --set",
    );
}

/** The recipes, and the files that each learns from. */
export const recipeRows = (): { name: string; about: string; data: string }[] =>
  Object.entries(recipes).map(([name, { about, data }]) => ({ name, about, data: `*.${data}.jsonl` }));

function listRecipes(options: PlanOptions, context: Context): void {
  const rows = recipeRows();
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
  name: string,
  recipe: Recipe,
  workspace: string,
  options: PlanOptions,
  context: Context,
): Promise<TrainingPlan> {
  const { model, data, seed = 1, threads = Math.min(8, availableParallelism()) } = options;
  if (model === undefined || data === undefined)
    throw new CliError("usage", `the recipe ${name} needs --model and --data`, `see mede2 plan --help`);
  const [made, { loadProcessor }, { sha256Hex }] = await Promise.all([
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
  const { method, engine, processes, adapter } = options;
  return recipe.plan(made, {
    ...{ workspace, model: folder, seed, threads, processor: await loadProcessor(folder) },
    ...(method === undefined ? {} : { method }),
    ...(engine === undefined ? {} : { engine }),
    ...(processes === undefined ? {} : { processes }),
    ...(adapter === undefined ? {} : { adapter: pathOf(context, adapter) }),
    data: { path: inside, sha256: sha256Hex(bytesOfFile) },
  });
}

/** The plan with what the command line asks for; whether that can be honoured is for the check to say. */
async function changed(plan: Plan, named: string, options: PlanOptions): Promise<Plan> {
  const [{ setFields }, { isTrainingPlan, jsonSchemas, parseRecord, planSchema }] = await Promise.all([
    import("../set-field.ts"),
    import("@mede2/schemas"),
  ]);
  const { epochs, steps, learningRate, seed, threads, device } = options;
  if (epochs !== undefined && steps !== undefined)
    throw new CliError("usage", "--epochs and --steps exclude each other", "give one of them");
  const training = [epochs, steps, learningRate].some((each) => each !== undefined);
  if (training && !isTrainingPlan(plan))
    throw new CliError("usage", `a plan of kind ${plan.kind} has no schedule`, "leave the option out");
  const lowest =
    isTrainingPlan(plan) && plan.schedule.minLearningRate !== undefined
      ? plan.schedule.minLearningRate / plan.schedule.learningRate
      : undefined;
  const wished = [
    ...(epochs === undefined ? [] : ["schedule.steps=", `schedule.epochs=${epochs}`]),
    ...(steps === undefined ? [] : ["schedule.epochs=", `schedule.steps=${steps}`]),
    ...(learningRate === undefined ? [] : [`schedule.learningRate=${learningRate}`]),
    ...(learningRate === undefined || lowest === undefined
      ? []
      : [`schedule.minLearningRate=${learningRate * lowest}`]),
    ...(seed === undefined ? [] : [`seed=${seed}`]),
    ...(threads === undefined ? [] : [`threads=${threads}`]),
    ...(device === undefined ? [] : [`device=${device}`]),
    ...options.set,
  ];
  if (wished.length === 0) return plan;
  return parseRecord(planSchema, setFields(plan, wished, jsonSchemas().plan), {
    file: `${named} with ${wished.join(" ")}`,
  });
}
