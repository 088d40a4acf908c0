import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type EventReader, type FoldableEvent, foreignReader, type RunWriter, runPlaces } from "@mede2/runs";
import type { RunEventBody, TrainingPlan } from "@mede2/schemas";
import type { EmittedRun } from "../engine.ts";
import type { JobHandle, Launcher } from "../launch/launcher.ts";
import type { Breach } from "../live/breach.ts";
import { type RunChecks, runChecks } from "../live/run-checks.ts";
import { checkpointName, collectCheckpoint } from "./collect.ts";
import { readStepTokens, type StepTokens } from "./step-tokens.ts";
import { wholeCheckpoints } from "./whole-checkpoints.ts";

/** What a look at the job brought. */
export type Look = { readonly breaches: readonly Breach[]; readonly events: number };

/** Reads what a job writes and turns it into the run's events. */
export type JobFollower = {
  readonly checks: RunChecks;
  /** Steps taken, the first and the latest loss, tokens and seconds of this attempt. */
  readonly tally: Tally;
  /** Folder of the newest checkpoint in the run; undefined while there is none. */
  checkpoint(): string | undefined;
  /** Everything that is new. */
  look(handle: JobHandle): Promise<Look>;
};

export type Tally = {
  steps: number;
  first: number | undefined;
  last: number | undefined;
  tokens: number;
  seconds: number;
  peakMemoryBytes: number;
};

export type PastJob = {
  readonly job: JobHandle;
  /** The last step that the run's events tell: those that it took after, while nobody looked, are told now. */
  readonly told: number;
  /** The step that the next attempt goes on from. */
  readonly from: number;
};

export type FollowSettings = {
  readonly runDir: string;
  readonly workspace: string;
  readonly plan: TrainingPlan;
  readonly run: EmittedRun;
  readonly launcher: Launcher;
  readonly writer: RunWriter;
  /** The job of an earlier attempt, which is over: what it wrote is remembered, and not told again. */
  readonly past: PastJob | undefined;
};

/** Ends that are ours to tell: the engine's log does not know why it ended. */
const ends = new Set(["run-finished", "run-stopped", "run-failed", "run-resumed"]);

export async function openFollower(settings: FollowSettings): Promise<JobFollower> {
  const { run, writer, past, launcher, plan, runDir, workspace } = settings;
  const reader: EventReader = foreignReader({
    program: run.log.program,
    file: join(run.dir, run.log.path),
    rewardScale: rewardScale(run),
  });
  const checks = runChecks(run.expected);
  const tokens: StepTokens = await readStepTokens(run);
  const tally: Tally = {
    steps: past?.from ?? 0,
    first: undefined,
    last: undefined,
    tokens: 0,
    seconds: 0,
    peakMemoryBytes: 0,
  };
  const collected = new Set<number>();
  let newest = await newestCollected(runDir);
  let from = 0;
  if (past !== undefined) {
    for (const event of (await reader.read()).events) {
      const body = bodyOf(event);
      checks.past(body);
      if (body.type !== "step-end") continue;
      tally.first ??= body.loss;
      if (body.step > past.told) writer.append({ ...body, ...tokens.of(body.step) });
    }
    for (;;) {
      const { text, next } = await launcher.logs(past.job, from);
      from = next;
      if (text === "") break;
    }
  }
  for (const { step } of await wholeCheckpoints(run))
    if (existsSync(join(runPlaces.checkpoints(runDir), checkpointName(step)))) collected.add(step);

  const output = async (handle: JobHandle): Promise<Breach[]> => {
    const breaches: Breach[] = [];
    for (;;) {
      const { text, next } = await launcher.logs(handle, from);
      from = next;
      if (text === "") return breaches;
      breaches.push(...checks.output(text));
    }
  };

  const log = async (): Promise<Look> => {
    const breaches: Breach[] = [];
    let count = 0;
    for (;;) {
      const { events, bad, reset, more } = await reader.read();
      if (reset)
        warn(
          writer,
          "log-replaced",
          "the engine's log was replaced or cut: it is read again from its beginning",
        );
      for (const { message } of bad) warn(writer, "log-line", message);
      for (const event of events) {
        const body = bodyOf(event);
        if (ends.has(body.type)) continue;
        breaches.push(...checks.event(body));
        if (body.type === "step-end") {
          const counted = tokens.of(body.step);
          note(tally, { ...body, ...counted });
          writer.append({ ...body, ...counted });
        } else writer.append(body);
      }
      count += events.length;
      if (!more) return { breaches, events: count };
    }
  };

  const checkpoints = async (): Promise<void> => {
    for (const found of await wholeCheckpoints(run)) {
      if (collected.has(found.step)) continue;
      collected.add(found.step);
      newest = await collectCheckpoint(runDir, plan, workspace, found, writer);
    }
  };

  return {
    checks,
    tally,
    checkpoint: () => newest,
    async look(handle) {
      await launcher.fetch(handle);
      const printed = await output(handle);
      const { breaches, events } = await log();
      await checkpoints();
      return { breaches: [...printed, ...breaches], events };
    },
  };
}

/** An event without what the writer adds. */
function bodyOf(event: FoldableEvent): RunEventBody {
  const { record: _record, v: _v, seq: _seq, ts: _ts, ...body } = event;
  return body as RunEventBody;
}

/** The newest checkpoint that an earlier attempt left. */
async function newestCollected(runDir: string): Promise<string | undefined> {
  const folder = runPlaces.checkpoints(runDir);
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^step-\d+$/.test(name)).sort();
  return names.length === 0 ? undefined : join(folder, names.at(-1)!);
}

function note(
  tally: Tally,
  {
    step,
    loss,
    tokens,
    seconds,
    memoryBytes,
  }: { step: number } & { [K in "loss" | "tokens" | "seconds" | "memoryBytes"]?: number | undefined },
): void {
  tally.steps = step;
  tally.first ??= loss;
  tally.last = loss ?? tally.last;
  if (tokens !== undefined && seconds !== undefined) {
    tally.tokens += tokens;
    tally.seconds += seconds;
  }
  tally.peakMemoryBytes = Math.max(tally.peakMemoryBytes, memoryBytes ?? 0);
}

/** ms-swift logs rewards of a mix of losses times the sum of the weights. */
function rewardScale(run: EmittedRun): number {
  const scale = run.expected.rewardScale;
  return typeof scale === "number" && scale > 0 ? scale : 1;
}

function warn(writer: RunWriter, code: string, message: string): void {
  writer.append({ type: "warning", code, message });
}
