import { existsSync } from "node:fs";
import { basename, join, relative } from "node:path";
import type { Preflight } from "@mede2/engines";
import type { Plan, TrainingPlan } from "@mede2/schemas";
import type { Command } from "commander";
import {
  addCommand,
  type CommonOptions,
  type Context,
  pathOf,
  type Reply,
  say,
  workspaceFolder,
} from "../command.ts";
import { CliError, exitCodes } from "../exit.ts";
import type { FollowedTraining } from "../follow-training.ts";
import { bytes, short } from "../numbers.ts";
import { statusPiece } from "../run-summary.ts";
import { printFields } from "../table.ts";

type TrainOptions = CommonOptions & {
  readonly out?: string;
  readonly resume?: string;
  readonly preflight?: true;
  readonly engineDir?: string;
  readonly launcher?: string;
  readonly target?: string;
};

export function addTrain(program: Command, context: Context): void {
  addCommand(program, "train", "run a training plan on its engine, or go on with a run", [
    "mede2 train stage1.plan.json --out runs/stage1",
    "mede2 train stage2.plan.json --preflight",
    "mede2 train stage2.plan.json --launcher slurm --target cluster.json",
    "mede2 train --resume runs/stage1",
  ])
    .argument("[plan]", "the plan, *.plan.json; its paths are relative to the workspace")
    .option("--out <run>", "folder of the new run (default: runs/<new id> in the workspace)")
    .option("--resume <run>", "go on with this run (folder or id) from its newest checkpoint")
    .option("--preflight", "check everything that can be known before, row by row, and start nothing")
    .option(
      "--engine-dir <dir>",
      "environment of an outside engine (default: MEDE2_ENGINE_DIR, else the one that our scripts make, else the PATH)",
    )
    .option("--launcher <name>", "local, slurm, ray or ssh (default: the plan's, else local)")
    .option("--target <file>", "settings of the launcher, a JSON file, in the place of the plan's")
    .action((plan: string | undefined, options: TrainOptions) => train(plan, options, context));
}

async function train(plan: string | undefined, options: TrainOptions, context: Context): Promise<void> {
  const workspace = workspaceFolder(context, options);
  if (options.resume !== undefined) {
    if ([plan, options.out, options.launcher, options.target].some((given) => given !== undefined))
      throw new CliError(
        "usage",
        "--resume goes on under the run's own plan, in its own folder, by its own launcher",
        "leave PLAN, --out, --launcher and --target away, or start a new run without --resume",
      );
    return resume(options.resume, workspace, options, context);
  }
  if (plan === undefined)
    throw new CliError("usage", "a plan is missing", "name a *.plan.json, or go on with --resume RUN");
  if (options.preflight === true) {
    const file = pathOf(context, plan);
    const { preflightReply } = await import("../preflight-reply.ts");
    return say(
      context,
      options,
      await preflightReply(
        await preflightOf(await readPlan(file, options, context), workspace, options, context),
        file,
      ),
    );
  }
  const dir = await newRun(pathOf(context, plan), workspace, options, context);
  await goOn(dir, workspace, options, context);
}

/** Checks the plan before anything is written, then makes the run folder. */
async function newRun(
  planFile: string,
  workspace: string,
  options: TrainOptions,
  context: Context,
): Promise<string> {
  const [{ createRun }, { checkPlan }, { codeVersion }] = await Promise.all([
    import("@mede2/runs"),
    import("../plan-check.ts"),
    import("../version.ts"),
  ]);
  const plan = await readPlan(planFile, options, context);
  const dir = options.out === undefined ? undefined : pathOf(context, options.out);
  if (dir !== undefined && existsSync(join(dir, "run.json")))
    throw new CliError(
      "run-exists",
      `${options.out} holds a run already`,
      `go on with it by mede2 train --resume ${options.out}, or choose another folder`,
    );
  const { findings: ofPlan, data } = await checkPlan(plan, workspace);
  // an hour on a cluster costs more than a look at every row
  const ofRows =
    plan.engine === "embedded" ? [] : (await preflightOf(plan, workspace, options, context)).findings;
  const known = new Set(ofPlan.map(({ message }) => message));
  const findings = [...ofPlan, ...ofRows.filter(({ message }) => !known.has(message))];
  const errors = findings.filter(({ level }) => level === "error");
  for (const { message, level } of findings)
    if (level === "warning") context.output.note({ text: "warning: ", style: "yellow" }, message);
  if (errors.length > 0)
    throw new CliError(
      "plan-invalid",
      `${planFile}: ${errors.map(({ message }) => message).join("; ")}`,
      `see mede2 plan ${basename(planFile)} for all findings`,
    );
  const run = await createRun({
    ...{ workspace, plan, data, code: await codeVersion(), argv: ["mede2", "train", basename(planFile)] },
    ...(dir === undefined ? {} : { dir, id: basename(dir) }),
  });
  return run.dir;
}

async function readPlan(file: string, options: TrainOptions, context: Context): Promise<TrainingPlan> {
  const [{ isTrainingPlan, planSchema, readRecord }, { launchedBy }] = await Promise.all([
    import("@mede2/schemas"),
    import("../launch-target.ts"),
  ]);
  const plan: Plan = await readRecord(file, planSchema);
  if (isTrainingPlan(plan)) return launchedBy(plan, options, (path) => pathOf(context, path));
  throw new CliError(
    "plan-kind",
    `${file}: a plan of kind ${plan.kind} does not train`,
    "hand in a plan of kind pretrain, sft or preference",
  );
}

async function preflightOf(
  plan: TrainingPlan,
  workspace: string,
  { engineDir }: TrainOptions,
  { io }: Context,
): Promise<Preflight> {
  const [{ engineOf }, { engineContext }] = await Promise.all([
    import("@mede2/engines"),
    import("../engine-context.ts"),
  ]);
  return engineOf(plan.engine).preflight(plan, engineContext(plan, workspace, engineDir, io.env));
}

async function resume(
  named: string,
  workspace: string,
  options: TrainOptions,
  context: Context,
): Promise<void> {
  const [{ findRun }, { readRun }] = await Promise.all([import("../find-run.ts"), import("@mede2/runs")]);
  const dir = await findRun(named, workspace, context.io.cwd);
  const { status, state } = await readRun(dir);
  if (status === "running" || status === "paused")
    throw new CliError(
      "run-in-progress",
      `${named} is ${status} already`,
      `see it with mede2 watch ${named} --once`,
      exitCodes.failed,
    );
  if (status !== "finished") return goOn(dir, workspace, options, context);
  const last = state.checkpoints.at(-1);
  const { totals, losses, step } = state;
  say(
    context,
    options,
    trainReply(dir, context, {
      ...{ status, steps: step, loss: losses },
      tokensPerSecond: totals.seconds === 0 ? undefined : totals.tokens / totals.seconds,
      peakMemoryBytes: state.peakMemoryBytes ?? undefined,
      checkpoint: last === undefined ? undefined : join(dir, last.path),
    }),
  );
}

async function goOn(dir: string, workspace: string, options: TrainOptions, context: Context): Promise<void> {
  const { followTraining } = await import("../follow-training.ts");
  const shown = relative(context.io.cwd, dir);
  const name = shown.startsWith("..") ? dir : shown;
  context.resumeHint = `go on with mede2 train --resume ${name}`;
  const { result, state }: FollowedTraining = await followTraining(
    dir,
    workspace,
    context,
    options.engineDir,
  );
  const { status, steps, tokensPerSecond, peakMemoryBytes, checkpoint } = result;
  const reply = trainReply(dir, context, {
    ...{ status, steps, loss: state.losses, checkpoint: checkpoint || undefined },
    tokensPerSecond: tokensPerSecond > 0 ? tokensPerSecond : undefined,
    peakMemoryBytes: Math.max(peakMemoryBytes, state.peakMemoryBytes ?? 0),
  });
  if (status === "stopped") context.output.note(`stopped at step ${steps}; ${context.resumeHint}.`);
  say(context, options, reply);
}

type Outcome = {
  readonly status: "finished" | "stopped";
  readonly steps: number;
  readonly loss: { readonly first: number | null; readonly last: number | null };
  readonly tokensPerSecond: number | undefined;
  readonly peakMemoryBytes: number | undefined;
  readonly checkpoint: string | undefined;
};

function trainReply(dir: string, { io }: Context, outcome: Outcome): Reply {
  const { status, steps, loss, tokensPerSecond, peakMemoryBytes, checkpoint } = outcome;
  const shown = (path: string) => {
    const here = relative(io.cwd, path);
    return here.startsWith("..") ? path : here;
  };
  return {
    json: {
      ...{ run: dir, id: basename(dir), status, steps },
      loss: {
        ...(loss.first === null ? {} : { first: loss.first }),
        ...(loss.last === null ? {} : { last: loss.last }),
      },
      ...(tokensPerSecond === undefined ? {} : { tokensPerSecond }),
      ...(peakMemoryBytes === undefined ? {} : { peakMemoryBytes }),
      ...(checkpoint === undefined ? {} : { checkpoint }),
    },
    exit: status === "finished" ? exitCodes.done : exitCodes.stopped,
    print: (output) =>
      printFields(output, [
        ["run", shown(dir)],
        ["status", statusPiece(status)],
        ["steps", String(steps)],
        [
          "loss",
          `${loss.first === null ? "–" : short(loss.first)} → ${loss.last === null ? "–" : short(loss.last)}`,
        ],
        ["speed", tokensPerSecond === undefined ? "–" : `${Math.round(tokensPerSecond)} tokens/s`],
        ["memory", peakMemoryBytes === undefined ? "–" : bytes(peakMemoryBytes)],
        ["checkpoint", checkpoint === undefined ? "none" : shown(checkpoint)],
      ]),
  };
}
