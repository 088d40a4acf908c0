import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildPairs, type PairSettingsInput, scoreCandidates } from "@mede2/preference";
import {
  type Candidates,
  candidatesSchema,
  preferencePairSchema,
  readJsonl,
  sha256Hex,
  writeJsonlAtomic,
} from "@mede2/schemas";
import { filmLinks } from "./film-links.ts";
import type { DataFile } from "./films-data.ts";

export type FilmPairs = DataFile & {
  readonly count: number;
  readonly bothRight: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly dropped: Readonly<Record<string, number>>;
};

/** Rates sampled answers by the programmatic MMRP with the links of `checkFilmTrace` and the label, and pairs them. */
export async function writeFilmPairs(
  workspace: string,
  candidates: string,
  rated: string,
  settings: PairSettingsInput,
): Promise<FilmPairs> {
  const read = (path: string) => readJsonl(path, candidatesSchema);
  if (!existsSync(rated))
    await writeJsonlAtomic(rated, scoreCandidates(read(candidates), { links: filmLinks }), {
      schema: candidatesSchema,
    });
  const all: Candidates[] = [];
  for await (const one of read(rated)) all.push(one);
  const { pairs, dropped, kinds, statistics } = buildPairs(all, settings);
  const path = "data/stage2.pairs.jsonl";
  await writeJsonlAtomic(join(workspace, path), pairs, { schema: preferencePairSchema });
  const sha256 = sha256Hex(await readFile(join(workspace, path)));
  return { path, sha256, count: pairs.length, bothRight: statistics.bothRight, kinds, dropped };
}
