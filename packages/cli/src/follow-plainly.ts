import { plannedSteps, type TrackedRun, trackRun, trackWorkspace, type WorkspaceRun } from "@mede2/runs";
import type { CommonOptions, Context } from "./command.ts";
import { type ExitCode, exitCodes } from "./exit.ts";
import { short } from "./numbers.ts";
import { bold, dim } from "./output.ts";
import { duration } from "./progress.ts";
import { unreadable } from "./read-summaries.ts";
import type { RunSummary } from "./run-summary.ts";

const lineMilliseconds = 5000;
const pollMilliseconds = 1000;

/**
 * Watching without a terminal, as in a pipe or under CI: a line to stdout when the status or an alarm changes and every five seconds while it goes on
 * (with `--json` one object a second that something changed), until the run ends. Returns how it ended: 0 finished, 1 failed or lost, 130
 * stopped. A workspace ends when none of its runs is alive.
 */
export async function followPlainly(
  { workspace, run }: { readonly workspace: string; readonly run: string | undefined },
  options: CommonOptions & { readonly once?: true },
  context: Context,
): Promise<void> {
  const { io, output } = context;
  const look = run === undefined ? lookAtAll(workspace) : lookAtOne(run);
  let [said, saidAt] = ["", Number.NEGATIVE_INFINITY];
  for (;;) {
    io.stop.throwIfAborted();
    const runs = await look();
    const open =
      options.once !== true && runs.some(({ status }) => ["running", "paused", "queued"].includes(status));
    const urgent = runs
      .map(({ id, status, alarms }) => `${id} ${status} ${alarms.map(({ name }) => name).join()}`)
      .join("\n");
    const now = io.clock();
    if (!open) {
      if (options.json) output.json({ runs });
      else for (const each of runs) sayRun(each, context);
      context.exit = options.once === true ? exitCodes.done : endOf(runs);
      return;
    }
    if (options.json) {
      const text = JSON.stringify(runs);
      if (text !== said) output.json({ runs });
      said = text;
    } else if (urgent !== said || now - saidAt >= lineMilliseconds) {
      for (const each of runs) if (urgent !== said || each.status === "running") sayRun(each, context);
      [said, saidAt] = [urgent, now];
    }
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        io.stop.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, pollMilliseconds);
      io.stop.addEventListener("abort", end);
    });
  }
}

function lookAtOne(run: string): () => Promise<RunSummary[]> {
  const tracker = trackRun(run, { curves: false });
  return async () => {
    let found = await tracker.read();
    while (found.read < 1) found = await tracker.read();
    return [summaryOf(found)];
  };
}

/** Reads again only what changed: a workspace holds many runs, and long ones. */
function lookAtAll(workspace: string): () => Promise<RunSummary[]> {
  const tracker = trackWorkspace(workspace);
  const unread = (each: WorkspaceRun) => each.readable && each.run.read < 1;
  return async () => {
    let found = await tracker.read();
    while (found.some(unread)) found = await tracker.read();
    return found.map((each) => (each.readable ? summaryOf(each.run) : unreadable(each.dir, each.reason)));
  };
}

function summaryOf({
  id,
  kind,
  status,
  state,
  alarms,
  dir,
  recipe,
  createdAt,
  manifest,
}: TrackedRun): RunSummary {
  const steps = plannedSteps(state, manifest?.plan);
  return {
    ...{ id, kind, status, step: state.step },
    ...(steps === undefined ? {} : { steps }),
    ...(state.losses.last === null ? {} : { loss: state.losses.last }),
    alarms: alarms.map(({ name, level, message, next }) => ({ name, level, message, next })),
    ...{ dir, recipe },
    ...(createdAt === undefined || manifest === undefined ? {} : { createdAt }),
    ...(state.updatedAt === null ? {} : { updatedAt: state.updatedAt }),
  };
}

function sayRun(
  { id, status, step, steps, loss, alarms, updatedAt, reason }: RunSummary,
  { output, io }: Context,
): void {
  const age = updatedAt === undefined ? "" : `, ${duration((io.clock() - Date.parse(updatedAt)) / 1000)} ago`;
  output.line(
    bold(id),
    ` ${status}, step ${step}${steps === undefined ? "" : ` of ${steps}`}${loss === undefined ? "" : `, loss ${short(loss)}`}`,
    dim(age),
    reason === undefined ? "" : `, ${reason}`,
  );
  for (const { level, message, next } of alarms)
    output.line({ text: `  ${level}: `, style: level === "error" ? "red" : "yellow" }, `${message}; ${next}`);
}

function endOf(runs: readonly RunSummary[]): ExitCode {
  if (runs.some(({ status }) => ["failed", "lost", "unreadable"].includes(status))) return exitCodes.failed;
  return runs.length === 1 && runs[0]!.status === "stopped" ? exitCodes.stopped : exitCodes.done;
}
