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
import { type FindSpecialTokens, readCandidates } from "../demo/pairs-step.ts";
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
  /** Special tokens that a text would be read as: a sampled answer can hold the name of one, and cannot be trained on. */
  specialTokensIn: FindSpecialTokens = () => [],
): Promise<FilmPairs> {
  if (!existsSync(rated))
    await writeJsonlAtomic(
      rated,
      scoreCandidates(readJsonl(candidates, candidatesSchema), { links: filmLinks }),
      { schema: candidatesSchema },
    );
  return writePairsOf(workspace, "stage2", await readCandidates(rated), settings, specialTokensIn);
}

/** Pairs of answers that are rated already, as `data/NAME.pairs.jsonl`. */
export async function writePairsOf(
  workspace: string,
  name: string,
  rated: readonly Candidates[],
  settings: PairSettingsInput,
  specialTokensIn: FindSpecialTokens,
): Promise<FilmPairs> {
  let unfit = 0;
  const all = rated.map((one) => {
    const traces = one.traces.filter(({ text }) => specialTokensIn(text).length === 0);
    unfit += one.traces.length - traces.length;
    return { ...one, traces };
  });
  const { pairs, kinds, statistics, ...built } = buildPairs(all, settings);
  const dropped = unfit === 0 ? built.dropped : { ...built.dropped, "special-token": unfit };
  if (pairs.length === 0) throw new NoPairsError(all, dropped);
  const path = `data/${name}.pairs.jsonl`;
  await writeJsonlAtomic(join(workspace, path), pairs, { schema: preferencePairSchema });
  const sha256 = sha256Hex(await readFile(join(workspace, path)));
  return { path, sha256, count: pairs.length, bothRight: statistics.bothRight, kinds, dropped };
}

/** Stage I gave nothing to choose: most often it answers films in one word, whatever the prompt asks for. */
export class NoPairsError extends Error {
  override readonly name = "NoPairsError";
  readonly code = "no-pairs";
  readonly next =
    "give Stage I less replay, more epochs or other stand-ins, and try it on a development fold first";

  constructor(candidates: readonly Candidates[], dropped: FilmPairs["dropped"]) {
    const traces = candidates.flatMap((one) => one.traces);
    const chains = traces.filter(({ reasoning }) => reasoning !== null).length;
    const reasons = Object.entries(dropped)
      .map(([reason, count]) => `${reason} ${count}`)
      .join(", ");
    super(
      `${chains} of ${traces.length} sampled answers reason at all, and no two of one film make a pair (${reasons})`,
    );
  }
}
