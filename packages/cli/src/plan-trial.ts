import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createRun, defaultImageStore, runPlaces } from "@mede2/runs";
import { type PlanData, parseJson, readLines, type TrainingPlan, writeJsonlAtomic } from "@mede2/schemas";
import { type PlanShapes, type StartedTraining, trainSplits } from "@mede2/trainer";
import type { Context } from "./command.ts";
import { codeVersion } from "./version.ts";

/** What some steps of a plan took on this machine, in a run of its own that is thrown away. */
export type Trial = {
  /** Steps whose graphs were compiled before, by their tokens. */
  readonly steps: readonly { readonly tokens: number; readonly seconds: number }[];
  /** What the first step of a layout takes more than another of it. */
  readonly compileSeconds: number;
  /** From the start of the process until its first step. */
  readonly startSeconds: number;
  readonly saveSeconds: number;
  readonly checkpointBytes: number;
  readonly peakMemoryBytes: number;
};

/** Each batch is seen three times: compiled, and measured twice. */
const rounds = 3;

/** Trains on the longest, the middle and the shortest records of a plan, a batch of each, for three epochs; undefined when it was not done within `seconds`. */
export async function trialRun(
  plan: TrainingPlan,
  shapes: PlanShapes,
  workspace: string,
  seconds: number,
  context: Context,
): Promise<Trial | undefined> {
  const { io, output } = context;
  const folder = await mkdtemp(join(tmpdir(), "mede2-trial-"));
  const progress = output.progress("trial steps");
  try {
    const chosen = representatives(shapes.lengths, plan.batch.size * plan.batch.accumulation);
    const batches = Math.ceil(chosen.size / (plan.batch.size * plan.batch.accumulation));
    const trial = await trialPlan(plan, chosen, batches * rounds, workspace, folder);
    const { dir } = await createRun({
      ...{ workspace: folder, plan: trial, data: [], code: await codeVersion(), argv: ["mede2", "plan"] },
      imageStore: join(workspace, defaultImageStore),
    });
    const start = io.startTraining ?? (await import("@mede2/trainer")).startTraining;
    const training = start({ runDir: dir, workspace: folder });
    const done = await within(training, seconds, context, () => progress.update(0, batches * rounds));
    return done ? await readTrial(dir) : undefined;
  } finally {
    progress.clear();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Waits for a training; false when it took too long and was stopped. Ctrl-C ends it, too. */
async function within(
  training: StartedTraining,
  seconds: number,
  { io }: Context,
  show: () => void,
): Promise<boolean> {
  let late = false;
  const kill = () => {
    try {
      if (training.pid !== process.pid) process.kill(training.pid, "SIGKILL");
      else training.stop();
    } catch {
      // it has ended already
    }
  };
  const timer = setTimeout(() => {
    late = true;
    kill();
  }, seconds * 1000);
  const shown = setInterval(show, 1000);
  io.stop.addEventListener("abort", kill, { once: true });
  try {
    const { status } = await training.done;
    io.stop.throwIfAborted();
    return status === "finished" && !late;
  } catch (error) {
    io.stop.throwIfAborted();
    if (late) return false;
    throw error;
  } finally {
    clearTimeout(timer);
    clearInterval(shown);
    io.stop.removeEventListener("abort", kill);
  }
}

/** Records of three steps: the longest, those in the middle, the shortest; all where there are fewer. */
function representatives(lengths: readonly number[], perStep: number): ReadonlySet<number> {
  const order = [...lengths.keys()].sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  if (order.length <= rounds * perStep) return new Set(order);
  const middle = Math.floor((order.length - perStep) / 2);
  return new Set([
    ...order.slice(0, perStep),
    ...order.slice(middle, middle + perStep),
    ...order.slice(-perStep),
  ]);
}

async function trialPlan(
  plan: TrainingPlan,
  chosen: ReadonlySet<number>,
  steps: number,
  workspace: string,
  folder: string,
): Promise<TrainingPlan> {
  const data: PlanData[] = [];
  let at = 0;
  for (const [index, each] of plan.data.entries()) {
    if (!trainSplits.has(each.split)) continue;
    const file = resolve(workspace, each.path);
    const records: object[] = [];
    for await (const { text, line } of readLines(file)) {
      if (text.trim() === "") continue;
      if (chosen.has(at)) records.push(parseJson(text, { file, line }) as object);
      at += 1;
    }
    if (records.length === 0) continue;
    const path = `${index}.jsonl`;
    const { sha256 } = await writeJsonlAtomic(join(folder, path), records);
    data.push({ ...each, path, sha256 });
  }
  const { evaluateEvery: _, sampleEvery: __, checkpointEvery: ___, ...batch } = plan.batch;
  const there = (path: string | undefined) => (path === undefined ? undefined : resolve(workspace, path));
  const { adapter, reference, ...rest } = plan;
  return {
    ...rest,
    ...(adapter === undefined ? {} : { adapter: there(adapter)! }),
    ...(reference === undefined ? {} : { reference: there(reference)! }),
    model: there(plan.model)!,
    data,
    batch,
    schedule: { name: "constant", learningRate: plan.schedule.learningRate, steps },
  };
}

type Event = { readonly type: string; readonly ts: string; readonly [key: string]: unknown };

async function readTrial(dir: string): Promise<Trial> {
  const events: Event[] = [];
  for await (const { text, line } of readLines(runPlaces.events(dir)))
    events.push(parseJson(text, { file: runPlaces.events(dir), line }) as Event);
  const time = (event: Event) => Date.parse(event.ts) / 1000;
  const steps = events.filter(({ type }) => type === "step-end");
  const byTokens = new Map<number, number[]>();
  for (const { tokens, seconds } of steps as unknown as { tokens: number; seconds: number }[])
    byTokens.set(tokens, [...(byTokens.get(tokens) ?? []), seconds]);
  const warm = [...byTokens].map(([tokens, [first = 0, ...again]]) => {
    const seconds = again.length === 0 ? first : again.reduce((sum, each) => sum + each, 0) / again.length;
    return { tokens, seconds, compiling: Math.max(0, first - seconds) };
  });
  const saved = events.find(({ type }) => type === "checkpoint-saved");
  const last = steps.at(-1);
  const begun = events.find(({ type }) => type === "run-started")!;
  const ready = events.find(({ type, unit }) => type === "progress" && unit === "steps");
  return {
    steps: warm.map(({ tokens, seconds }) => ({ tokens, seconds })).sort((a, b) => a.tokens - b.tokens),
    compileSeconds: warm.reduce((sum, { compiling }) => sum + compiling, 0) / Math.max(1, warm.length),
    startSeconds: ready === undefined ? 0 : time(ready) - time(begun),
    saveSeconds: saved === undefined || last === undefined ? 0 : time(saved) - time(last),
    checkpointBytes: Number(saved?.bytes ?? 0),
    peakMemoryBytes: Math.max(...steps.map(({ memoryBytes }) => Number(memoryBytes ?? 0))),
  };
}
