import { type Candidates, type PreferencePair, problemSentence, problemsOf, withId } from "@mede2/schemas";
import { createRandom } from "@mede2/stats";
import { PreferenceError } from "../preference-error.ts";
import type { Rubric } from "../rubric.ts";
import { defaultRubric } from "../rubrics/default-rubric.ts";
import { balanceWeights } from "./balance-weights.ts";
import { type PairSettings, type PairSettingsInput, pairSettingsSchema } from "./pair-settings.ts";
import { type PairStatistics, pairStatistics } from "./pair-statistics.ts";
import { type Dropped, type Proposal, proposePairs, ratingOf } from "./propose-pairs.ts";
import { selectPairs } from "./select-pairs.ts";

export interface BuiltPairs {
  pairs: PreferencePair[];
  /** Traces that could not be chosen, pairs that were not made and pairs that were not kept, each with its reason. */
  dropped: Dropped;
  kinds: Record<string, number>;
  statistics: PairStatistics;
}

/**
 * Preference pairs from rated candidates: same prompt; the chosen trace passes every gate and every floor of the rubric; the rejected one is
 * worse by `margin` in total, worse on at least one criterion, and not better by more than `anchorSlack` anchors on another. Deterministic
 * in candidates and settings. Throws a PreferenceError for candidates without ratings or a share that cannot be reached.
 */
export function buildPairs(
  candidates: readonly Candidates[],
  settings: PairSettingsInput = {},
  rubric: Rubric = defaultRubric,
): BuiltPairs {
  const ready = readSettings(settings);
  const planned = planPairs(ready, rubric);
  for (const one of candidates) planned.see(one);
  const { finish, dropped } = planned.select();
  const statistics = pairStatistics(ready.lengthLogRatio);
  const pairs = candidates.flatMap((one) =>
    finish(one).map(({ pair, bothRight }) => {
      statistics.add(pair, bothRight);
      return pair;
    }),
  );
  const result = statistics.result();
  return { pairs, dropped, kinds: result.kinds, statistics: result };
}

export function readSettings(settings: PairSettingsInput): PairSettings {
  const { data, error } = pairSettingsSchema.safeParse(settings);
  if (error !== undefined)
    throw new PreferenceError("invalid-settings", `pairs: ${problemSentence(problemsOf(error, settings))}`);
  return data;
}

export interface FinishedPair {
  pair: PreferencePair;
  bothRight: boolean;
}

/** Two passes over the candidates: `see` each, `select`, then `finish` each. Between them only proposals are kept. */
export function planPairs(
  settings: PairSettings,
  rubric: Rubric,
): {
  see(candidates: Candidates): void;
  select(): { finish(candidates: Candidates): FinishedPair[]; dropped: Dropped };
} {
  const proposals: Proposal[] = [];
  const dropped: Dropped = {};
  const add = (more: Dropped) => {
    for (const [reason, count] of Object.entries(more)) dropped[reason] = (dropped[reason] ?? 0) + count;
  };
  return {
    see(candidates) {
      const proposed = proposePairs(candidates, settings, rubric);
      add(proposed.dropped);
      for (const proposal of proposed.proposals) proposals.push(proposal);
    },
    select() {
      const result = selectPairs(proposals, settings);
      add(result.dropped);
      const weightOf = balanceWeights(result.selected, settings);
      const byQuestion = new Map<string, Proposal[]>();
      for (const proposal of result.selected) {
        const list = byQuestion.get(proposal.questionId);
        if (list) list.push(proposal);
        else byQuestion.set(proposal.questionId, [proposal]);
      }
      return {
        dropped,
        finish: (candidates) =>
          (byQuestion.get(candidates.question.id) ?? []).map((proposal) => ({
            pair: pairOf(candidates, proposal, settings, weightOf(proposal)),
            bothRight: proposal.bothRight,
          })),
      };
    },
  };
}

function pairOf(
  candidates: Candidates,
  proposal: Proposal,
  settings: PairSettings,
  weight: number,
): PreferencePair {
  const swapped =
    settings.randomLabels &&
    createRandom(
      `${settings.seed}/coin/${proposal.questionId}/${proposal.chosen}/${proposal.rejected}`,
    ).below(2) === 1;
  const side = (id: string) => ({
    trace: candidates.traces.find((trace) => trace.id === id)!,
    rating: ratingOf(candidates, id)!,
  });
  const [chosen, rejected] = swapped
    ? [side(proposal.rejected), side(proposal.chosen)]
    : [side(proposal.chosen), side(proposal.rejected)];
  const { question } = candidates;
  const { name, version, rubric } = chosen.rating.scorer;
  const control = [
    settings.outcomeOnly ? "outcome-only" : "",
    settings.randomLabels ? "random-labels" : "",
  ].filter(Boolean);
  return withId({
    record: "preference-pair" as const,
    v: 1 as const,
    question,
    chosen: chosen.trace,
    rejected: rejected.trace,
    ratings: { chosen: chosen.rating, rejected: rejected.rating },
    negativeKind: proposal.kind,
    margin: round(swapped ? -proposal.margin : proposal.margin),
    weight: round(weight),
    provenance: {
      plan: settings.plan,
      scorer: `${name} ${version} ${rubric}`,
      seed: settings.seed,
      parents: [chosen.trace.id, rejected.trace.id],
      ...(control.length > 0 && { control: control.join("+") }),
      ...(settings.randomLabels && { swapped }),
    },
    licence: question.licence,
    split: question.split,
  });
}

const round = (value: number) => Math.round(value * 1e6) / 1e6;
