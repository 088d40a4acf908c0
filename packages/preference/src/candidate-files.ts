import {
  type Candidates,
  candidatesSchema,
  type PreferencePair,
  preferencePairSchema,
  readJsonl,
  type WrittenJsonl,
  writeJsonlAtomic,
} from "@mede2/schemas";
import { addJudges, checkJudging, type Judging } from "./judges/add-judges.ts";
import type { LinkResult } from "./link-results.ts";
import { planPairs, readSettings } from "./pairs/build-pairs.ts";
import type { PairSettingsInput } from "./pairs/pair-settings.ts";
import { type PairStatistics, pairStatistics } from "./pairs/pair-statistics.ts";
import type { Dropped } from "./pairs/propose-pairs.ts";
import type { Rubric } from "./rubric.ts";
import { defaultRubric } from "./rubrics/default-rubric.ts";
import { scoreTrace } from "./score-trace.ts";
import type { Counterfactual } from "./trace-context.ts";

type Trace = Candidates["traces"][number];

export interface ScoreSettings {
  rubric?: Rubric;
  /** What somebody who knows the case says of each link; undefined when nobody does. */
  links?: (question: Candidates["question"], trace: Trace) => readonly LinkResult[] | undefined;
  /** Log-probabilities by trace id, of one question's traces; a model's batch is the caller's business. */
  counterfactuals?: (candidates: Candidates) => Promise<ReadonlyMap<string, Counterfactual>>;
  /** Judges beside the checks. Without them: mode programmatic. */
  judging?: Judging | undefined;
}

/** Rates every trace; earlier ratings of the same scorer and rubric are replaced, those of others stay. Streams. */
export async function* scoreCandidates(
  source: Iterable<Candidates> | AsyncIterable<Candidates>,
  { rubric = defaultRubric, links, counterfactuals, judging }: ScoreSettings = {},
): AsyncGenerator<Candidates> {
  if (judging !== undefined) checkJudging(judging);
  for await (const candidates of source) {
    const { question, traces } = candidates;
    const known = await counterfactuals?.(candidates);
    const ratings = traces.map((trace) =>
      scoreTrace(
        { question, trace, links: links?.(question, trace), counterfactual: known?.get(trace.id) },
        rubric,
      ),
    );
    const judged = judging === undefined ? ratings : await addJudges(candidates, ratings, rubric, judging);
    const mine = ratings[0]?.scorer;
    const others = candidates.ratings.filter(({ scorer }) => scorer.name !== mine?.name);
    yield { ...candidates, ratings: [...judged, ...others] };
  }
}

export interface PairFiles {
  /** `*.candidates.jsonl`, rated. It is read twice and must not change meanwhile. */
  candidates: string;
  /** `*.pairs.jsonl`. */
  out: string;
}

/** `buildPairs` over files: what is kept in memory are proposals, some 200 bytes each, and never traces. */
export async function buildPairsFile(
  { candidates, out }: PairFiles,
  settings: PairSettingsInput = {},
  rubric: Rubric = defaultRubric,
): Promise<WrittenJsonl & { dropped: Dropped; kinds: Record<string, number>; statistics: PairStatistics }> {
  const ready = readSettings(settings);
  const planned = planPairs(ready, rubric);
  for await (const one of readJsonl(candidates, candidatesSchema)) planned.see(one);
  const { finish, dropped } = planned.select();
  const statistics = pairStatistics(ready.lengthLogRatio);
  const written = await writeJsonlAtomic(out, pairsOf(candidates, finish, statistics.add), {
    schema: preferencePairSchema,
  });
  const result = statistics.result();
  return { ...written, dropped, kinds: result.kinds, statistics: result };
}

async function* pairsOf(
  path: string,
  finish: ReturnType<ReturnType<typeof planPairs>["select"]>["finish"],
  add: (pair: PreferencePair, bothRight: boolean) => void,
): AsyncGenerator<PreferencePair> {
  for await (const one of readJsonl(path, candidatesSchema))
    for (const { pair, bothRight } of finish(one)) {
      add(pair, bothRight);
      yield pair;
    }
}
