import type { Question, Trace } from "@mede2/schemas";

/**
 * The programmatic MMRP as it may be used to choose among answers: without the right answer, and without what only the data set's author knows of the picture. A trace that fails a gate, or of which nothing can
 * be judged, has no rating.
 */
export async function blindRating(): Promise<(question: Question, trace: Trace) => number | null> {
  const { defaultRubric, passesGates, scoreTrace } = await import("@mede2/preference");
  const { "answer-correct": _gate, ...gates } = defaultRubric.gates;
  const { outcome: _criterion, ...criteria } = defaultRubric.criteria;
  const rubric = { ...defaultRubric, name: `${defaultRubric.name}-blind`, gates, criteria };
  return (question, trace) => {
    const { findings: _findings, facts: _facts, gold: _gold, ...shown } = question;
    const rating = scoreTrace({ question: { ...shown, gold: nothingKnown }, trace }, rubric);
    return passesGates(rating) ? rating.total : null;
  };
}

const nothingKnown: Question["gold"] = { text: "\u0000", aliases: [] };
