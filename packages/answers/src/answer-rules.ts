import {
  type FindCandidates,
  findAnnounced,
  findAnswerTags,
  findBare,
  findBoxes,
  findOptionText,
} from "./cascade-rules.ts";
import { findFirstCapital, findInspectAnswer, findLastCapital, findMmmu } from "./peer-rules.ts";

/** A named way to find the answer. */
export type AnswerRule = {
  about: string;
  find: FindCandidates;
  /** Several candidates: the last one counts, or all must agree. */
  among: "last" | "agree";
  /** Marked explicitly by the model: also trusted when the text was cut off later. */
  marked: boolean;
  origin: "cascade" | "peer";
};

const table = {
  "answer-tag": {
    about: "<answer>B</answer>",
    find: findAnswerTags,
    among: "agree",
    marked: true,
    origin: "cascade",
  },
  boxed: {
    about: "\\boxed{B}, the label or the option's words",
    find: findBoxes,
    among: "agree",
    marked: true,
    origin: "cascade",
  },
  announced: {
    about: 'the last "the answer is B" or "Answer: B"',
    find: findAnnounced,
    among: "last",
    marked: true,
    origin: "cascade",
  },
  bare: {
    about: "the reply, or its first and last line, is a label or an option",
    find: findBare,
    among: "agree",
    marked: false,
    origin: "cascade",
  },
  "option-text": {
    about: "the only option named and not denied",
    find: findOptionText,
    among: "agree",
    marked: false,
    origin: "cascade",
  },
  inspect: {
    about: "Inspect's last ANSWER: line",
    find: findInspectAnswer,
    among: "last",
    marked: true,
    origin: "peer",
  },
  mmmu: {
    about: "MMMU's parser without its random guess",
    find: findMmmu,
    among: "last",
    marked: false,
    origin: "peer",
  },
  "first-capital": {
    about: 'MedXpertQA\'s cleansing: first letter after "answer is"',
    find: findFirstCapital,
    among: "last",
    marked: false,
    origin: "peer",
  },
  "last-capital": {
    about: "the last capital letter that is a label",
    find: findLastCapital,
    among: "last",
    marked: false,
    origin: "peer",
  },
} as const satisfies Record<string, AnswerRule>;

export type AnswerRuleName = keyof typeof table;

/** All rules by name, those of the cascade in the order in which it tries them. */
export const answerRules: Readonly<Record<AnswerRuleName, AnswerRule>> = table;

export const answerRuleNames = Object.keys(table) as AnswerRuleName[];
