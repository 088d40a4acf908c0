import type { Command } from "commander";
import { addCommand, type CommonOptions, type Context, pathOf, say, workspaceFolder } from "../command.ts";
import { dim, type Output } from "../output.ts";
import { type RunSummary, statusPiece } from "../run-summary.ts";
import { printTable } from "../table.ts";

export function addRuns(program: Command, context: Context): void {
  addCommand(program, "runs", "list the runs of a workspace with their status", [
    "mede2 runs",
    "mede2 runs demo --json",
  ])
    .argument("[dir]", "the workspace (default: as --workspace)")
    .action((dir: string | undefined, options: CommonOptions) => listAll(dir, options, context));
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
