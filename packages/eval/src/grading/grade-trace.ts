import {
  answerRuleNames,
  extractAnswer,
  extractByRule,
  isCorrect,
  type PeerName,
  type PeerVerdict,
  peerVerdicts,
} from "@mede2/answers";
import { type Answer, type EvaluationRecord, optionIndex, type Question, type Trace } from "@mede2/schemas";
import { extraction } from "../answering/trace-of-reply.ts";

export interface GradeSettings {
  task: string;
  protocol: string;
  model: EvaluationRecord["model"];
  /** Our strict cascade, or as another harness grades. Default "strict". */
  reading?: "strict" | PeerName;
}

/** An evaluation record with more than the contract asks for; every reader keeps the keys. */
export type GradedRecord = EvaluationRecord & {
  /** Whether each rule's answer is right; "strict" is among them where the outcome is another harness's. */
  correctByRule: Record<string, boolean>;
  tokens: Trace["tokens"];
  /** Of the images that were really sent. */
  imageHashes: string[];
  /** The right option's words, or the right text; not for numbers and several options. */
  gold?: string;
  /** The other harness that graded, and what it drew or took for being nearest. */
  reading?: PeerName;
  guess?: PeerVerdict["guess"];
};

/**
 * Grades one answer anew from its text, by the strict cascade, and by every other rule for the band. A request that failed is excluded with
 * the reason; a refusal, an ambiguous, unparsed or truncated answer is wrong, and stays listed as what it is. With another harness's `reading` the outcome is its verdict,
 * and the strict one stands under `byRule.strict`.
 */
export function gradeTrace(question: Question, trace: Trace, settings: GradeSettings): GradedRecord {
  const { task, protocol, model, reading = "strict" } = settings;
  const how = extraction(question, trace.finish);
  const strict = extractAnswer(trace.text, how);
  const byRule: Record<string, Answer> = {};
  const correctByRule: Record<string, boolean> = {};
  for (const rule of answerRuleNames) {
    byRule[rule] = extractByRule(rule, trace.text, how);
    correctByRule[rule] = isCorrect(byRule[rule], question.gold);
  }
  const failed = strict.status === "error";
  let [answer, correct, peer]: [Answer, boolean, Partial<GradedRecord>] = [
    strict,
    isCorrect(strict, question.gold),
    {},
  ];
  if (reading !== "strict" && !failed) {
    const { options, gold } = question;
    const verdict = peerVerdicts[reading]({ text: lastReply(trace), options, gold });
    byRule.strict = strict;
    correctByRule.strict = correct;
    answer = peerAnswer(verdict, reading, strict, question);
    correct = verdict.correct;
    peer = { reading, ...(verdict.guess === null ? {} : { guess: verdict.guess }) };
  }
  const right = goldText(question);
  return {
    record: "evaluation-record",
    v: 1,
    questionId: question.id,
    task,
    protocol,
    model,
    stage: trace.stage,
    images: trace.images,
    sample: trace.sample?.index ?? 0,
    traceId: trace.id,
    answer,
    outcome: failed ? { excluded: "error" } : { correct },
    byRule,
    group: question.group,
    tags: question.tags,
    correctByRule,
    tokens: trace.tokens,
    imageHashes: trace.imageHashes,
    ...(right === undefined ? {} : { gold: right }),
    ...peer,
  };
}

/** The last reply as it came. */
function lastReply(trace: Trace): string {
  return (trace as { turns?: { text: string }[] }).turns?.at(-1)?.text ?? trace.text;
}

/** What the harness read, as an answer of ours; what it guessed is no answer. */
function peerAnswer(
  { label, correct, guess }: PeerVerdict,
  rule: PeerName,
  strict: Answer,
  question: Question,
): Answer {
  if (guess === null && label !== null) {
    const text = question.options[optionIndex(label, question.options.length) ?? -1];
    return { status: "found", labels: [label], ...(text === undefined ? {} : { text }), rule, span: null };
  }
  if (guess === null && correct && "text" in question.gold)
    return { status: "found", text: question.gold.text, rule, span: null };
  const why = strict.status === "refused" || strict.status === "truncated" ? strict.status : "unparsed";
  return { status: why, rule, span: null };
}

function goldText({ gold, options }: Question): string | undefined {
  if ("text" in gold) return gold.text;
  if (!("labels" in gold) || gold.labels.length !== 1) return undefined;
  return options[optionIndex(gold.labels[0]!, options.length) ?? -1];
}
