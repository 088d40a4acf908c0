import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { filmDemonstrations, importSource } from "@mede2/data";
import type { ImageStore } from "@mede2/images";
import {
  type Demonstration,
  demonstrationSchema,
  preferencePairSchema,
  type Question,
  questionSchema,
  readJsonl,
  sha256Hex,
  withId,
  writeJsonlAtomic,
} from "@mede2/schemas";
import { createRandom } from "@mede2/stats";
import { bareAnswer, barePairs } from "./bare-answers.ts";
import { type FilmSplits, splitFilms } from "./film-splits.ts";
import type { FilmsAmounts } from "./films-settings.ts";
import { makeStandIns, type StandIn } from "./stand-ins.ts";

/** A file of demonstrations as plans name it: relative to the workspace. */
export type DataFile = { readonly path: string; readonly sha256: string };

/** What a run on films learns from and is judged by. */
export type FilmsData = FilmSplits & {
  /** Direct answers to the training films: Stage 0, and the replay of Stage I. */
  readonly answers: DataFile;
  readonly replay: DataFile;
  /** Text-only chains, and text-only direct answers. */
  readonly chains: DataFile;
  readonly described: DataFile;
  /** Stage II's share of bare answers to films: as pairs, and for its controls as the right answers alone. */
  readonly bare: { readonly pairs: DataFile; readonly answers: DataFile } | null;
};

export type FilmsDataSettings = {
  readonly workspace: string;
  /** Class folders as published, or `labels.jsonl` and `images/`. */
  readonly source: string;
  readonly store: ImageStore;
  readonly amounts: FilmsAmounts;
  readonly seed: number;
  /** Judges by this fifth of the training films instead of the test films. */
  readonly developmentFold?: number;
};

/** Imports the films and writes the files that training reads. What is there already is kept. */
export async function writeFilmsData(settings: FilmsDataSettings): Promise<FilmsData> {
  const { workspace, source, store, amounts, seed, developmentFold } = settings;
  await mkdir(join(workspace, "data"), { recursive: true });
  const out = join(workspace, "data/films.questions.jsonl");
  if (!existsSync(out)) await importSource({ name: "chest-xray", dir: source, out, store });
  const films: Question[] = [];
  for await (const film of readJsonl(out, questionSchema)) films.push(film);
  const splits = splitFilms(films, {
    training: amounts.films,
    heldOut: amounts.heldOut,
    seed,
    ...(developmentFold === undefined ? {} : { developmentFold }),
  });
  // the source lists one label after the other
  const mixed = createRandom(`${seed}/stage1`).shuffled(splits.training);
  const replayed = mixed.slice(0, Math.round(amounts.stage1.replay * mixed.length));
  const bare = mixed.slice(mixed.length - Math.round(amounts.stage2.bare * mixed.length));
  const { demonstrations, described } = amounts.stage1;
  const asked = splits.training[0]!.stem;
  const shown = await makeStandIns(store, mixed, amounts.stage1.standIns, seed);
  const write = (name: string, records: () => Iterable<Demonstration>) =>
    writeDemonstrations(workspace, `data/${name}.demonstrations.jsonl`, records);
  return {
    ...splits,
    answers: await write("stage0", () => splits.training.map(onFilm)),
    replay: await write("stage1-replay", () => replayed.map(onFilm)),
    chains: await write("stage1", () => chains(demonstrations, seed, asked, shown)),
    described: await write("stage1-described", () =>
      describedAnswers(demonstrations, described, seed, asked, shown),
    ),
    bare:
      bare.length === 0
        ? null
        : {
            pairs: await writePairs(workspace, "data/stage2-bare.pairs.jsonl", bare, seed),
            answers: await write("stage2-bare", () => bare.map(onFilm)),
          },
  };
}

async function writeDemonstrations(
  workspace: string,
  path: string,
  records: () => Iterable<Demonstration>,
): Promise<DataFile> {
  const absolute = join(workspace, path);
  if (!existsSync(absolute)) await writeJsonlAtomic(absolute, records(), { schema: demonstrationSchema });
  return { path, sha256: sha256Hex(await readFile(absolute)) };
}

async function writePairs(
  workspace: string,
  path: string,
  films: readonly Question[],
  seed: number,
): Promise<DataFile> {
  const absolute = join(workspace, path);
  if (!existsSync(absolute))
    await writeJsonlAtomic(absolute, await barePairs(films, seed), { schema: preferencePairSchema });
  return { path, sha256: sha256Hex(await readFile(absolute)) };
}

const onFilm = (film: Question): Demonstration => bareAnswer(film, "real");

/** Our text-only cases, with the description where the film would stand: before the very words that ask about a film. */
function* chains(
  count: number,
  seed: number,
  asked: string,
  shown: readonly StandIn[],
): Generator<Demonstration> {
  const omit = { alternative: 0.15, check: 0.15 };
  let number = 0;
  for (const { id: _, trace, ...each } of filmDemonstrations({ count, seed: seed * 100_000, omit })) {
    const standIn = shown[number++ % Math.max(1, shown.length)];
    const { image, condition } = standIn ?? { condition: "none" as const };
    const images = image === undefined ? [] : [image];
    const { id: __, ...rest } = trace;
    yield withId({
      ...each,
      question: { ...each.question, stem: `${each.question.findings}\n${asked}`, images },
      trace: withId({ ...rest, images: condition, imageHashes: images.map(({ sha256 }) => sha256) }),
    });
  }
}

/** Direct answers to other described films than those of the chains. */
function* describedAnswers(
  chained: number,
  count: number,
  seed: number,
  asked: string,
  shown: readonly StandIn[],
): Generator<Demonstration> {
  let passed = 0;
  for (const { question, trace } of chains(chained + count, seed, asked, shown))
    if (++passed > chained) yield bareAnswer(question, trace.images);
}
