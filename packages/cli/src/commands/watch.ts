import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { RunView } from "@mede2/runs";
import { Argument, type Command, Option } from "commander";
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
import { bytes, short } from "../numbers.ts";
import { bold, dim, type Output, type Piece } from "../output.ts";
import { duration } from "../progress.ts";
import { type RunSummary, statusPiece } from "../run-summary.ts";
import { sparkline } from "../sparkline.ts";
import { printFields } from "../table.ts";
import { nameOfUser } from "../user-name.ts";
import { printRuns } from "./runs.ts";

type WatchOptions = CommonOptions & {
  readonly once?: true;
  readonly check?: true;
  readonly replay?: number | true;
  readonly theme?: string;
  readonly background?: string;
  readonly ascii?: true;
  readonly screenReader?: true;
  readonly mouse?: true;
  readonly inline?: true;
  readonly fps: number;
  readonly pictures?: string;
};

// as @mede2/tui names them; loading it for the help of every command would take too long
const themes = ["default", "colour-blind", "high-contrast", "mono"] as const;
const backgrounds = ["dark", "light"] as const;
const pictures = ["auto", "kitty", "blocks"] as const;

export function addWatch(program: Command, context: Context): void {
  addCommand(program, "watch", "watch and steer runs in the terminal, and read their traces", [
    "mede2 watch",
    "mede2 watch runs/stage2",
    "mede2 watch runs/stage1 --once --check",
    "mede2 watch runs/stage2 --replay 10",
  ])
    .addArgument(
      new Argument(
        "[dir]",
        "a run (folder, id, or a training of ms-swift, LLaMA-Factory or TRL), or a workspace",
      ),
    )
    .option("--once", "show it once, as plain text, and end")
    .option("--check", "with --once: return 1 when a run has failed, is lost, or has an alarm of level error")
    .option("--replay [speed]", "show a run once more, so many times as fast (default: 10)", parse.aboveZero)
    .addOption(new Option("--theme <name>", "colours").choices(themes).default("default"))
    .addOption(
      new Option("--background <kind>", "of the terminal (default: as COLORFGBG says, else dark)").choices(
        backgrounds,
      ),
    )
    .addOption(
      new Option("--pictures <how>", "as pixels by kitty's protocol, or as half blocks")
        .choices(pictures)
        .default("auto"),
    )
    .option("--ascii", "draw with ASCII only (default: as the locale says)")
    .option("--screen-reader", "sentences instead of pictures, nothing is drawn over")
    .option("--mouse", "scroll with the wheel; selecting text then needs the shift key")
    .option("--inline", "draw into the normal screen instead of one of its own")
    .option("--fps <n>", "look at the files so often a second", parse.aboveZero, 2)
    .action((dir: string | undefined, options: WatchOptions) => watch(dir, options, context));
}

/** What is watched: a run in its workspace, or a workspace. */
type Target = { readonly workspace: string; readonly run: string | undefined };

async function targetOf(named: string | undefined, options: WatchOptions, context: Context): Promise<Target> {
  const workspace = workspaceFolder(context, options);
  const folder = named === undefined ? workspace : pathOf(context, named);
  const isRun = existsSync(join(folder, "run.json"));
  if (!isRun && existsSync(join(folder, "runs"))) return { workspace: folder, run: undefined };
  if (!isRun && named === undefined) return { workspace, run: undefined };
  const { findForeignLog } = await import("@mede2/runs");
  if (!isRun && (await findForeignLog(folder)) !== undefined) return { workspace, run: folder };
  const { findRun } = await import("../find-run.ts");
  const run = await findRun(named ?? folder, workspace, context.io.cwd).catch((error: unknown) => {
    // a folder that is no run and has none yet is a workspace without runs
    if ((error as CliError).code === "run-not-found" && isFolder(folder)) return undefined;
    throw error;
  });
  if (run === undefined) return { workspace: folder, run };
  // a run in its place says where its workspace is
  const above = join(run, "..", "..");
  return {
    workspace:
      options.workspace === undefined && run === join(above, "runs", run.split("/").at(-1) ?? "")
        ? above
        : workspace,
    run,
  };
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

async function watch(named: string | undefined, options: WatchOptions, context: Context): Promise<void> {
  const { io } = context;
  const target = await targetOf(named, options, context);
  const onTerminal = io.stdout.isTTY === true && process.stdin.isTTY === true && io.env.TERM !== "dumb";
  if (options.replay !== undefined && (options.once === true || options.json === true || !onTerminal))
    throw new CliError(
      "usage",
      "--replay is shown on a terminal, without --once and --json",
      "leave it out, or run it on a terminal",
    );
  if (options.once === true) return once(target, options, context);
  if (options.check === true)
    throw new CliError("usage", "--check belongs to --once", "write mede2 watch RUN --once --check");
  if (options.replay !== undefined && target.run === undefined)
    throw new CliError("usage", "--replay shows one run", "name the run");
  if (options.json === true || !onTerminal) {
    const { followPlainly } = await import("../follow-plainly.ts");
    return followPlainly(target, options, context);
  }
  const [{ watch: show }, { launcherOf }] = await Promise.all([
    import("@mede2/tui"),
    import("../launcher.ts"),
  ]);
  const stopped = new AbortController();
  // the viewer ends as other commands do: by the first signal
  io.stop.addEventListener("abort", () => stopped.abort(), { once: true });
  await show(
    {
      ...{ workspace: target.workspace, run: target.run, user: nameOfUser(), launcher: launcherOf(io.env) },
      ...{ framesPerSecond: options.fps, mouse: options.mouse === true, inline: options.inline === true },
      replaySpeed: options.replay === undefined ? undefined : options.replay === true ? 10 : options.replay,
      look: {
        theme: options.theme as (typeof themes)[number],
        background: options.background as (typeof backgrounds)[number] | undefined,
        pictures: options.pictures as (typeof pictures)[number],
        ascii: options.ascii,
        spoken: options.screenReader === true || io.env.INK_SCREEN_READER === "true",
      },
      signal: stopped.signal,
    },
    { stdin: process.stdin, stdout: process.stdout, env: io.env },
  );
  if (target.run !== undefined) await sayGoodbye(target, context);
}

/** What the run is doing stays on the normal screen when the viewer is closed. */
async function sayGoodbye({ run }: Target, context: Context): Promise<void> {
  const [{ trackRun }, { spokenRun }] = await Promise.all([import("@mede2/runs"), import("@mede2/tui")]);
  const view = await trackRun(run!).read();
  context.output.line(bold(view.id), `: ${spokenRun(view)}`);
}

async function once({ workspace, run }: Target, options: WatchOptions, context: Context): Promise<void> {
  const { readSummaries, summaryOf } = await import("../read-summaries.ts");
  if (run === undefined) {
    const runs = await readSummaries(workspace);
    say(context, options, {
      json: { runs },
      exit: exitOf(runs, options),
      print: (output) => printRuns(output, runs, workspace),
    });
    return;
  }
  if (!existsSync(join(run, "run.json"))) {
    const { followPlainly } = await import("../follow-plainly.ts");
    return followPlainly({ workspace, run }, { ...options, once: true }, context);
  }
  const { readRun } = await import("@mede2/runs");
  const view = await readRun(run);
  const summary = summaryOf(view);
  say(context, options, {
    json: { runs: [summary] },
    exit: exitOf([summary], options),
    print: (output) => printRun(output, view, summary, context.io.clock()),
  });
}

function exitOf(runs: readonly RunSummary[], { check }: WatchOptions) {
  const bad = ({ status, alarms }: RunSummary) =>
    ["failed", "lost", "unreadable"].includes(status) || alarms.some(({ level }) => level === "error");
  return check === true && runs.some(bad) ? exitCodes.failed : exitCodes.done;
}
function printRun(output: Output, view: RunView, summary: RunSummary, now: number): void {
  const { state } = view;
  output.line(
    bold(summary.id),
    "  ",
    `${summary.kind}, ${summary.recipe}`,
    "  ",
    statusPiece(summary.status),
  );
  const { steps } = summary;
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
