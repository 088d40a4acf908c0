import { stat, statfs } from "node:fs/promises";
import { basename } from "node:path";
import {
  type ControlRequest,
  type Heartbeat,
  isTrainingPlan,
  type RunManifest,
  type RunStatus,
  readRecord,
  runManifestSchema,
} from "@mede2/schemas";
import type { Alarm } from "./alarm.ts";
import { readControls } from "./control.ts";
import { foldEvents } from "./fold.ts";
import { type Folded, loadFoldIndex, saveFoldIndex } from "./fold-index.ts";
import { type ForeignLog, findForeignLog, foreignReader, newestStateFile } from "./foreign-run.ts";
import { readHeartbeat } from "./heartbeat.ts";
import { thisHost } from "./host.ts";
import { runPlaces } from "./places.ts";
import { type BadLine, type EventReader, eventReader } from "./read-events.ts";
import { judge, longLog } from "./read-run.ts";
import { addToSeries, emptyRunSeries, type RunSeries } from "./run-series.ts";
import { initialState, type RunState } from "./run-state.ts";
import { seenBeats } from "./seen-beats.ts";
import type { Witness } from "./status.ts";
import { surveyEvents } from "./survey.ts";

/** A run as it stands now, with its curves. */
export interface TrackedRun {
  dir: string;
  id: string;
  /** Of the plan; for logs of other programs "sft" or "preference", by what they log. */
  kind: string;
  recipe: string;
  model: string | undefined;
  createdAt: string | undefined;
  /** Missing for a log that another program wrote. */
  manifest: RunManifest | undefined;
  foreign: ForeignLog["program"] | undefined;
  state: RunState;
  series: RunSeries;
  /** Changes whenever `state` or `series` may have changed. */
  version: number;
  status: RunStatus;
  alarms: Alarm[];
  bad: { count: number; newest: BadLine[] };
  /** All requests, answered ones too: who asked for what and when. */
  requests: ControlRequest[];
  heartbeat: Heartbeat | null;
  /** How much of the log is read. While it is less than one, what is shown comes from a sample of it, or from its beginning. */
  read: number;
  /** The file that events come from. */
  log: string;
}

export interface TrackSettings {
  /** Keep what was folded of a long log in the run's `index/`, to open it at once the next time. Default: true. */
  index?: boolean;
  /** Keep curves. Default: true. */
  curves?: boolean;
  /** How long one `read` may take, about, in milliseconds. Default: 60. */
  budget?: number;
}

/** Follows one run. `read` takes what is new and returns the run as it stands; call it when something changed, and every second or so. */
export interface RunTracker {
  readonly dir: string;
  read(): Promise<TrackedRun>;
}

/** The index is written when so much was read since the last time. */
const indexEvery = 1 << 24;
const newestBad = 20;

/**
 * Tracks a run folder, or a folder in which another program of the Hugging Face family trains. It reads only, but for `index/`. `read` throws a
 * RecordError when `run.json` cannot be read, and never because of a line of the log.
 */
export function trackRun(
  dir: string,
  settings: TrackSettings = {},
  witness: Witness = thisHost(),
): RunTracker {
  const { index = true, curves = true, budget = 60 } = settings;
  let known: { manifest: RunManifest | undefined; foreign: ForeignLog | undefined } | undefined;
  let reader: EventReader | undefined;
  let folded: Folded = { offset: 0, state: initialState(), series: emptyRunSeries(), badLines: 0 };
  let survey: { state: RunState; series: RunSeries } | undefined;
  let bad: BadLine[] = [];
  let [saved, size, version] = [0, 0, 0];
  /** Whether there was nothing more to read at the last look. */
  let whole = true;
  const beats = seenBeats(witness);

  const begin = async () => {
    const foreign = await findForeignWithout(dir);
    const manifest =
      foreign === undefined ? await readRecord(runPlaces.manifest(dir), runManifestSchema) : undefined;
    known = { manifest, foreign };
    folded = { ...folded, state: initialState(manifest) };
    if (foreign !== undefined) {
      reader = foreignReader(foreign);
      return;
    }
    size = await sizeOf(runPlaces.events(dir));
    const found = index && size > longLog ? await loadFoldIndex(dir, folded.state.beta) : null;
    if (found !== null) folded = curves ? found : { ...found, series: emptyRunSeries() };
    saved = folded.offset;
    if (size - folded.offset > longLog && folded.offset === 0)
      survey = await surveyEvents(dir, size, manifest);
    reader = eventReader(dir, folded.offset);
  };

  const advance = async () => {
    const until = performance.now() + budget;
    for (;;) {
      const batch = await reader!.read();
      if (batch.reset) {
        // another log, perhaps another run in its place, or none any more
        folded = { offset: 0, state: initialState(), series: emptyRunSeries(), badLines: 0 };
        [bad, survey, known] = [[], undefined, undefined];
        version += 1;
        await begin();
        if (survey !== undefined) return;
        continue;
      }
      if (batch.events.length > 0) {
        folded.state = foldEvents(folded.state, batch.events);
        if (curves) addToSeries(folded.series, batch.events);
        version += 1;
      }
      folded.badLines += batch.bad.length;
      bad = [...bad, ...batch.bad].slice(-newestBad);
      folded.offset = batch.offset;
      whole = !batch.more;
      if (whole) {
        if (survey !== undefined) version += 1;
        survey = undefined;
        if (index && curves && known!.foreign === undefined && folded.offset - saved > indexEvery) {
          saved = folded.offset;
          await saveFoldIndex(dir, folded);
        }
        return;
      }
      if (performance.now() > until) return;
    }
  };

  return {
    dir,
    async read() {
      if (known === undefined) {
        await begin();
        if (survey === undefined) await advance();
      } else {
        await advance();
      }
      const { manifest, foreign } = known!;
      const log = foreign === undefined ? runPlaces.events(dir) : await logOf(foreign, dir);
      if (survey !== undefined || !whole) size = Math.max(folded.offset, await sizeOf(log));
      const { state, series } = survey ?? folded;
      const ended = state.phase === "finished" || state.phase === "failed" || state.phase === "stopped";
      const heartbeat = foreign === undefined ? beats(await readHeartbeat(dir)) : null;
      const [controls, freeBytes] = await Promise.all([
        foreign === undefined ? readControls(dir) : undefined,
        ended || (heartbeat !== null && heartbeat.host !== witness.name) ? undefined : freeBytesOf(dir),
      ]);
      const judged = judge(state, heartbeat, witness, freeBytes === undefined ? {} : { freeBytes });
      const status = foreign === undefined ? judged.status : foreignStatus(foreign, state, witness.clock());
      // who leaves no heartbeat cannot be told to hang: in the end it is lost
      const alarms =
        foreign === undefined ? judged.alarms : judged.alarms.filter(({ name }) => name !== "no-progress");
      const plan = manifest?.plan;
      return {
        ...{ dir, id: manifest?.id ?? basename(dir), manifest, foreign: foreign?.program },
        kind: manifest?.kind ?? (state.latest?.rewards === undefined ? "sft" : "preference"),
        recipe: plan?.recipe ?? foreign?.program ?? "",
        model: plan === undefined ? undefined : isTrainingPlan(plan) ? plan.model : plan.model,
        createdAt: manifest?.createdAt ?? state.updatedAt ?? undefined,
        ...{ state, series, version, status, alarms },
        bad: { count: folded.badLines, newest: bad },
        requests: controls?.requests ?? [],
        heartbeat,
        read: (survey === undefined && whole) || size === 0 ? 1 : Math.min(0.999, folded.offset / size),
        log,
      };
    },
  };
}

/** Of `transformers` the newest: there is one in every checkpoint. */
const logOf = async ({ program, file }: ForeignLog, dir: string): Promise<string> =>
  (program === "transformers" ? await newestStateFile(dir) : undefined) ?? file;

/** A log of another program; only where there is no run of ours. */
async function findForeignWithout(dir: string): Promise<ForeignLog | undefined> {
  if ((await stat(runPlaces.manifest(dir)).catch(() => undefined)) !== undefined) return undefined;
  return findForeignLog(dir);
}

/** Other programs leave no heartbeat: a log that has been silent for long counts as lost; a state file, which is written at checkpoints only, after an hour. */
function foreignStatus({ program }: ForeignLog, state: RunState, now: number): RunStatus {
  if (state.phase !== "running" || state.updatedAt === null) return state.phase;
  const steps = state.recent.map(({ seconds }) => seconds ?? 0);
  const longest = Math.max(0, ...steps);
  return (now - Date.parse(state.updatedAt)) / 1000 >
    Math.max(program === "transformers" ? 3600 : 600, 20 * longest)
    ? "lost"
    : "running";
}

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    (info) => info.size,
    () => 0,
  );

async function freeBytesOf(dir: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(dir);
    return bavail * bsize;
  } catch {
    return undefined; // not every file system says
  }
}
