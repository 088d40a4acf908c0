import { existsSync } from "node:fs";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { bytesBelow } from "@mede2/runs";
import { type Command, Option } from "commander";
import {
  addCommand,
  type CommonOptions,
  type Context,
  collect,
  pathOf,
  say,
  workspaceFolder,
} from "../command.ts";
import { CliError } from "../exit.ts";
import type { CardFacts } from "../export/model-card.ts";
import { bytes } from "../numbers.ts";
import { printFields } from "../table.ts";

const dtypes = ["float32", "bfloat16", "float16"] as const;

type ExportOptions = CommonOptions & {
  readonly merge?: true;
  readonly adapter?: true;
  readonly checkpoint?: string;
  readonly dtype?: (typeof dtypes)[number];
  readonly eval: readonly string[];
  readonly licence?: string;
  readonly baseModel?: string;
  readonly name?: string;
};

export function addExport(program: Command, context: Context): void {
  addCommand(program, "export", "write a run's model or adapter as a folder for the Hub, with a model card", [
    "mede2 export runs/stage2 exported/stage2 --eval evaluations/stage2 --licence apache-2.0",
    "mede2 export runs/stage2 exported/merged --merge --dtype bfloat16",
  ])
    .argument("<run>", "the run: its folder, its id, or the beginning of its id")
    .argument("<dir>", "folder to write; it must not exist")
    .option("--merge", "of a run with LoRA: the adapter merged into its base, as one model")
    .option("--adapter", "of a run with LoRA: the adapter alone (the default)")
    .option(
      "--checkpoint <name>",
      "a checkpoint of the run, such as step-0000100 (default: the newest whole one)",
    )
    .addOption(new Option("--dtype <name>", "type of the weights (default: as they are)").choices(dtypes))
    .option(
      "--eval <dir>",
      "folder of an evaluation of this model, for the card; may be given several times",
      collect,
      [],
    )
    .option(
      "--licence <id>",
      "licence of the result, as the Hub names it (default: that of the base, if it says)",
    )
    .option("--base-model <id>", "the base's id on the Hub (default: what its folder says, else its name)")
    .option("--name <text>", "name of the model (default: that of the folder)")
    .action((run: string, dir: string, options: ExportOptions) => exportRun(run, dir, options, context));
}

async function exportRun(
  named: string,
  dir: string,
  options: ExportOptions,
  context: Context,
): Promise<void> {
  if (options.merge && options.adapter)
    throw new CliError("usage", "--merge and --adapter exclude each other", "give one of them");
  const out = pathOf(context, dir);
  if (existsSync(out))
    throw new CliError("exists", `${dir} exists already`, "name a new folder, or remove it");
  const [{ findRun }, { lineageOf }, { cardEvaluations }] = await Promise.all([
    import("../find-run.ts"),
    import("../export/run-lineage.ts"),
    import("../export/card-evaluation.ts"),
  ]);
  const workspace = workspaceFolder(context, options);
  const run = await findRun(named, workspace, context.io.cwd);
  const checkpoint = await checkpointOf(run, named, options.checkpoint);
  const isAdapter = existsSync(join(checkpoint, "adapter_config.json"));
  if (!isAdapter && (options.merge || options.adapter))
    throw new CliError(
      "no-adapter",
      `${named} trained the weights themselves: there is no adapter`,
      `leave --${options.merge ? "merge" : "adapter"} out`,
    );
  if (isAdapter && !options.merge && options.dtype !== undefined)
    throw new CliError(
      "usage",
      "an adapter is written as it is",
      "leave --dtype out, or merge it with --merge",
    );
  const lineage = await lineageOf(run, workspace);
  const evaluations = [];
  for (const folder of options.eval)
    evaluations.push(...(await cardEvaluations(pathOf(context, folder), folder)));
  const base = isAdapter ? await baseOfAdapter(checkpoint, run, workspace) : checkpoint;
  const asAdapter = isAdapter && options.merge !== true;
  if (asAdapter && options.baseModel === undefined && base !== lineage.base)
    throw new CliError(
      "base-unnamed",
      `the adapter belongs to ${base}, a checkpoint of a run, which nobody else has`,
      "export that run first and name the result with --base-model, or export one model with --merge",
    );
  const facts: CardFacts = {
    name: options.name ?? basename(out),
    form: asAdapter ? "adapter" : "model",
    ...{ base: options.baseModel ?? (await baseName(lineage.base)), lineage, evaluations },
    licence: options.licence ?? (await licenceOf(lineage.base)),
    ...(await formOf(base, asAdapter ? "float32" : options.dtype)),
    checkpoint: basename(checkpoint),
    version: (await import("../version.ts")).cliVersion(),
  };
  if (facts.form === "adapter") await writeAdapter(out, checkpoint, facts);
  else await writeModel(out, base, isAdapter ? checkpoint : undefined, facts, options);
  const written = await bytesBelow(out);
  say(context, options, {
    json: {
      ...{ path: out, bytes: written, form: facts.form, checkpoint },
      ...{ card: join(out, "README.md"), licence: facts.licence ?? "unknown" },
    },
    print: (output) => {
      printFields(output, [
        ["written", `${dir} (${bytes(written)}), ${facts.form === "adapter" ? "a PEFT adapter" : "a model"}`],
        ["from", facts.checkpoint],
        ["licence", facts.licence ?? "unknown: say it with --licence"],
      ]);
      if (evaluations.length === 0)
        output.line({ text: "note: ", style: "yellow" }, "the card has no evaluation; give one with --eval");
    },
  });
}

/** The checkpoint that was named, or the newest whole one. */
async function checkpointOf(run: string, named: string, wanted: string | undefined): Promise<string> {
  const { runPlaces } = await import("@mede2/runs");
  const folder = runPlaces.checkpoints(run);
  if (wanted !== undefined) {
    const path = join(folder, basename(wanted));
    if (existsSync(path)) return path;
    throw new CliError("no-checkpoint", `${named} has no checkpoint ${wanted}`, `see the folder ${folder}`);
  }
  const { newestCheckpoint } = await import("@mede2/trainer");
  const { found } = await newestCheckpoint(folder);
  if (found !== undefined) return found.folder;
  // another engine's checkpoints have no state of ours; the run's events name them
  const { readRun } = await import("@mede2/runs");
  const { state } = await readRun(run);
  const saved = state.checkpoints.map(({ path }) => join(run, path)).findLast((path) => existsSync(path));
  if (saved !== undefined && !existsSync(join(saved, "trainer"))) return saved;
  throw new CliError(
    "no-checkpoint",
    `${named} has no whole checkpoint`,
    "let it come to its next checkpoint, or ask for one with mede2 control RUN checkpoint",
  );
}

async function baseOfAdapter(checkpoint: string, run: string, workspace: string): Promise<string> {
  const [{ readRun }, { isTrainingPlan }, { resolve }] = await Promise.all([
    import("@mede2/runs"),
    import("@mede2/schemas"),
    import("node:path"),
  ]);
  const { plan } = (await readRun(run)).manifest;
  const { base_model_name_or_path: said } = JSON.parse(
    await readFile(join(checkpoint, "adapter_config.json"), "utf8"),
  ) as { base_model_name_or_path?: string };
  const places = [...(isTrainingPlan(plan) ? [resolve(workspace, plan.model)] : []), ...(said ? [said] : [])];
  const found = places.find((path) => existsSync(join(path, "config.json")));
  if (found !== undefined) return found;
  throw new CliError(
    "no-model",
    `the base of the adapter is not at ${places.join(" or ")}`,
    "put it back, or name the workspace that it lies in with --workspace",
  );
}

/** What the base is called: its id where its files tell one, else its folder. */
async function baseName(folder: string): Promise<string> {
  const text = await readFile(join(folder, "config.json"), "utf8").catch(() => "{}");
  const { _name_or_path: name } = JSON.parse(text) as { _name_or_path?: unknown };
  return typeof name === "string" && /^[\w.-]+\/[\w.-]+$/.test(name) ? name : basename(folder);
}

/** The licence that a base's own card states. */
async function licenceOf(folder: string): Promise<string | undefined> {
  const card = await readFile(join(folder, "README.md"), "utf8").catch(() => "");
  const front = /^---\r?\n([\s\S]*?)\r?\n---/.exec(card)?.[1] ?? "";
  return /^license:\s*["']?([\w.-]+)["']?\s*$/m.exec(front)?.[1];
}

async function formOf(
  base: string,
  dtype: ExportOptions["dtype"],
): Promise<Pick<CardFacts, "seesImages" | "dtype">> {
  const { readModelConfig } = await import("@mede2/nn");
  const file = join(base, "config.json");
  const config = readModelConfig(JSON.parse(await readFile(file, "utf8")), file);
  return { seesImages: "vision" in config, dtype: dtype ?? config.dtype };
}

async function writeModel(
  out: string,
  model: string,
  adapter: string | undefined,
  facts: CardFacts,
  { dtype }: ExportOptions,
): Promise<void> {
  const [{ writeMergedModel }, { modelCard }] = await Promise.all([
    import("@mede2/trainer"),
    import("../export/model-card.ts"),
  ]);
  await writeMergedModel(out, {
    ...{ model, files: { "README.md": modelCard(facts) } },
    ...(adapter === undefined ? {} : { adapter }),
    ...(dtype === undefined ? {} : { dtype }),
  });
}

async function writeAdapter(out: string, checkpoint: string, facts: CardFacts): Promise<void> {
  const [{ writeDirAtomic }, { modelCard }] = await Promise.all([
    import("@mede2/runs"),
    import("../export/model-card.ts"),
  ]);
  const weights = "adapter_model.safetensors";
  await writeDirAtomic(out, async (temporary) => {
    const config = JSON.parse(await readFile(join(checkpoint, "adapter_config.json"), "utf8")) as object;
    // where the base lay on the machine that trained is of no use to others
    const told = { ...config, base_model_name_or_path: facts.base };
    await writeFile(join(temporary, "adapter_config.json"), `${JSON.stringify(told, null, 2)}\n`);
    await copyFile(join(checkpoint, weights), join(temporary, weights));
    await writeFile(join(temporary, "README.md"), modelCard(facts));
  });
}
