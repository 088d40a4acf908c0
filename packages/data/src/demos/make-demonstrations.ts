import { makeTrace } from "@mede2/answers";
import {
  type BatchItem,
  type ChatModel,
  type ChatReply,
  readBatch,
  replyText,
  resumableBatch,
} from "@mede2/llm";
import { type Check, canonicalJson, type Question, sha256Hex, type Trace } from "@mede2/schemas";
import { type ChainCheck, rightAnswer, sectionsPresent, writtenForm } from "./chain-check.ts";
import { type Orchestration, teacherPrompt } from "./orchestration.ts";
import { type ReconstructionMode, reconstructionPrompt } from "./reconstruction.ts";

/** A chain that passed, with what it was checked for. */
export interface PassedChain {
  question: Question;
  trace: Trace;
  checks: Check[];
}

export interface ChainSettings {
  teacher: ChatModel;
  orchestration: Orchestration;
  /** Chains for each case. */
  samples: number;
  temperature: number;
  topP: number;
  maxTokens: number;
  seed: number;
  /** Checks beside answer, form and sections, such as those of a rubric. */
  checks?: readonly ChainCheck[];
  reconstruction: ReconstructionMode;
  /** JSONL files of what was answered; nothing in them is asked again. */
  answers: { chains: string; reconstructions: string };
  /** Chains handed to the teacher at a time. */
  together?: number;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number, pass: string) => void;
}

/** What happens to chains and cases, as the card counts it. */
export interface ChainTally {
  enter(step: string): void;
  drop(step: string, reason: string, detail: string, questionId: string): void;
}

export interface AskedTokens {
  /** Completion tokens of what was asked in this call. */
  tokens: number;
  /** Replies that came now, and those that failed now. */
  asked: number;
  failed: number;
}

/** All checks of a chain, in the order in which they name a reason. */
export function allChecks({
  orchestration,
  checks = [],
}: Pick<ChainSettings, "orchestration" | "checks">): ChainCheck[] {
  return [writtenForm, rightAnswer, ...checks, sectionsPresent(orchestration)];
}

/** Asks the teacher for K chains a case, and again for what is not answered yet. */
export async function askChains(
  questions: readonly Question[],
  settings: ChainSettings,
): Promise<AskedTokens> {
  const { orchestration, samples, temperature, topP, maxTokens, seed } = settings;
  const items = questions.map(
    (question): BatchItem => ({
      id: question.id,
      request: {
        messages: teacherPrompt(question, orchestration),
        sampling: { temperature, topP, maxTokens, seed },
        samples,
      },
    }),
  );
  return ask(items, questions.length * samples, settings.answers.chains, "chains", settings);
}

/** The chains that pass, in the order of the questions and samples, from what is recorded. Memory goes with the chains that pass. */
export async function passedChains(
  questions: readonly Question[],
  settings: ChainSettings,
  tally: ChainTally,
): Promise<PassedChain[]> {
  const byId = new Map(questions.map((question, at) => [question.id, { question, at }]));
  const checks = allChecks(settings);
  const passed: (PassedChain & { at: number; sample: number })[] = [];
  const answered = new Set<string>();
  for await (const { id, sample, reply } of readBatch(settings.answers.chains)) {
    const known = byId.get(id);
    // a failure that was answered later comes before its answer
    if (
      known === undefined ||
      sample >= settings.samples ||
      reply.finish === "error" ||
      answered.has(`${id}\n${sample}`)
    )
      continue;
    answered.add(`${id}\n${sample}`);
    tally.enter("checks");
    const trace = teacherTrace(
      known.question,
      reply,
      sample,
      teacherPrompt(known.question, settings.orchestration),
      settings,
    );
    const failure = firstFailure(checks, known.question, trace);
    if (failure !== null) tally.drop("checks", failure.rejected, failure.detail, id);
    else
      passed.push({
        question: known.question,
        trace,
        checks: checks.map(({ name }) => ({ name, passed: true })),
        at: known.at,
        sample,
      });
  }
  passed.sort((a, b) => a.at - b.at || a.sample - b.sample);
  return passed.map(({ at, sample, ...chain }) => chain);
}

/** Shows each chain with its answer masked and keeps those that lead to the right answer, or their rewritten form. */
export async function reconstructed(
  chains: readonly PassedChain[],
  settings: ChainSettings,
  tally: ChainTally,
): Promise<{ chains: PassedChain[] } & AskedTokens> {
  const { reconstruction: mode, orchestration, maxTokens, seed } = settings;
  if (mode === "off") return { chains: [...chains], tokens: 0, asked: 0, failed: 0 };
  const prompts = chains.map(({ question, trace }) =>
    reconstructionPrompt(question, trace.text, orchestration, mode),
  );
  const items = chains.map(
    ({ trace }, at): BatchItem => ({
      id: trace.id,
      request: { messages: prompts[at]!, sampling: { temperature: 0, topP: 1, maxTokens, seed } },
    }),
  );
  const asked = await ask(items, items.length, settings.answers.reconstructions, "reconstructions", settings);
  const replies = new Map<string, ChatReply>();
  for await (const { id, reply } of readBatch(settings.answers.reconstructions))
    if (reply.finish !== "error") replies.set(id, reply);
  const checks = mode === "rewrite" ? allChecks(settings) : [rightAnswer];
  const kept: PassedChain[] = [];
  for (const [at, chain] of chains.entries()) {
    const reply = replies.get(chain.trace.id);
    if (reply === undefined) continue; // it failed: told by `failed`
    tally.enter("reconstruction");
    const trace = teacherTrace(chain.question, reply, 0, prompts[at]!, {
      ...settings,
      temperature: 0,
      topP: 1,
    });
    const failure = firstFailure(checks, chain.question, trace);
    if (failure !== null)
      tally.drop("reconstruction", `reconstructed-${failure.rejected}`, failure.detail, chain.question.id);
    else
      kept.push({
        question: chain.question,
        trace: mode === "rewrite" ? trace : chain.trace,
        checks: [...chain.checks, { name: `reconstruction-${mode}`, passed: true }],
      });
  }
  return { chains: kept, ...asked };
}

async function ask(
  items: readonly BatchItem[],
  total: number,
  path: string,
  pass: string,
  settings: ChainSettings,
): Promise<AskedTokens> {
  const { teacher, together = 1, signal, onProgress } = settings;
  let [tokens, done] = [0, 0];
  const { asked, failed } = await resumableBatch({
    ...{ model: teacher, items, path, together },
    ...(signal === undefined ? {} : { signal }),
    onReply: ({ reply }) => {
      tokens += reply.tokens.completion;
      onProgress?.(++done, total, pass);
    },
  });
  return { tokens, asked, failed };
}

function firstFailure(checks: readonly ChainCheck[], question: Question, trace: Trace) {
  for (const check of checks) {
    const failure = check.run(question, trace);
    if (failure !== null) return failure;
  }
  return null;
}

function teacherTrace(
  question: Question,
  reply: ChatReply,
  index: number,
  messages: unknown,
  {
    teacher,
    seed,
    temperature,
    topP,
    maxTokens,
  }: Pick<ChainSettings, "teacher" | "seed" | "temperature" | "topP" | "maxTokens">,
): Trace {
  return makeTrace({
    question,
    text: replyText(reply),
    finish: reply.finish,
    tokens: { prompt: reply.tokens.prompt, completion: reply.tokens.completion },
    by: { kind: "teacher", name: teacher.name },
    stage: null,
    images: "none",
    imageHashes: [],
    promptHash: sha256Hex(canonicalJson(messages)),
    sample: { index, seed: seed + index, temperature, topP, maxTokens },
  });
}
