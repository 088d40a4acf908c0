import { readdir, stat } from "node:fs/promises";
import { totalmem } from "node:os";
import { join, resolve } from "node:path";
import { freeBytes } from "@mede2/runs";
import type { TrainingPlan } from "@mede2/schemas";
import type { PlanShapes, StepLayout } from "@mede2/trainer";
import type { Context } from "./command.ts";
import { faultOf } from "./exit.ts";
import { bytes } from "./numbers.ts";
import type { Finding } from "./plan-check.ts";
import { type Trial, trialRun } from "./plan-trial.ts";

export type PlanEstimate = {
  readonly steps: number;
  /** Of the whole run on this machine. Left out where it was not asked for, or the trial was not done in time. */
  readonly seconds?: number;
  /** Most resident memory of the process that trains. */
  readonly memoryBytes: number;
  /** Most that the run takes on the disk at once. */
  readonly diskBytes: number;
  /** Whether memory and disk come from trial steps on this machine, or from shapes alone. */
  readonly basis: "trial" | "shapes";
};

/** Steps whose batches are laid out; of longer runs as many, evenly. */
const mostSteps = 400;
/** Graphs that the trainer keeps compiled. */
const keptGraphs = 32;
/** Node, the runtime, the trainer's code and the tokenizer: measured with the smallest of batches, Linux, Node 20. */
const processBytes = 210e6;
/** What the heap takes for the intermediate results of a graph, which blocks of other layouts leave in pieces: 1.3 to 1.9 were measured. */
const heapShare = 1.4;
/** Share of a step that is its forward pass: the backward pass computes about twice as much (Kaplan et al., arXiv 2001.08361, §2.1). */
const forwardShare = 1 / 3;

/**
 * What a run of a valid plan will take. Memory and disk follow from the shapes of model and batches; with a trial of some steps they are measured, and time is: the trial's seconds for the positions of
 * each step of the run, the compilation of its layouts, the reading of images and references, checkpoints. Checked against real runs in docs/commands.md.
 */
export async function estimatePlan(
  plan: TrainingPlan,
  shapes: PlanShapes,
  workspace: string,
  { time, trialSeconds }: { readonly time: boolean; readonly trialSeconds: number },
  context: Context,
): Promise<{ readonly estimate: PlanEstimate; readonly notes: readonly Finding[] }> {
  const laid = await layOut(shapes);
  const notes: Finding[] = [];
  const note = (level: Finding["level"], message: string) => void notes.push({ level, message });
  const trial = time ? await trialOrNote() : undefined;
  const checkpoint = trial?.checkpointBytes ?? (await checkpointBytes(plan, shapes, workspace));
  const estimate: PlanEstimate = {
    steps: shapes.steps,
    ...(trial === undefined ? {} : { seconds: totalSeconds(plan, shapes, laid, trial) }),
    memoryBytes: Math.round(trial?.peakMemoryBytes ?? memoryBytes(plan, shapes, laid)),
    diskBytes: Math.round(checkpoint * checkpointsAtOnce(plan, shapes)),
    basis: trial === undefined ? "shapes" : "trial",
  };
  if (estimate.memoryBytes > totalmem())
    note(
      "warning",
      `the run needs about ${bytes(estimate.memoryBytes)} of memory and this machine has ${bytes(totalmem())}: use a smaller batch.size with more accumulation, or LoRA`,
    );
  const free = await freeBytes(workspace);
  if (free !== undefined && estimate.diskBytes > free)
    note(
      "warning",
      `the run needs about ${bytes(estimate.diskBytes)} on the disk and ${bytes(free)} are free: free some with mede2 gc, or keep fewer checkpoints`,
    );
  return { estimate, notes };

  /** A trial that fails does not take the rest of the estimate along: what it says is worth knowing before the run. */
  async function trialOrNote(): Promise<Trial | undefined> {
    try {
      const done = await trialRun(plan, shapes, workspace, trialSeconds, context);
      if (done === undefined)
        note(
          "warning",
          `trial steps took longer than ${trialSeconds} s: the time is not estimated; give them more with --trial-seconds`,
        );
      return done;
    } catch (reason) {
      context.io.stop.throwIfAborted();
      const { message, next } = faultOf(reason);
      note("warning", `trial steps failed: ${message}${next === undefined ? "" : `; ${next}`}`);
      return undefined;
    }
  }
}

type LaidStep = {
  readonly layouts: readonly StepLayout[];
  readonly positions: number;
  readonly tokens: number;
};

async function layOut(shapes: PlanShapes): Promise<readonly LaidStep[]> {
  const count = Math.min(mostSteps, shapes.steps);
  const laid: LaidStep[] = [];
  for (let at = 0; at < count; at++) {
    const { layouts, tokens } = await shapes.step(Math.floor((at * shapes.steps) / count));
    laid.push({ layouts, tokens, positions: positionsOf(layouts) });
  }
  return laid;
}

const positionsOf = (layouts: readonly StepLayout[]): number =>
  layouts.reduce((sum, { batch, length }) => sum + batch * length, 0);

function totalSeconds(
  plan: TrainingPlan,
  shapes: PlanShapes,
  laid: readonly LaidStep[],
  trial: Trial,
): number {
  const scale = shapes.steps / laid.length;
  const steps = laid.reduce((sum, { tokens }) => sum + secondsOf(tokens, trial), 0) * scale;
  const perToken =
    trial.steps.reduce((sum, { seconds }) => sum + seconds, 0) /
    trial.steps.reduce((sum, { tokens }) => sum + tokens, 0);
  const forward = perToken * forwardShare;
  const perEpoch = (laid.reduce((sum, { tokens }) => sum + tokens, 0) / laid.length) * shapes.stepsPerEpoch;
  const references = plan.kind === "preference" ? perEpoch * forward : 0;
  // the tower is a part of the model that reads patches instead of tokens
  const { all, vision } = shapes.parameters;
  const images = shapes.patches * forward * (vision / Math.max(1, all - vision));
  const { evaluateEvery, checkpointEvery } = plan.batch;
  const evaluations =
    shapes.evaluationTokens === 0
      ? 0
      : 1 + (evaluateEvery === undefined ? 0 : Math.floor(shapes.steps / evaluateEvery));
  const saves = 1 + (checkpointEvery === undefined ? 0 : Math.ceil(shapes.steps / checkpointEvery) - 1);
  return (
    steps +
    compilations(laid) * trial.compileSeconds +
    references +
    images +
    evaluations * shapes.evaluationTokens * forward +
    saves * trial.saveSeconds +
    trial.startSeconds
  );
}

/** Seconds of a step by its tokens: along the line between the two trial steps beside it, and in proportion outside of them. */
function secondsOf(tokens: number, { steps }: Trial): number {
  const above = steps.find((each) => each.tokens >= tokens);
  const below = steps.findLast((each) => each.tokens <= tokens);
  if (above === undefined || below === undefined) {
    const nearest = (above ?? below)!;
    return (nearest.seconds * tokens) / nearest.tokens;
  }
  if (above.tokens === below.tokens) return above.seconds;
  const share = (tokens - below.tokens) / (above.tokens - below.tokens);
  return below.seconds + share * (above.seconds - below.seconds);
}

/** How often the trainer compiles: each layout once, and again when others have pushed it out. */
function compilations(laid: readonly LaidStep[]): number {
  const kept = new Set<string>();
  let count = 0;
  for (const { layouts } of laid)
    for (const layout of layouts) {
      const key = JSON.stringify(layout);
      if (!kept.delete(key)) count += 1;
      kept.add(key);
      const [oldest] = kept;
      if (kept.size > keptGraphs && oldest !== undefined) kept.delete(oldest);
    }
  return count;
}

function memoryBytes(plan: TrainingPlan, shapes: PlanShapes, laid: readonly LaidStep[]): number {
  const { all, vision } = shapes.parameters;
  const { weights, moments } = shapes.bytes;
  const largest = laid.reduce((most, each) => (each.positions > most.positions ? each : most));
  // a tower that rests is compiled with its weights inside, which takes them twice more
  const tower = shapes.images > 0 && !shapes.trainsTower ? 8 * vision : 0;
  const reference = plan.reference === undefined ? 0 : 4 * all;
  const features = Math.min(2 ** 30, shapes.featureBytes);
  const held = processBytes + weights + moments + tower + reference + features;
  return held + heapShare * shapes.stepBytes(largest.layouts);
}

/** Beside weights and moments a checkpoint of a whole model holds the files of tokenizer and processor. */
async function checkpointBytes(
  { model, lora }: TrainingPlan,
  { bytes: { checkpoint } }: PlanShapes,
  workspace: string,
): Promise<number> {
  if (lora !== undefined) return checkpoint;
  const folder = resolve(workspace, model);
  const names = (await readdir(folder)).filter((name) => /\.(json|txt|jinja)$/.test(name));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return checkpoint + sizes.reduce((sum, size) => sum + size, 0);
}

/** A checkpoint is whole before an older one goes. */
function checkpointsAtOnce({ batch }: TrainingPlan, { steps }: PlanShapes): number {
  const saves = batch.checkpointEvery === undefined ? 1 : Math.ceil(steps / batch.checkpointEvery);
  return Math.min(saves, (batch.keepCheckpoints ?? 2) + 1);
}
