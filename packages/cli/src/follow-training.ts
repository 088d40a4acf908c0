import { foldEvents, followEvents, initialState, plannedSteps, type RunState } from "@mede2/runs";
import { isTrainingPlan, type RunManifest, readRecord, runManifestSchema } from "@mede2/schemas";
import type { StartedTraining, TrainingResult } from "@mede2/trainer";
import type { Context } from "./command.ts";
import { short } from "./numbers.ts";
import type { Progress } from "./progress.ts";

/** What came of a training that was followed to its end. */
export type FollowedTraining = { readonly result: TrainingResult; readonly state: RunState };

/** Starts the training of a run folder in a child process and shows how it goes until it ends. Ctrl-C lets it save a checkpoint and stop; a second one kills it. */
export async function followTraining(
  dir: string,
  workspace: string,
  context: Context,
  engineDir?: string,
): Promise<FollowedTraining> {
  const { output } = context;
  const manifest = await readRecord(`${dir}/run.json`, runManifestSchema);
  const progress = output.progress(manifest.kind);
  const training = await start(dir, workspace, manifest, context, engineDir);
  const release = passSignals(training, context);
  const ended = new AbortController();
  let state = initialState(manifest);
  let known = 0;
  const following = (async () => {
    for await (const batch of followEvents(dir, { signal: ended.signal })) {
      state = foldEvents(batch.reset ? initialState(manifest) : state, batch.events);
      for (const { message } of state.warnings.slice(state.warnings.length - (state.warningCount - known)))
        output.note({ text: "warning: ", style: "yellow" }, message);
      known = state.warningCount;
      show(progress, state, plannedSteps(state, manifest.plan));
    }
  })();
  try {
    const result = await training.done;
    progress.end();
    return { result, state: (await import("@mede2/runs").then(({ readRun }) => readRun(dir))).state };
  } finally {
    progress.clear();
    release();
    ended.abort();
    await following;
  }
}

/** The embedded engine trains in a process of its own; of an outside one this process is the supervisor. */
async function start(
  dir: string,
  workspace: string,
  manifest: RunManifest,
  { io }: Context,
  engineDir: string | undefined,
): Promise<StartedTraining> {
  const { plan } = manifest;
  if (!isTrainingPlan(plan) || plan.engine === "embedded")
    return (io.startTraining ?? (await import("@mede2/trainer")).startTraining)({ runDir: dir, workspace });
  const [{ engineOf }, { engineContext }] = await Promise.all([
    import("@mede2/engines"),
    import("./engine-context.ts"),
  ]);
  const around = engineContext(plan, workspace, engineDir, io.env, manifest.imageStore);
  return { pid: process.pid, ...engineOf(plan.engine).start(dir, manifest, around) };
}

function show(progress: Progress, state: RunState, steps: number | undefined): void {
  if (state.latest === null) {
    if (state.progress !== null)
      progress.update(
        state.progress.done,
        state.progress.total,
        `${state.progress.unit}, before the first step`,
      );
    return;
  }
  const { loss, tokens, seconds, rewards } = state.latest;
  const notes = [
    loss === undefined ? "loss not finite" : `loss ${short(loss)}`,
    rewards?.accuracy === undefined ? "" : `reward accuracy ${short(rewards.accuracy)}`,
    tokens === undefined || !seconds ? "" : `${Math.round(tokens / seconds)} tokens/s`,
  ];
  progress.update(state.step, steps, notes.filter((note) => note !== "").join(" · "));
}

function passSignals(training: StartedTraining, { io }: Context): () => void {
  const stop = () => training.stop();
  const end = () => {
    try {
      process.kill(training.pid, "SIGKILL");
    } catch {
      // it has ended already
    }
  };
  if (io.stop.aborted) stop();
  io.stop.addEventListener("abort", stop);
  io.end.addEventListener("abort", end);
  return () => {
    io.stop.removeEventListener("abort", stop);
    io.end.removeEventListener("abort", end);
  };
}
