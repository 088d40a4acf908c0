import {
  type AnswerStatus,
  answerStatusSchema,
  type EvaluationRecord,
  type ImageCondition,
} from "@mede2/schemas";
import { wilson } from "@mede2/stats";
import { clusteredRate } from "./clustered-rate.ts";
import { bandBuilder, type RuleBand } from "./rule-band.ts";
import { type ClusterSetting, clusterOf, scoreOf } from "./score-of.ts";

/** A share of right answers with its 95 % interval. */
export interface AccuracyPart {
  n: number;
  correct: number;
  accuracy: number | null;
  /** Wilson for single independent answers, else Student's by clusters (Miller 2024). */
  low: number | null;
  high: number | null;
  interval: "wilson" | "clustered" | null;
}

/** Accuracy of one model under one condition, and all that must stand beside it. `n` counts questions; with several samples `correct` is the sum of the questions' means. */
export interface Summary extends AccuracyPart {
  model: string;
  stage: EvaluationRecord["stage"];
  task: string;
  protocol: string;
  images: ImageCondition;
  /** Answers by status, over all samples. */
  answers: Record<AnswerStatus, number>;
  /** Records that count in no mean, by reason. */
  excluded: Record<string, number>;
  /** Accuracy if all excluded answers were wrong, and if all were right. */
  bounds: { low: number; high: number } | null;
  /** Accuracy under the strict cascade and every other rule that reads at least half of the answers: the least and the most generous. */
  band: RuleBand | null;
  /**
   * Where another harness graded: answers that it drew or took for being nearest, and its expected score, in which a drawn answer counts
   * one over the number of things it drew among. Null where our own rules graded.
   */
  guesses: { drawn: number; nearest: number; expected: number } | null;
  /** Unweighted mean of the F1 of the right options' words, where every question has one; null else, and for more than 20 of them. */
  macroF1: number | null;
  /** Mean tokens of an answer, and of a prompt as the model or its server counted it. */
  completionTokens: number | null;
  promptTokens: number | null;
  /** Mean number of pictures that were sent with a question; null where the records do not say. */
  picturesSent: number | null;
  /** More than 1 % of the requests failed: no headline should be made of it. */
  incomplete: boolean;
  /** Accuracy by the value of each tag that was asked for. */
  by: Record<string, Record<string, AccuracyPart>>;
}

export interface SummarySettings {
  cluster?: ClusterSetting;
  /** Tags by which accuracy is told apart. */
  by?: readonly string[];
}

/** One summary for each model, stage, task, protocol and image condition, in order of appearance. */
export function summarise(records: Iterable<EvaluationRecord>, settings: SummarySettings = {}): Summary[] {
  const builder = summaryBuilder(settings);
  for (const record of records) builder.add(record);
  return builder.summaries();
}

/** The same, record by record: memory grows with the questions, by about 200 bytes each. */
export function summaryBuilder({ cluster = null, by = [] }: SummarySettings = {}): {
  add(record: EvaluationRecord): void;
  summaries(): Summary[];
} {
  const groups = new Map<string, ReturnType<typeof groupBuilder>>();
  return {
    add(record) {
      const { model, stage, task, protocol, images } = record;
      const key = JSON.stringify([model.name, model.checkpoint, stage, task, protocol, images]);
      let group = groups.get(key);
      if (group === undefined) {
        group = groupBuilder(record, cluster, by);
        groups.set(key, group);
      }
      group.add(record);
    },
    summaries: () => [...groups.values()].map((group) => group.summary()),
  };
}

type QuestionSum = { sum: number; samples: number; cluster: string };

function groupBuilder(first: EvaluationRecord, cluster: ClusterSetting, by: readonly string[]) {
  const { model, stage, task, protocol, images } = first;
  const answers = Object.fromEntries(
    answerStatusSchema.options.map((status) => [status, 0]),
  ) as Summary["answers"];
  const excluded: Record<string, number> = {};
  const questions = new Map<string, QuestionSum>();
  const parts = new Map<string, Map<string, Map<string, QuestionSum>>>(by.map((tag) => [tag, new Map()]));
  const band = bandBuilder();
  const classes = new Map<string, { right: number; said: number; gold: number }>();
  const guesses = { drawn: 0, nearest: 0, luck: 0, peers: false };
  let [tokens, prompt, counted, records, scored, right, golden] = [0, 0, 0, 0, 0, 0, true];
  let [pictures, told] = [0, 0];
  return {
    add(record: EvaluationRecord): void {
      records += 1;
      answers[record.answer.status] += 1;
      const more = record as {
        tokens?: { prompt: number; completion: number };
        imageHashes?: readonly string[];
        gold?: string;
        reading?: string;
        guess?: { kind: "drawn" | "nearest"; among: number };
      };
      if (more.tokens !== undefined) {
        tokens += more.tokens.completion;
        prompt += more.tokens.prompt;
        counted += 1;
      }
      if (more.imageHashes !== undefined) [pictures, told] = [pictures + more.imageHashes.length, told + 1];
      const score = scoreOf(record);
      if (score === null) {
        const reason = "excluded" in record.outcome ? record.outcome.excluded : "unscored";
        excluded[reason] = (excluded[reason] ?? 0) + 1;
        return;
      }
      scored += 1;
      right += score;
      if (more.reading !== undefined) guesses.peers = true;
      if (more.guess !== undefined) {
        guesses[more.guess.kind] += 1;
        if (more.guess.kind === "drawn") guesses.luck += 1 / more.guess.among;
      }
      band.add(record, score);
      const own = clusterOf(record, cluster);
      note(questions, record.questionId, score, own);
      for (const [tag, values] of parts) {
        const value = (record.tags as Record<string, unknown>)[tag];
        const name = typeof value === "string" ? value : "(none)";
        let part = values.get(name);
        if (part === undefined) {
          part = new Map();
          values.set(name, part);
        }
        note(part, record.questionId, score, own);
      }
      if (more.gold === undefined || classes.size > 20) golden = false;
      else if (golden) {
        const said = record.answer.status === "found" ? record.answer.text : undefined;
        classOf(classes, more.gold).gold += 1;
        if (said !== undefined) classOf(classes, said).said += 1;
        if (score === 1) classOf(classes, more.gold).right += 1;
      }
    },
    summary(): Summary {
      const missing = records - scored;
      const drawn = guesses.peers ? { drawn: guesses.drawn, nearest: guesses.nearest } : null;
      return {
        model: model.name,
        stage,
        task,
        protocol,
        images,
        ...partOf(questions),
        answers,
        excluded,
        bounds: scored === 0 ? null : { low: right / records, high: (right + missing) / records },
        band: band.band(),
        guesses:
          drawn === null || scored === 0 ? null : { ...drawn, expected: (right + guesses.luck) / scored },
        macroF1: golden && scored > 0 && classes.size <= 20 ? macroF1([...classes.values()]) : null,
        completionTokens: counted === 0 ? null : tokens / counted,
        promptTokens: counted === 0 ? null : prompt / counted,
        picturesSent: told === 0 ? null : pictures / told,
        incomplete: (excluded.error ?? 0) > 0.01 * records,
        by: Object.fromEntries(
          [...parts].map(([tag, values]) => [
            tag,
            Object.fromEntries(
              [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, part]) => [name, partOf(part)]),
            ),
          ]),
        ),
      };
    },
  };
}

function note(questions: Map<string, QuestionSum>, id: string, score: number, cluster: string): void {
  const known = questions.get(id);
  if (known === undefined) questions.set(id, { sum: score, samples: 1, cluster });
  else [known.sum, known.samples] = [known.sum + score, known.samples + 1];
}

function classOf(classes: Map<string, { right: number; said: number; gold: number }>, name: string) {
  const known = classes.get(name) ?? { right: 0, said: 0, gold: 0 };
  classes.set(name, known);
  return known;
}

/** As scikit-learn's `f1_score(average="macro")` over the classes that are right somewhere or were said. */
function macroF1(classes: readonly { right: number; said: number; gold: number }[]): number {
  return (
    classes.reduce((sum, { right, said, gold }) => sum + (2 * right) / (said + gold), 0) / classes.length
  );
}

function partOf(questions: ReadonlyMap<string, QuestionSum>): AccuracyPart {
  const n = questions.size;
  const scores = new Float64Array(n);
  const clusters: string[] = [];
  let [at, correct, binary] = [0, 0, true];
  for (const { sum, samples, cluster } of questions.values()) {
    const score = sum / samples;
    if (score !== 0 && score !== 1) binary = false;
    correct += score;
    clusters.push(cluster);
    scores[at++] = score;
  }
  const none = { n, correct, accuracy: n === 0 ? null : correct / n, low: null, high: null, interval: null };
  if (n === 0) return none;
  const count = new Set(clusters).size;
  if (count === n && binary) {
    const { low, high } = wilson(correct, n);
    return { ...none, low, high, interval: "wilson" };
  }
  if (count < 2) return none;
  return { ...none, ...clusteredRate(scores, clusters), interval: "clustered" };
}
