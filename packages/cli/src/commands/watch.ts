import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RunView } from "@mede2/runs";
import type { Command } from "commander";
import { addCommand, type CommonOptions, type Context, pathOf, say, workspaceFolder } from "../command.ts";
import { CliError } from "../exit.ts";
import { bytes, short } from "../numbers.ts";
import { bold, dim, type Output, type Piece } from "../output.ts";
import { duration } from "../progress.ts";
import { plannedSteps, type RunSummary, statusPiece } from "../run-summary.ts";
import { sparkline } from "../sparkline.ts";
import { printFields } from "../table.ts";
import { printRuns } from "./runs.ts";

type WatchOptions = CommonOptions & { readonly once?: true };

export function addWatch(program: Command, context: Context): void {
  addCommand(program, "watch", "show a run, or the runs of a workspace, on one screen", [
    "mede2 watch runs/stage1 --once",
    "mede2 watch . --once --json",
  ])
    .argument("[dir]", "a run (folder or id), or a workspace (default: as --workspace)")
    .option("--once", "show it once, as plain text, and end")
    .action((dir: string | undefined, options: WatchOptions) => watch(dir, options, context));
}

async function watch(named: string | undefined, options: WatchOptions, context: Context): Promise<void> {
  if (options.once !== true)
    throw new CliError("usage", "this version shows a run once and does not follow it", "add --once");
  const workspace = workspaceFolder(context, options);
  const folder = named === undefined ? workspace : pathOf(context, named);
  if (existsSync(join(folder, "runs")) || (named === undefined && !existsSync(join(folder, "run.json")))) {
    const { readSummaries } = await import("../read-summaries.ts");
    const runs = await readSummaries(folder);
    say(context, options, { json: { runs }, print: (output) => printRuns(output, runs, folder) });
    return;
  }
  const [{ findRun }, { readRun }, { summaryOf }] = await Promise.all([
    import("../find-run.ts"),
    import("@mede2/runs"),
    import("../read-summaries.ts"),
  ]);
  const view = await readRun(await findRun(named ?? folder, workspace, context.io.cwd));
  const summary = summaryOf(view);
  say(context, options, {
    json: { runs: [summary] },
    print: (output) => printRun(output, view, summary, context.io.clock()),
  });
}

function printRun(output: Output, view: RunView, summary: RunSummary, now: number): void {
  const { manifest, state } = view;
  output.line(
    bold(summary.id),
    "  ",
    `${summary.kind}, ${summary.recipe}`,
    "  ",
    statusPiece(summary.status),
  );
  const steps = plannedSteps(state, manifest.plan);
  const fields: [string, Piece][] = [];
  const field = (name: string, value: Piece | undefined) => {
    if (value !== undefined) fields.push([name, value]);
  };
  field("step", steps === undefined ? String(state.step) : `${state.step} of ${steps}`);
  field("loss", lossText(state.losses));
  field(
    "",
    state.curve.points.length > 1
      ? sparkline(
          state.curve.points.map(({ loss }) => loss),
          48,
        )
      : undefined,
  );
  const { latest, totals } = state;
  if (latest?.rewards?.accuracy !== undefined)
    field(
      "rewards",
      `accuracy ${short(latest.rewards.accuracy)}, margin ${short(latest.rewards.margin ?? 0)}`,
    );
  if (latest?.learningRate !== undefined) field("learning rate", String(latest.learningRate));
  if (totals.seconds > 0) {
    field("speed", `${Math.round(totals.tokens / totals.seconds)} tokens/s`);
    const mean = totals.seconds / Math.max(1, state.step);
    if (summary.status === "running" && steps !== undefined)
      field("left", duration(mean * (steps - state.step)));
  }
  if (state.peakMemoryBytes !== null) field("memory", bytes(state.peakMemoryBytes));
  for (const { task, step, metrics } of Object.values(state.evaluations))
    field(
      task,
      `${Object.entries(metrics)
        .map(([name, value]) => `${name} ${short(value)}`)
        .join(", ")} (step ${step})`,
    );
  const saved = state.checkpoints.at(-1);
  if (saved !== undefined) field("checkpoint", `${saved.path} (${bytes(saved.bytes)})`);
  if (state.updatedAt !== null)
    field("last event", `${duration((now - Date.parse(state.updatedAt)) / 1000)} ago`);
  printFields(output, fields);
  if (state.failure !== null)
    output.line({ text: "failed: ", style: "red" }, `${state.failure.message}; ${state.failure.next}`);
  for (const { message, next, level } of view.alarms)
    output.line({ text: `${level}: `, style: level === "error" ? "red" : "yellow" }, `${message}; ${next}`);
  for (const { message } of state.warnings.slice(-3))
    output.line({ text: "warning: ", style: "yellow" }, message);
  if (view.bad.length > 0) output.line(dim(`${view.bad.length} lines of events.jsonl cannot be read`));
}

function lossText({ first, last, lowest }: RunView["state"]["losses"]): string | undefined {
  if (first === null || last === null) return undefined;
  return `${short(last)} (first ${short(first)}${lowest === null ? "" : `, lowest ${short(lowest)}`})`;
}
