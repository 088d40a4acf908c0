/** The judge part of the four criteria: what is asked, and what 0, 1 and 2 mean. */
export const judgeQuestions: Readonly<
  Record<
    "logical-consistency" | "image-involvement" | "no-hallucination" | "reflection",
    { question: string; anchors: [string, string, string]; needsImage?: boolean }
  >
> = {
  "logical-consistency": {
    question: "Is the chain complete and free of contradiction, and does the conclusion follow from it?",
    anchors: [
      "it contradicts itself, or the conclusion does not follow from what was said",
      "the conclusion follows, but a step that carries it is missing or leaps",
      "complete, no leap, no contradiction, and the conclusion follows",
    ],
  },
  "image-involvement": {
    question: "Are findings of the picture named that are visible there, and do they carry the decision?",
    anchors: [
      "nothing is said of the picture, or what is said is not to be seen there",
      "findings are named, but the decision would be the same without them, or they are vague",
      "specific, visible findings (where and what) carry the decision",
    ],
    needsImage: true,
  },
  "no-hallucination": {
    question:
      "Is every statement about this patient and this picture supported by the case, and are the medical facts true?",
    anchors: [
      "an unsupported or false statement carries the decision",
      "an unsupported or false statement stands there but carries nothing",
      "no unsupported or false statement",
    ],
  },
  reflection: {
    question: "Is the evidence examined again, and does that confirm or change the conclusion with a reason?",
    anchors: [
      "no check, or filler such as 'wait' without content",
      "a check or an alternative is mentioned, but without evidence or reason",
      "evidence is examined again or an alternative weighed with a reason, and the conclusion confirmed or changed by it",
    ],
  },
};
