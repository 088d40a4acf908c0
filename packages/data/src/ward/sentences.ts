import type { Random } from "./images/random.ts";

/** The sentences of a chain, in their order. */
export type WardSentence =
  | "finding"
  | "fact"
  | "diagnosis"
  | "group"
  | "drug"
  | "alternative"
  | "check"
  | "answer";

export interface WardWords {
  finding: string;
  bareFinding: string;
  /** Name and value: "white cells 46". */
  chart: string;
  meaning: string;
  diagnosis: string;
  group: string;
  factor: string;
  drug: string;
  otherGroup: string;
  otherFinding: string;
}

/** For what says only a sentence or two. */
export const noWords: WardWords = {
  finding: "",
  bareFinding: "",
  chart: "",
  meaning: "",
  diagnosis: "",
  group: "",
  factor: "",
  drug: "",
  otherGroup: "",
  otherFinding: "",
};

/** The wordings of each sentence. Pretraining states the rules in the same words (and in others), so a chain recalls what was read. */
export const wordings: { readonly [S in WardSentence]: readonly ((words: WardWords) => string)[] } = {
  finding: [({ finding }) => `the picture shows ${finding}.`, ({ finding }) => `the picture has ${finding}.`],
  fact: [
    ({ chart, meaning }) => `${chart} means ${meaning}.`,
    ({ chart, meaning }) => `${chart} is ${meaning}.`,
  ],
  diagnosis: [
    ({ bareFinding, meaning, diagnosis }) => `${bareFinding} with ${meaning} is ${diagnosis}.`,
    ({ bareFinding, meaning, diagnosis }) => `${bareFinding} and ${meaning} make ${diagnosis}.`,
  ],
  group: [
    ({ diagnosis, group }) => `${diagnosis} needs ${group}.`,
    ({ diagnosis, group }) => `${diagnosis} calls for ${group}.`,
  ],
  drug: [
    ({ group, factor, drug }) => `${group} when ${factor} is ${drug}.`,
    ({ group, factor, drug }) => `${factor}, so ${group} is ${drug}.`,
  ],
  alternative: [
    ({ otherGroup, otherFinding }) => `${otherGroup} would need ${otherFinding}, not seen.`,
    ({ otherGroup, otherFinding }) => `no ${otherFinding}, so ${otherGroup} is excluded.`,
  ],
  check: [
    ({ chart, factor, drug }) => `check: chart says ${chart}, ${factor}, ${drug} offered.`,
    ({ chart, factor, drug }) => `check: ${chart} stands there, ${factor} too, ${drug} is offered.`,
  ],
  answer: [({ drug }) => `the answer is \\boxed{${drug}}`],
};

export function say(sentence: WardSentence, words: WardWords, random: Random): string {
  return random.pick(wordings[sentence])(words);
}
