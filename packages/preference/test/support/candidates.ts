import type { Candidates, Question, Rating, Trace } from "@mede2/schemas";
import { createRandom } from "@mede2/stats";
import { question, traceOf } from "./traces.ts";

/** What a trace of made-up candidates is like; values of criteria 0–1. */
export interface Made {
  right: boolean;
  logic?: number;
  reflection?: number;
  gate?: boolean;
  tokens?: number;
  text?: string;
  negative?: { kind: string; from: string };
  unparsed?: boolean;
}

export function askedAbout(name: string): Question {
  return { ...question, id: `test:${name}`, group: { case: name } };
}

/** Candidates whose ratings are given, for tests of pairing alone. */
export function madeCandidates(name: string, made: readonly Made[]): Candidates {
  const asked = askedAbout(name);
  const traces = made.map((one, at) => {
    const said = one.unparsed ? "Nothing" : `\\boxed{${one.right ? "doxycycline" : "amoxicillin"}}`;
    const trace = traceOf(
      `<think>\nsample ${one.text ?? `${name}-${at}`}\n</think>\n\n${said}`,
      { tokens: { prompt: 10, completion: one.tokens ?? 50 } },
      asked,
    );
    return one.negative === undefined ? trace : { ...trace, negative: one.negative };
  });
  return {
    record: "candidates",
    v: 1,
    question: asked,
    traces,
    ratings: made.map((one, at) => ratingOf(traces[at]!, one)),
  };
}

function ratingOf(trace: Trace, { right, logic = 1, reflection = 1, gate = right }: Made): Rating {
  const scored = (value: number) => ({
    status: "scored" as const,
    value,
    anchor: (value >= 0.8 ? 2 : value >= 0.4 ? 1 : 0) as 0 | 1 | 2,
    spans: [],
  });
  return {
    record: "rating",
    v: 1,
    traceId: trace.id,
    scorer: { name: "mmrp", version: "1", rubric: "made@1", mode: "programmatic", judges: [] },
    gates: { "answer-correct": right ? "passed" : "failed", other: gate ? "passed" : "failed" },
    criteria: {
      "logical-consistency": scored(logic),
      reflection: scored(reflection),
      "image-involvement": { status: "unscored", reason: "no-image" },
      outcome: scored(right ? 1 : 0),
    },
    total: (logic + reflection + (right ? 1 : 0)) / 3,
  };
}

/** Candidates as a sampler would give them: right with the given chance, process values by chance. */
export function randomCandidates(
  count: number,
  samples: number,
  seed: number,
  rightShare = 0.6,
): Candidates[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, at) =>
    madeCandidates(
      `${at}`,
      Array.from({ length: samples }, () => ({
        right: random.uniform() < rightShare,
        logic: 0.6 + 0.1 * random.below(5),
        reflection: 0.5 * random.below(3),
        tokens: 30 + random.below(60),
      })),
    ),
  );
}
