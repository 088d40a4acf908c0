export type { AnswerKind } from "./answer-context.ts";
export { type AnswerRule, type AnswerRuleName, answerRuleNames, answerRules } from "./answer-rules.ts";
export { type ExtractOptions, extractAnswer, extractByRule } from "./extract-answer.ts";
export { isCorrect } from "./grade-answer.ts";
export { normalisedText } from "./normalised-text.ts";
export { type Mention, optionMentions } from "./option-mentions.ts";
export { findQuantity, type Quantity, quantityMatches } from "./quantity.ts";
export { segmentTrace, sentences } from "./segment-trace.ts";
export { type Range, type TraceParts, traceParts } from "./trace-parts.ts";
