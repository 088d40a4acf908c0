import { basename } from "node:path";
import {
  type Demonstration,
  demonstrationSchema,
  planHash,
  type Question,
  type TaskPlan,
  withId,
  writeFileAtomic,
  writeJsonlAtomic,
} from "@mede2/schemas";
import type { SetCard } from "../cards/set-card.ts";
import { setCardMarkdown } from "../cards/set-card-markdown.ts";
import { cardCounter } from "../importers/data-card.ts";
import { DataError } from "../records/data-error.ts";
import { fileSha256 } from "../records/file-sha256.ts";
import { readQuestions } from "../records/read-questions.ts";
import { chainWords, chooseChains, diverse, lengthClasses, specialtyOf } from "./choose-demonstrations.ts";
import {
  type AskedTokens,
  allChecks,
  askChains,
  type ChainSettings,
  type ChainTally,
  type PassedChain,
  passedChains,
  reconstructed,
} from "./make-demonstrations.ts";

export interface DemosOptions extends Omit<ChainSettings, "answers"> {
  /** `*.questions.jsonl`. */
  data: string;
  /** `*.demonstrations.jsonl`; card, plan and the recorded answers go beside it. */
  out: string;
  /** How many demonstrations: 2,000 is the paper's number for Stage I. */
  count: number;
  perCase: number;
  similarity: number;
  /** Only the first cases. */
  limit?: number;
}

export interface DemosResult {
  written: number;
  dropped: Record<string, number>;
  /** Completion tokens of what was asked in this call; what was recorded before costs none. */
  tokens: number;
  asked: number;
  card: string;
  sha256: string;
}

const steps = ["cases", "checks", "reconstruction", "diversity", "selection"] as const;

/**
 * Stage-I demonstrations: the teacher writes K chains a case, chains that fail a check are turned down, the rest is reconstructed with its answer masked, and exactly `count` are chosen, different from one
 * another and even by specialty and length. Every answer is recorded beside the result as it comes, so that a call that was killed goes on where it was, and a call with other checks asks
 * nothing again. Throws a DataError when too few pass.
 */
export async function makeDemonstrations(options: DemosOptions): Promise<DemosResult> {
  const { out, data, count, orchestration } = options;
  const beside = out.replace(/\.demonstrations\.jsonl$/, "");
  const settings: ChainSettings = {
    ...options,
    answers: {
      chains: `${beside}.chains.jsonl`,
      reconstructions: `${beside}.reconstructions-${options.reconstruction}.jsonl`,
    },
  };
  const counter = cardCounter(steps);
  const tally: ChainTally = {
    enter: counter.enter,
    drop: (step, reason, detail, questionId) =>
      counter.drop(step, reason, detail, { file: data, field: questionId }),
  };
  const questions = await textCases(options, tally);
  const chains = answeredAll(await askChains(questions, settings));
  const passed = await passedChains(questions, settings, tally);
  const again = answeredAll(await reconstructed(passed, settings, tally));
  const different = diverse(again.chains, options, tally);
  const chosen = chooseChains(different, options, tally);
  if (chosen.length < count) throw tooFew(count, chosen.length, counter.steps());

  const demonstrations = chosen.map((chain) => demonstrationOf(chain, options));
  for (const { question } of demonstrations) counter.keep(question);
  const written = await writeJsonlAtomic(out, demonstrations, { schema: demonstrationSchema });
  const plan = await planOf(options);
  const { histograms, ...summary } = counter.summary();
  const card: SetCard = {
    card: 1,
    kind: "demonstrations",
    title: `${basename(out)}: Stage-I demonstrations`,
    plan: planHash(plan),
    seed: options.seed,
    file: { name: basename(out), ...written },
    inputs: [{ path: basename(data), sha256: plan.data[0]!.sha256, role: "questions" }],
    rules: rulesOf(options),
    steps: counter.steps(),
    examples: counter.examples(),
    balance: balanceOf(different, new Set(chosen)),
    ...summary,
    histograms: { ...histograms, "words of reasoning": wordHistogram(chosen) },
    caveats: [
      `The teacher is ${options.teacher.name}; template ${orchestration.name}, version ${orchestration.version}.`,
      ...(options.reconstruction === "off" ? ["No chain was reconstructed with its answer masked."] : []),
      ...((options.checks ?? []).length === 0 ? ["Only answer, form and sections were checked."] : []),
    ],
  };
  await writeFileAtomic(`${beside}.card.json`, `${JSON.stringify(card, null, 2)}\n`);
  await writeFileAtomic(`${beside}.card.md`, setCardMarkdown(card));
  await writeFileAtomic(`${beside}.plan.json`, `${JSON.stringify(plan, null, 2)}\n`);
  const dropped: Record<string, number> = {};
  for (const step of card.steps)
    for (const [reason, n] of Object.entries(step.dropped)) dropped[reason] = (dropped[reason] ?? 0) + n;
  return {
    ...{ written: written.count, dropped, sha256: written.sha256, card: `${beside}.card.json` },
    tokens: chains.tokens + again.tokens,
    asked: chains.asked + again.asked,
  };
}

/** What was asked, when nothing of it failed. */
function answeredAll<T extends AskedTokens>(asked: T): T {
  if (asked.failed === 0) return asked;
  throw new DataError(
    "teacher-failed",
    `the teacher failed ${asked.failed} times of ${asked.asked}`,
    "what it answered is kept: run the same command again to ask for the rest",
  );
}

/** The cases that can be asked in words alone, each once. Stage I has no pictures. */
async function textCases({ data, limit }: DemosOptions, tally: ChainTally): Promise<Question[]> {
  const questions: Question[] = [];
  const ids = new Set<string>();
  for await (const { question } of readQuestions(data)) {
    if (questions.length >= (limit ?? Number.POSITIVE_INFINITY)) break;
    tally.enter("cases");
    if (ids.has(question.id)) tally.drop("cases", "duplicate-id", "the id came before", question.id);
    else if (question.images.length > 0 || question.stem.includes("<image>"))
      tally.drop("cases", "has-picture", "Stage I is in words alone", question.id);
    else questions.push(question);
    ids.add(question.id);
  }
  if (questions.length > 0) return questions;
  throw new DataError(
    "demos-too-few",
    `${data} has no case in words alone`,
    "import a set of text cases, such as the ward's part text",
  );
}

function demonstrationOf(
  { question, trace, checks }: PassedChain,
  { orchestration: { name, version } }: DemosOptions,
): Demonstration {
  return withId({
    record: "demonstration" as const,
    v: 1 as const,
    question,
    trace,
    orchestration: { name, version },
    checks,
  });
}

async function planOf(options: DemosOptions): Promise<TaskPlan> {
  const {
    data,
    seed,
    temperature,
    topP,
    maxTokens,
    samples,
    orchestration,
    count,
    perCase,
    similarity,
    reconstruction,
    limit,
  } = options;
  return {
    record: "plan",
    v: 1,
    kind: "demonstrate",
    recipe: "custom",
    data: [{ path: data, sha256: await fileSha256(data), split: "all" }],
    seed,
    threads: 1,
    decoding: { temperature, topP, maxTokens, seed, samples },
    settings: JSON.parse(
      JSON.stringify({
        ...{
          teacher: options.teacher.name,
          count,
          perCase,
          similarity,
          reconstruction,
          orchestration,
          limit,
        },
        checks: allChecks(options).map(({ name }) => name),
      }),
    ),
  };
}

function rulesOf(options: DemosOptions): SetCard["rules"] {
  const { samples, reconstruction, similarity, perCase, count } = options;
  return [
    { name: "cases", about: `each case once, in words alone; ${samples} chains each` },
    {
      name: "checks",
      about: allChecks(options)
        .map(({ about }) => about)
        .join("; "),
    },
    {
      name: "reconstruction",
      about: {
        off: "left out",
        check: "the reasoning with its answer masked leads to the right answer",
        rewrite: "the chain is written anew from its masked form and passes all checks",
      }[reconstruction],
    },
    {
      name: "diversity",
      about: `at most ${perCase} chains of a case, none with a Jaccard index of ${similarity} or more with another`,
    },
    { name: "selection", about: `${count} chains, as even as can be by specialty and length` },
  ];
}

function balanceOf(chains: readonly PassedChain[], chosen: ReadonlySet<PassedChain>): SetCard["balance"] {
  const classes = lengthClasses(chains);
  const axis = (read: (chain: PassedChain, at: number) => string) => {
    const values: Record<string, { available: number; chosen: number }> = {};
    for (const [at, chain] of chains.entries()) {
      const value = read(chain, at);
      values[value] ??= { available: 0, chosen: 0 };
      const row = values[value];
      row.available += 1;
      if (chosen.has(chain)) row.chosen += 1;
    }
    return Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return { specialty: axis(specialtyOf), length: axis((_, at) => `quartile ${classes[at]! + 1}`) };
}

function wordHistogram(chains: readonly PassedChain[]): Record<string, number> {
  const counts = new Map<number, number>();
  for (const chain of chains) {
    const top = 2 ** Math.ceil(Math.log2(Math.max(8, chainWords(chain))));
    counts.set(top, (counts.get(top) ?? 0) + 1);
  }
  return Object.fromEntries(
    [...counts].sort(([a], [b]) => a - b).map(([top, count]) => [`up to ${top}`, count]),
  );
}

function tooFew(wanted: number, found: number, counts: SetCard["steps"]): DataError {
  const reasons = counts.flatMap(({ name, dropped }) =>
    name === "selection" ? [] : Object.entries(dropped).map(([reason, count]) => `${reason} ${count}`),
  );
  return new DataError(
    "demos-too-few",
    `${wanted} demonstrations are wanted and ${found} can be had; dropped were ${reasons.join(", ") || "none"}`,
    "add cases, raise --samples, or lower --count; what was answered is kept and not asked again",
  );
}
