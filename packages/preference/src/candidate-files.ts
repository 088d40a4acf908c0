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
import {
  type ConstructedKind,
  constructNegative,
  type NegativeSettings,
} from "./negatives/construct-negative.ts";
import { planPairs, readSettings } from "./pairs/build-pairs.ts";
import { constructedFrom } from "./pairs/negative-kinds.ts";
import type { PairSettingsInput } from "./pairs/pair-settings.ts";
import { type PairStatistics, pairStatistics } from "./pairs/pair-statistics.ts";
import type { Dropped } from "./pairs/propose-pairs.ts";
import type { Rubric } from "./rubric.ts";
import { defaultRubric } from "./rubrics/default-rubric.ts";
import { type DetailedRating, passesGates, scoreTrace } from "./score-trace.ts";
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
  /**
   * Makes negatives of the good traces of a question: those that pass every gate, are no negative themselves and have none yet. They are rated and
   * kept with the others.
   */
  negatives?: ((candidates: Candidates, good: readonly Trace[]) => Promise<readonly Trace[]>) | undefined;
}

/** Rates every trace; earlier ratings of the same scorer and rubric are replaced, those of others stay. Streams. */
export async function* scoreCandidates(
  source: Iterable<Candidates> | AsyncIterable<Candidates>,
  { rubric = defaultRubric, links, counterfactuals, judging, negatives }: ScoreSettings = {},
): AsyncGenerator<Candidates> {
  if (judging !== undefined) checkJudging(judging);
  const rate = async (candidates: Candidates, traces: readonly Trace[]): Promise<DetailedRating[]> => {
    const { question } = candidates;
    const own = { ...candidates, traces: [...traces] };
    const known = await counterfactuals?.(own);
    const ratings = traces.map((trace) =>
      scoreTrace(
        { question, trace, links: links?.(question, trace), counterfactual: known?.get(trace.id) },
        rubric,
      ),
    );
    return judging === undefined ? ratings : addJudges(own, ratings, rubric, judging);
  };
  for await (const candidates of source) {
    const traces = [...candidates.traces];
    const ratings = await rate(candidates, traces);
    if (negatives !== undefined) {
      const parents = new Set(traces.flatMap((trace) => constructedFrom(trace)?.from ?? []));
      const good = traces.filter(
        (trace, at) => passesGates(ratings[at]!) && constructedFrom(trace) === null && !parents.has(trace.id),
      );
      const made = good.length === 0 ? [] : await negatives(candidates, good);
      ratings.push(...(await rate(candidates, made)));
      traces.push(...made);
    }
    const others = candidates.ratings.filter(({ scorer }) => scorer.name !== ratings[0]?.scorer.name);
    yield { ...candidates, traces, ratings: [...ratings, ...others] };
  }
}

/** Constructs negatives by rules alone, one of each kind for each good trace. A swapped-image negative takes its sentences from the good trace of the question before with another picture. */
export function textNegatives(
  kinds: readonly ConstructedKind[],
  settings: NegativeSettings,
): (candidates: Candidates, good: readonly Trace[]) => Promise<Trace[]> {
  let donors: { trace: Trace; picture: string }[] = [];
  return async ({ question }, good) => {
    const picture = question.images.map(({ sha256 }) => sha256).join();
    const donor = donors.find((one) => one.picture !== picture)?.trace;
    donors = [{ trace: good[0]!, picture }, ...donors.filter((one) => one.picture !== picture)].slice(0, 2);
    return good.flatMap((trace) =>
      kinds.flatMap((kind) => constructNegative(kind, { question, trace, donor }, settings) ?? []),
    );
  };
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
