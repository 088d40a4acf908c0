import type { ControlName, ControlRequest } from "@mede2/schemas";
import { Argument, type Command } from "commander";
import { addCommand, type CommonOptions, type Context, parse, say, workspaceFolder } from "../command.ts";
import { CliError, exitCodes } from "../exit.ts";
import { nameOfUser } from "../user-name.ts";

type ControlOptions = CommonOptions & { readonly learningRate?: number; readonly wait: number };

const requests: readonly ControlName[] = ["pause", "resume", "stop", "checkpoint", "learning-rate"];

export function addControl(program: Command, context: Context): void {
  addCommand(
    program,
    "control",
    "ask a run to pause, resume, stop, save a checkpoint, or change its learning rate",
    ["mede2 control runs/stage1 pause", "mede2 control runs/stage1 learning-rate 5e-5"],
  )
    .argument("<run>", "the run: its folder, its id, or the beginning of its id")
    .addArgument(new Argument("<request>", "what is wanted").choices(requests))
    .addArgument(new Argument("[value]", "of learning-rate: the new rate").argParser(parse.aboveZero))
    .option("--learning-rate <x>", "the same as [value]", parse.aboveZero)
    .option("--wait <seconds>", "how long to wait for the run's answer", parse.atLeastZero, 30)
    .action((run: string, request: ControlName, value: number | undefined, options: ControlOptions) =>
      control(run, request, value, options, context),
    );
}

type Answer = { readonly outcome: "done" | "refused" | "waiting"; readonly reason?: string };

async function control(
  named: string,
  request: ControlName,
  value: number | undefined,
  options: ControlOptions,
  context: Context,
): Promise<void> {
  const learningRate = value ?? options.learningRate;
  if (
    (request === "learning-rate") !== (learningRate !== undefined) ||
    (value !== undefined && options.learningRate !== undefined)
  )
    throw new CliError(
      "usage",
      "a value belongs to the request learning-rate, and it needs one",
      "write mede2 control RUN learning-rate 5e-5",
    );
  const [{ findRun }, { readRun, requestControl }] = await Promise.all([
    import("../find-run.ts"),
    import("@mede2/runs"),
  ]);
  const dir = await findRun(named, workspaceFolder(context, options), context.io.cwd);
  const { status } = await readRun(dir);
  if (status !== "running" && status !== "paused")
    throw new CliError(
      "run-not-running",
      `${named} is ${status}: nobody is there to answer`,
      status === "finished" ? "nothing needs to be done" : `go on with mede2 train --resume ${named} first`,
      exitCodes.failed,
    );
  const sent = await requestControl(dir, {
    by: nameOfUser(),
    request,
    ...(learningRate === undefined ? {} : { args: { learningRate } }),
  });
  context.resumeHint = "the request stands in the run's control folder and will still be answered";
  const answer = await answerTo(dir, sent, options.wait, context);
  say(context, options, {
    json: { id: sent.id, ...answer },
    exit: answer.outcome === "refused" ? exitCodes.failed : exitCodes.done,
    print: (output) =>
      output.line(
        answer.outcome === "waiting"
          ? `${request}: not answered yet; the run answers between two steps`
          : `${request}: ${answer.outcome}${answer.reason === undefined ? "" : ` (${answer.reason})`}`,
      ),
  });
}

/** The run's answer, or "waiting" when it takes longer than `seconds`. */
async function answerTo(
  dir: string,
  { id }: ControlRequest,
  seconds: number,
  { io }: Context,
): Promise<Answer> {
  const { followEvents } = await import("@mede2/runs");
  const signal = AbortSignal.any([io.stop, AbortSignal.timeout(Math.ceil(seconds * 1000))]);
  for await (const { events } of followEvents(dir, { signal, pollSeconds: 0.2 }))
    for (const event of events) {
      if (event.type !== "control-acknowledged" || !("outcome" in event) || event.id !== id) continue;
      const { outcome, reason } = event as Answer;
      return { outcome, ...(reason === undefined ? {} : { reason }) };
    }
  io.stop.throwIfAborted();
  return { outcome: "waiting", reason: `no answer within ${seconds} s` };
}
