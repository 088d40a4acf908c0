import { isCorrect } from "@mede2/answers";
import {
  type Candidates,
  type Demonstration,
  type PreferencePair,
  type Rating,
  type Trace,
  withId,
} from "@mede2/schemas";
import { createRandom } from "@mede2/stats";
import { ratingOf } from "./pairs/propose-pairs.ts";
import { PreferenceError } from "./preference-error.ts";
import { passesGates } from "./score-trace.ts";

export interface BestOfSettings {
  seed?: number;
  /**
   * "right": any answer that is right, by chance (rejection sampling as it is usually done);
   * "mmrp": the best total among those that pass every gate.
   */
  by?: "right" | "mmrp";
  /** Most traces of one question, with different words. */
  perQuestion?: number;
}

/**
 * Demonstrations for fine-tuning on a model's own answers: the control beside which a preference method is reported. Questions without
 * such an answer are counted in `dropped`.
 */
export function bestOf(
  candidates: Iterable<Candidates>,
  { seed = 0, by = "right", perQuestion = 1 }: BestOfSettings = {},
): { demonstrations: Demonstration[]; dropped: Record<string, number> } {
  const demonstrations: Demonstration[] = [];
  const dropped: Record<string, number> = {};
  for (const one of candidates) {
    const fit = eligible(one, by);
    if (fit.length === 0) {
      const reason = by === "mmrp" && hasRight(one) ? "no-answer-passes-the-gates" : "no-right-answer";
      dropped[reason] = (dropped[reason] ?? 0) + 1;
      continue;
    }
    const random = createRandom(`${seed}/best-of/${one.question.id}`);
    // chance breaks ties: the sort is stable
    const order = random
      .shuffled([...fit].sort((a, b) => (a.trace.id < b.trace.id ? -1 : 1)))
      .sort((a, b) => (by === "mmrp" ? (b.rating?.total ?? 0) - (a.rating?.total ?? 0) : 0));
    for (const { trace, rating } of order.slice(0, perQuestion))
      demonstrations.push(demonstrationOf(one.question, trace, rating, `best-of-${by}`));
  }
  return { demonstrations, dropped };
}

/** The chosen side of pairs as demonstrations, each trace once: for the control that only raises the probability of what is chosen. */
export function chosenDemonstrations(pairs: Iterable<PreferencePair>): Demonstration[] {
  const seen = new Set<string>();
  const demonstrations: Demonstration[] = [];
  for (const { question, chosen, ratings } of pairs) {
    if (seen.has(chosen.id)) continue;
    seen.add(chosen.id);
    demonstrations.push(demonstrationOf(question, chosen, ratings.chosen, "chosen"));
  }
  return demonstrations;
}

type Fit = { trace: Trace; rating: Rating | undefined };

function eligible(candidates: Candidates, by: "right" | "mmrp"): Fit[] {
  const { question, traces } = candidates;
  const texts = new Set<string>();
  return traces.flatMap((trace): Fit[] => {
    if (!isCorrect(trace.answer, question.gold) || texts.has(trace.text) || "negative" in trace) return [];
    const rating = ratingOf(candidates, trace.id);
    if (by === "mmrp" && rating === undefined)
      throw new PreferenceError(
        "unrated",
        `the trace ${trace.id} of ${question.id} has no rating: score the candidates first`,
      );
    if (by === "mmrp" && !passesGates(rating!)) return [];
    texts.add(trace.text);
    return [{ trace, rating }];
  });
}

function hasRight({ question, traces }: Candidates): boolean {
  return traces.some((trace) => isCorrect(trace.answer, question.gold));
}

function demonstrationOf(
  question: Candidates["question"],
  trace: Trace,
  rating: Rating | undefined,
  name: string,
): Demonstration {
  const checks = Object.entries(rating?.gates ?? {}).flatMap(([gate, state]) =>
    state === "not-applicable" ? [] : [{ name: gate, passed: state === "passed" }],
  );
  return withId({
    record: "demonstration" as const,
    v: 1 as const,
    question,
    trace,
    orchestration: { name, version: "1" },
    checks,
  });
}
