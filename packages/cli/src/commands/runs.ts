import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { addCommand, type CommonOptions, type Context, pathOf, say, workspaceFolder } from "../command.ts";
import { dim, type Output } from "../output.ts";
import { type RunSummary, statusPiece } from "../run-summary.ts";
import { printTable } from "../table.ts";

export function addRuns(program: Command, context: Context): void {
  const runs = addCommand(program, "runs", "list the runs of a workspace with their status", [
    "mede2 runs",
    "mede2 runs demo --json",
    "mede2 runs export runs/stage2 --format tensorboard --out board/stage2",
  ])
    .argument("[dir]", "the workspace (default: as --workspace)")
    .action((dir: string | undefined, options: CommonOptions) => listAll(dir, options, context));
  // --json behind "export" belongs to it
  runs.enablePositionalOptions();
  addCommand(
    runs,
    "export",
    "write the curves of a run, or of a training by ms-swift, LLaMA-Factory or TRL, for other programs",
    [
      "mede2 runs export runs/stage2 --out stage2.csv",
      "mede2 runs export runs/stage2 --format parquet --out stage2.parquet",
      "mede2 runs export runs/stage2 --format tensorboard --out board/stage2",
    ],
  )
    .argument("<run>", "the run: its folder, its id, or an output folder of another program")
    .addOption(new Option("--format <name>", "what is written").choices(formats).default("csv"))
    .addOption(
      new Option("--rows <what>", "of csv and parquet: one row a step, or one a result")
        .choices(rows)
        .default("steps"),
    )
    .requiredOption("--out <path>", "the file, or for tensorboard the folder")
    .action((run: string, options: ExportOptions) => exportRun(run, options, context));
}

const formats = ["csv", "parquet", "tensorboard"] as const;
const rows = ["steps", "evaluations"] as const;
type ExportOptions = CommonOptions & {
  readonly format: (typeof formats)[number];
  readonly rows: (typeof rows)[number];
  readonly out: string;
};

async function exportRun(named: string, options: ExportOptions, context: Context): Promise<void> {
  const [{ exportCsv, exportParquet, exportTensorBoard, findForeignLog }, { findRun }] = await Promise.all([
    import("@mede2/runs"),
    import("../find-run.ts"),
  ]);
  const folder = pathOf(context, named);
  const foreign = existsSync(join(folder, "run.json")) ? undefined : await findForeignLog(folder);
  const dir =
    foreign === undefined ? await findRun(named, workspaceFolder(context, options), context.io.cwd) : folder;
  const out = pathOf(context, options.out);
  const { path, written } =
    options.format === "tensorboard"
      ? await exportTensorBoard(dir, out).then(({ file, points }) => ({ path: file, written: points }))
      : {
          path: out,
          written: await (options.format === "csv" ? exportCsv : exportParquet)(dir, out, options.rows),
        };
  say(context, options, {
    json: { path, written },
    print: (output) =>
      output.line(`${written} ${options.format === "tensorboard" ? "points" : "rows"} in ${path}`),
  });
}

async function listAll(dir: string | undefined, options: CommonOptions, context: Context): Promise<void> {
  const { readSummaries } = await import("../read-summaries.ts");
  const workspace = dir === undefined ? workspaceFolder(context, options) : pathOf(context, dir);
  const runs = await readSummaries(workspace);
  say(context, options, { json: { runs }, print: (output) => printRuns(output, runs, workspace) });
}

export function printRuns(output: Output, runs: readonly RunSummary[], workspace: string): void {
  if (runs.length === 0) {
    output.line(`no runs in ${workspace}`);
    return;
  }
  printTable(
    output,
    [
      ...[{ title: "run" }, { title: "kind" }, { title: "recipe" }, { title: "status" }],
      ...[{ title: "step", right: true }, { title: "loss", right: true }, { title: "begun" }],
    ],
    runs.map(({ id, kind, recipe, status, step, steps, loss, createdAt }) => [
      ...[
        id,
        kind,
        recipe ?? "",
        statusPiece(status),
        steps === undefined ? String(step) : `${step}/${steps}`,
      ],
      ...[loss === undefined ? "" : loss.toFixed(4), dim((createdAt ?? "").slice(0, 16).replace("T", " "))],
    ]),
  );
  for (const { id, reason, alarms } of runs) {
    if (reason !== undefined) output.line({ text: `${id}: `, style: "red" }, reason);
    for (const { message, level, next } of alarms)
      output.line({ text: `${id}: `, style: level === "error" ? "red" : "yellow" }, `${message}; ${next}`);
  }
}
