import { makeTrace } from "@mede2/answers";
import { buildPairs, scoreCandidates } from "@mede2/preference";
import {
  type Candidates,
  type Demonstration,
  type ImageCondition,
  type PreferencePair,
  type Question,
  sha256Hex,
  type Trace,
  withId,
} from "@mede2/schemas";
import { filmLabel, filmLinks } from "./film-links.ts";

/** An option's words and nothing else. */
function bareTrace(question: Question, text: string, images: ImageCondition): Trace {
  return makeTrace({
    question,
    by: { kind: "template", name: "film-label" },
    stage: null,
    images,
    promptHash: sha256Hex([question.stem, ...question.options].join("\n")),
    sample: null,
    text,
    finish: "stop",
    tokens: { prompt: 0, completion: 0 },
  });
}

/** The right option as a demonstration. */
export function bareAnswer(question: Question, images: ImageCondition): Demonstration {
  return withId({
    record: "demonstration" as const,
    v: 1 as const,
    question,
    trace: bareTrace(question, filmLabel(question), images),
    orchestration: { name: "film-label", version: "1" },
    checks: [],
  });
}

/** The right option preferred to the wrong one, a pair a film. */
export async function barePairs(films: readonly Question[], seed: number): Promise<PreferencePair[]> {
  if (films.length === 0) return [];
  const answers = films.map((question) => ({
    ...{ record: "candidates" as const, v: 1 as const, question, ratings: [] },
    traces: question.options.map((text) => bareTrace(question, text, "real")),
  }));
  const rated: Candidates[] = [];
  for await (const one of scoreCandidates(answers, { links: filmLinks })) rated.push(one);
  return buildPairs(rated, { seed, plan: "films-bare", outcomeOnly: true, lengthMatch: "ignore" }).pairs;
}
