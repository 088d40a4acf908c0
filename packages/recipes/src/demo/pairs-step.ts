import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  bestOf,
  buildPairs,
  chosenDemonstrations,
  type PairSettingsInput,
  type Rubric,
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
import { withSwappedNegative } from "./swapped-negatives.ts";

export type BuiltPairsFile = {
  readonly path: string;
  readonly sha256: string;
  readonly count: number;
  readonly bothRight: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly dropped: Readonly<Record<string, number>>;
};

/**
 * Rates sampled answers by the programmatic MMRP, all in one pass. What the ward's checker knows of the links of a chain is left out here: with it fewer cases had an answer that may be chosen, and on the
 * development combinations the model then lost accuracy (docs/experiments.md). So MMRP judges as it would anywhere.
 */
export async function scoreWardCandidates(from: string, to: string): Promise<number> {
  if (!existsSync(to)) await writeJsonlAtomic(to, scoreCandidates(readJsonl(from, candidatesSchema)));
  let count = 0;
  for await (const _ of readJsonl(to, candidatesSchema)) count += 1;
  return count;
}

/** Rates the answers, adds to each question what the model said to a swapped picture, and rates again. The last file, `rated.candidates.jsonl`, is kept. */
export async function rateWithSwapped(
  folder: string,
  candidates: string,
  swapped: string,
): Promise<Candidates[]> {
  const [first, both, rated] = ["first", "with-swapped", "rated"].map((name) =>
    join(folder, `${name}.candidates.jsonl`),
  ) as [string, string, string];
  if (!existsSync(rated)) {
    await scoreWardCandidates(candidates, first);
    const others = new Map(
      (await readCandidates(swapped)).map(({ question, traces }) => [question.id, traces[0]]),
    );
    const all = (await readCandidates(first)).map((one) => {
      const other = others.get(one.question.id);
      return other === undefined ? one : withSwappedNegative(one, other);
    });
    await writeJsonlAtomic(both, all, { schema: candidatesSchema });
    await scoreWardCandidates(both, rated);
    for (const file of [first, both]) await rm(file);
  }
  return readCandidates(rated);
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

/**
 * How the demo pairs, as the development sets prefer it: at most four in ten pairs of two sampled right answers, so that much of the contrast is about what is wrong or about another picture.
 */
export const demoPairSettings = {
  kinds: { "right-answer-poor-reasoning": 0.4 },
  perCase: 3,
  perChosen: 2,
} as const satisfies PairSettingsInput;

/** Finds the special tokens that a text would be read as. */
export type FindSpecialTokens = (text: string) => readonly string[];

/**
 * Pairs of a demo: as many as the gates let through, at least three in ten with a right answer on both sides. A sampled answer that spells a special token of the model cannot
 * be trained on and is left out, counted as `special-token`.
 */
export async function writePairs(
  workspace: string,
  candidates: readonly Candidates[],
  name: string,
  settings: PairSettingsInput,
  specialTokensIn: FindSpecialTokens,
  rubric?: Rubric,
): Promise<BuiltPairsFile> {
  const path = join("data", `${name}.pairs.jsonl`);
  const { fit, unfit } = withoutSpecialTokens(candidates, specialTokensIn);
  const { pairs, statistics, kinds, ...built } = buildPairs(fit, settings, rubric);
  const dropped = unfit === 0 ? built.dropped : { ...built.dropped, "special-token": unfit };
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
    kinds,
    dropped,
  };
}

function withoutSpecialTokens(candidates: readonly Candidates[], specialTokensIn: FindSpecialTokens) {
  let unfit = 0;
  const fit = candidates.map((one) => {
    const traces = one.traces.filter(({ text }) => specialTokensIn(text).length === 0);
    unfit += one.traces.length - traces.length;
    return { ...one, traces };
  });
  return { fit, unfit };
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
        readonly specialTokensIn: FindSpecialTokens;
      },
): Promise<{ path: string; sha256: string; count: number }> {
  const path = join("data", `${name}.demonstrations.jsonl`);
  const records =
    "pairs" in source
      ? chosenDemonstrations(await readPairs(join(workspace, source.pairs)))
      : bestOf(withoutSpecialTokens(source.candidates, source.specialTokensIn).fit, source).demonstrations;
  await writeJsonlAtomic(join(workspace, path), records, { schema: demonstrationSchema });
  return { path, sha256: sha256Hex(await readFile(join(workspace, path))), count: records.length };
}

async function readPairs(path: string) {
  const all = [];
  for await (const pair of readJsonl(path, preferencePairSchema)) all.push(pair);
  return all;
}
