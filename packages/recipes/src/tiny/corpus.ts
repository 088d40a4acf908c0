import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeTrace } from "@mede2/answers";
import { type WardPassage, type WardTopic, wardPassages } from "@mede2/data";
import type { ImageStore } from "@mede2/images";
import { type Demonstration, type Passage, sha256Hex, withId, writeJsonlAtomic } from "@mede2/schemas";
import { storeWardImage } from "./ward-images.ts";

export type CorpusSettings = {
  readonly count: number;
  readonly seed: number;
  readonly split: string;
  readonly topics: readonly WardTopic[];
  readonly images: boolean;
  readonly pool: number;
  readonly poolSeed: number;
};

/** Writes pretraining items, unless they are there already: rules as passages, everything that is asked as demonstrations whose prompt is masked. */
export async function writeCorpus(
  path: string,
  settings: CorpusSettings,
  store: ImageStore,
): Promise<{ path: string; sha256: string; count: number }> {
  if (existsSync(path)) return { path, sha256: sha256Hex(await readFile(path)), count: settings.count };
  const written = await writeJsonlAtomic(path, records(settings, store));
  return { path, sha256: written.sha256, count: settings.count };
}

async function* records(
  settings: CorpusSettings,
  store: ImageStore,
): AsyncGenerator<Passage | Demonstration> {
  const portion = 500;
  for (let from = 0; from < settings.count; from += portion) {
    const items = wardPassages({
      count: Math.min(portion, settings.count - from),
      from,
      seed: settings.seed,
      pool: settings.pool,
      poolSeed: settings.poolSeed,
      topics: settings.topics,
      images: settings.images,
    });
    // together, as each picture waits for the disk
    yield* await Promise.all(items.map((item, index) => record(item, from + index, settings, store)));
  }
}

async function record(
  item: WardPassage,
  index: number,
  settings: CorpusSettings,
  store: ImageStore,
): Promise<Passage | Demonstration> {
  const images = item.image === undefined ? [] : [await storeWardImage(store, item.image)];
  const common = { source: "ward", split: settings.split, licence: "Apache-2.0" };
  if (item.kind === "text")
    return withId({ record: "passage" as const, v: 1 as const, ...common, text: item.completion, images });
  const question = {
    record: "question" as const,
    v: 1 as const,
    id: `ward:pretrain-${settings.seed}-${index}`,
    revision: "1",
    ...common,
    stem: item.prompt,
    options: [],
    gold: { text: item.completion, aliases: [] },
    images,
    group: {},
    tags: { language: "en", task: item.topic },
  };
  const trace = makeTrace({
    question,
    by: { kind: "template", name: "ward" },
    stage: null,
    images: images.length === 0 ? "none" : "real",
    promptHash: sha256Hex(item.prompt),
    sample: null,
    text: item.completion,
    finish: "stop",
    tokens: { prompt: 0, completion: 0 },
  });
  return withId({
    record: "demonstration" as const,
    v: 1 as const,
    question,
    trace,
    orchestration: { name: "ward-pretraining", version: "1" },
    checks: [],
  });
}

export function corpusFile(folder: string, name: string): string {
  return join(folder, `${name}.demonstrations.jsonl`);
}
