import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Demonstration,
  demonstrationSchema,
  readJsonl,
  sha256Hex,
  type TrainingPlan,
  withId,
  writeJsonlAtomic,
} from "@mede2/schemas";
import { type FindSpecialTokens, readCandidates, writeOwnDemonstrations } from "../demo/pairs-step.ts";
import type { StageStart } from "../stage-training.ts";
import { filmLabel } from "./film-links.ts";
import type { DataFile, FilmsData } from "./films-data.ts";
import { type FilmPairs, writePairsOf } from "./films-pairs.ts";
import { filmsChosen, filmsStage2 } from "./films-plans.ts";
import type { FilmsControl } from "./films-report.ts";
import type { FilmsAmounts } from "./films-settings.ts";

type ControlSettings = {
  /** Stage I, from which every control starts. */
  readonly from: StageStart;
  readonly amounts: FilmsAmounts;
  readonly pairs: FilmPairs;
  readonly bare: FilmsData["bare"];
  /** The rated answers that the pairs were made of. */
  readonly rated: string;
  readonly specialTokensIn: FindSpecialTokens;
};

/** Writes the data of a control and returns its plan: the rate, the passes and the answers of Stage II, and one thing changed. */
export async function filmsControlPlan(
  control: FilmsControl,
  { from, amounts, pairs, bare, rated, specialTokensIn }: ControlSettings,
): Promise<TrainingPlan> {
  const { workspace, seed } = from;
  switch (control) {
    case "nll-on-chosen": {
      const data = await writeOwnDemonstrations(workspace, control, { pairs: pairs.path });
      return filmsChosen(from, amounts, control, data, bare);
    }
    case "balanced-nll":
      return filmsChosen(from, amounts, control, await writeBalanced(workspace, control, pairs), bare);
    case "rejection-sampling": {
      const candidates = await readCandidates(rated);
      const perQuestion = 2;
      const source = { candidates, by: "right" as const, seed, perQuestion, specialTokensIn };
      const data = await writeOwnDemonstrations(workspace, control, source);
      return filmsChosen(from, amounts, control, data, bare);
    }
    case "outcome-only":
    case "random-labels": {
      const { perCase, bothRightShare, balance } = amounts.stage2.pairs;
      const own =
        control === "outcome-only"
          ? { perCase, balance, outcomeOnly: true, bothRightShare: 0 }
          : { perCase, balance, bothRightShare, randomLabels: true };
      const candidates = await readCandidates(rated);
      const settings = { ...own, seed, plan: `films-${control}` };
      const data = await writePairsOf(workspace, control, candidates, settings, specialTokensIn);
      return filmsStage2(from, amounts, data, bare);
    }
  }
}

/** The chosen answers, those of the label with fewer repeated until both labels have as many: what the balance of the pairs is for the likelihood alone. */
async function writeBalanced(workspace: string, name: string, pairs: FilmPairs): Promise<DataFile> {
  const { path } = await writeOwnDemonstrations(workspace, name, { pairs: pairs.path });
  const byLabel = new Map<string, Demonstration[]>();
  for await (const one of readJsonl(join(workspace, path), demonstrationSchema)) {
    const label = filmLabel(one.question);
    byLabel.set(label, [...(byLabel.get(label) ?? []), one]);
  }
  const most = Math.max(...[...byLabel.values()].map(({ length }) => length));
  const records = [...byLabel.values()].flatMap((own) =>
    Array.from({ length: most }, (_, at) => copyOf(own[at % own.length]!, Math.floor(at / own.length))),
  );
  await writeJsonlAtomic(join(workspace, path), records, { schema: demonstrationSchema });
  return { path, sha256: sha256Hex(await readFile(join(workspace, path))) };
}

/** The same demonstration under an id of its own: a file holds an id once. */
function copyOf(demonstration: Demonstration, number: number): Demonstration {
  if (number === 0) return demonstration;
  const { id: _, orchestration, ...rest } = demonstration;
  return withId({ ...rest, orchestration: { ...orchestration, version: `copy-${number}` } });
}
