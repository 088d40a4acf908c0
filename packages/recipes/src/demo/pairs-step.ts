import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  bestOf,
  buildPairs,
  chosenDemonstrations,
  type PairSettingsInput,
  scoreCandidates,
} from "@mede2/preference";
import {
  type Candidates,
  candidatesSchema,
  demonstrationSchema,
  preferencePairSchema,
  readJsonl,
  sha256Hex,
  writeJsonlAtomic,
} from "@mede2/schemas";
import { TrainerError } from "@mede2/trainer";
import { wardLinks } from "./ward-links.ts";

export type BuiltPairsFile = {
  readonly path: string;
  readonly sha256: string;
  readonly count: number;
  readonly bothRight: number;
  readonly dropped: Readonly<Record<string, number>>;
};

/** Rates sampled answers by the programmatic MMRP with the links of the ward, all in one pass. */
export async function scoreWardCandidates(from: string, to: string): Promise<number> {
  if (!existsSync(to))
    await writeJsonlAtomic(to, scoreCandidates(readJsonl(from, candidatesSchema), { links: wardLinks }));
  let count = 0;
  for await (const _ of readJsonl(to, candidatesSchema)) count += 1;
  return count;
}

function reasons(dropped: Readonly<Record<string, number>>): string {
  const most = Object.entries(dropped).sort(([, a], [, b]) => b - a);
  return most
    .slice(0, 3)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(", ");
}

export async function readCandidates(path: string): Promise<Candidates[]> {
  const all: Candidates[] = [];
  for await (const one of readJsonl(path, candidatesSchema)) all.push(one);
  return all;
}

/** Pairs of a demo: as many as the gates let through, at least three in ten with a right answer on both sides. */
export async function writePairs(
  workspace: string,
  candidates: readonly Candidates[],
  name: string,
  settings: PairSettingsInput,
): Promise<BuiltPairsFile> {
  const path = join("data", `${name}.pairs.jsonl`);
  const { pairs, dropped, statistics } = buildPairs(candidates, settings);
  if (pairs.length === 0)
    throw new TrainerError(
      "no-pairs",
      `no answer to ${candidates.length} cases could be preferred to another: ${reasons(dropped)}`,
      "sample more answers, train Stage I longer, or look at the rated answers in the run of the pairs",
    );
  await writeJsonlAtomic(join(workspace, path), pairs, { schema: preferencePairSchema });
  return {
    path,
    sha256: sha256Hex(await readFile(join(workspace, path))),
    count: pairs.length,
    bothRight: statistics.bothRight,
    dropped,
  };
}

/** Demonstrations from a model's own answers: chosen sides of pairs, or the best right answer of each question. */
export async function writeOwnDemonstrations(
  workspace: string,
  name: string,
  source:
    | { readonly pairs: string }
    | {
        readonly candidates: readonly Candidates[];
        readonly by: "right" | "mmrp";
        readonly seed: number;
        readonly perQuestion?: number;
      },
): Promise<{ path: string; sha256: string; count: number }> {
  const path = join("data", `${name}.demonstrations.jsonl`);
  const records =
    "pairs" in source
      ? chosenDemonstrations(await readPairs(join(workspace, source.pairs)))
      : bestOf(source.candidates, source).demonstrations;
  await writeJsonlAtomic(join(workspace, path), records, { schema: demonstrationSchema });
  return { path, sha256: sha256Hex(await readFile(join(workspace, path))), count: records.length };
}

async function readPairs(path: string) {
  const all = [];
  for await (const pair of readJsonl(path, preferencePairSchema)) all.push(pair);
  return all;
}
