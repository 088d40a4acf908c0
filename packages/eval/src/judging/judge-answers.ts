import { existsSync } from "node:fs";
import { type ChatModel, type ChatReply, type ChatRequest, requestKey } from "@mede2/llm";
import {
  type AnswerStatus,
  appendJsonl,
  type EvaluationRecord,
  type ImageCondition,
  type Question,
  readLines,
  repairJsonlTail,
  type Trace,
} from "@mede2/schemas";
import { shareOf } from "../auditing/image-audit.ts";
import { clusterOf, scoreOf } from "../grading/score-of.ts";
import { type JudgeVerdict, judgePrompt, judgePromptVersion, readVerdict } from "./judge-prompt.ts";

/** One line of a judge's log. */
export interface JudgeRecord {
  record: "judge-verdict";
  v: 1;
  questionId: string;
  images: ImageCondition;
  sample: number;
  traceId: string;
  judge: { name: string; promptVersion: string };
  /** Of messages and sampling. */
  requestKey: string;
  raw: string;
  verdict: JudgeVerdict;
}

export interface JudgeItem {
  question: Question;
  record: EvaluationRecord;
  trace: Trace;
}

export interface JudgeSettings {
  judge: ChatModel;
  /** Log of verdicts; what is in it is never asked again. */
  file: string;
  /** Which answers are judged; default those that our rules could not read. */
  statuses?: readonly AnswerStatus[];
  maxTokens?: number;
  chunk?: number;
  signal?: AbortSignal;
  onProgress?: (progress: { done: number; total: number }) => void;
}

/** A second score beside the strict one, of the same answers. */
export interface JudgedSummary {
  judge: string;
  images: ImageCondition;
  /** Answers that were graded; with several samples all of them. */
  n: number;
  strict: number;
  /** With the judge's verdicts where our rules could not read; unscored ones stay wrong. */
  withJudge: number;
  /** 95 % interval of `withJudge`: Wilson, or by clusters, of which a question with several samples is one. Null for a single cluster. */
  low: number | null;
  high: number | null;
  judged: number;
  right: number;
  unscored: Record<string, number>;
}

export interface JudgedScore extends JudgedSummary {
  verdicts: JudgeRecord[];
}

/**
 * Lets a model read the answers that our rules could not. Its score stands beside the strict one and never in its place; every verdict is logged with the judge's own
 * words. `items` are the answers of one evaluation and condition. A judge should not be of the family that made the training data.
 */
export async function judgeAnswers(
  items: readonly JudgeItem[],
  settings: JudgeSettings,
): Promise<JudgedScore> {
  const {
    judge,
    file,
    statuses = ["ambiguous", "unparsed"],
    maxTokens = 512,
    chunk = 64,
    signal,
    onProgress,
  } = settings;
  const known = await readLog(file);
  const wanted = items
    .filter(({ record }) => scoreOf(record) !== null && statuses.includes(record.answer.status))
    .map((item) => {
      const request: ChatRequest = {
        messages: judgePrompt(item.question, item.trace.text),
        sampling: { temperature: 0, topP: 1, maxTokens },
      };
      return { ...item, request, key: requestKey(request) };
    });
  const name = (key: string, traceId: string) => `${judge.name}\n${traceId}\n${key}`;
  const verdicts = new Map<string, JudgeRecord>();
  const missing = wanted.filter(({ key, trace }) => {
    const before = known.get(name(key, trace.id));
    if (before !== undefined) verdicts.set(trace.id, before);
    return before === undefined;
  });
  onProgress?.({ done: verdicts.size, total: wanted.length });
  for (let from = 0; from < missing.length; from += chunk) {
    signal?.throwIfAborted();
    const part = missing.slice(from, from + chunk);
    const replies = await judge.generate(
      part.map(({ request }) => request),
      signal === undefined ? {} : { signal },
    );
    const lines = part.map(
      ({ question, record, trace, key }, at): JudgeRecord => ({
        record: "judge-verdict",
        v: 1,
        questionId: question.id,
        images: record.images,
        sample: record.sample,
        traceId: trace.id,
        judge: { name: judge.name, promptVersion: judgePromptVersion },
        requestKey: key,
        raw: replies[at]?.text ?? "",
        verdict: verdictOf(replies[at], question),
      }),
    );
    // a judge that failed is asked again next time
    await appendJsonl(
      file,
      lines.filter(({ verdict }) => !("unscored" in verdict && verdict.unscored === "failed")),
    );
    for (const line of lines) verdicts.set(line.traceId, line);
    onProgress?.({ done: verdicts.size, total: wanted.length });
  }
  return scoreOfJudged(items, judge.name, verdicts);
}

function verdictOf(reply: ChatReply | undefined, question: Question): JudgeVerdict {
  return reply === undefined || reply.finish === "error"
    ? { unscored: "failed" }
    : readVerdict(reply.text, question);
}

function scoreOfJudged(
  items: readonly JudgeItem[],
  judge: string,
  verdicts: ReadonlyMap<string, JudgeRecord>,
): JudgedScore {
  const unscored: Record<string, number> = {};
  const rows: { value: number; cluster: string }[] = [];
  let [strict, right] = [0, 0];
  for (const { record, trace, question } of items) {
    const score = scoreOf(record);
    if (score === null) continue;
    strict += score;
    const verdict = verdicts.get(trace.id)?.verdict;
    let value = score;
    if (verdict !== undefined && "unscored" in verdict)
      unscored[verdict.unscored] = (unscored[verdict.unscored] ?? 0) + 1;
    else if (verdict !== undefined) {
      value = Number("correct" in verdict ? verdict.correct : isGold(verdict.label, question));
      right += value;
    }
    rows.push({ value, cluster: clusterOf(record, "auto") });
  }
  const n = rows.length;
  const share = n === 0 ? { value: 0, low: null, high: null } : shareOf(rows);
  const judged = verdicts.size;
  return {
    judge,
    images: items[0]?.record.images ?? "real",
    n,
    strict: n === 0 ? 0 : strict / n,
    withJudge: share.value,
    low: share.low,
    high: share.high,
    judged,
    right,
    unscored,
    verdicts: [...verdicts.values()],
  };
}

const isGold = (label: string, { gold }: Question) =>
  "labels" in gold && gold.labels.length === 1 && gold.labels[0] === label;

async function readLog(file: string): Promise<Map<string, JudgeRecord>> {
  const known = new Map<string, JudgeRecord>();
  if (!existsSync(file)) return known;
  await repairJsonlTail(file);
  for await (const { text } of readLines(file)) {
    if (text.trim() === "") continue;
    const line = JSON.parse(text) as JudgeRecord;
    known.set(`${line.judge.name}\n${line.traceId}\n${line.requestKey}`, line);
  }
  return known;
}
