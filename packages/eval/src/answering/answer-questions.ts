import { ImageError } from "@mede2/images";
import { type ChatModel, imagesOf } from "@mede2/llm";
import type { ImageCondition, ImageRef, Question, Stage, TraceSource } from "@mede2/schemas";
import { EvaluationError } from "../evaluation-error.ts";
import { type AnswerFile, answersPrompt } from "./answer-file.ts";
import { askTurns, type TurnedReply } from "./ask-turns.ts";
import { type EvaluationUnit, evaluationUnit, type UnitSettings } from "./evaluation-unit.ts";
import type { ConditionOf } from "./image-conditions.ts";
import { traceOfReply } from "./trace-of-reply.ts";

export interface AnswerProgress {
  done: number;
  total: number;
  /** Answers that were there before. */
  reused: number;
  errors: number;
}

export interface AnswerSettings extends UnitSettings {
  questions: readonly Question[];
  conditions: readonly ImageCondition[];
  conditionOf: ConditionOf;
  /** The first image that cannot be decoded. */
  readable: (images: readonly ImageRef[]) => Promise<ImageError | null>;
  model: ChatModel;
  by: TraceSource;
  stage: Stage;
  file: AnswerFile;
  /** Requests of one call of the model. */
  chunk: number;
  retryErrors: boolean;
  onProgress?: ((progress: AnswerProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Asks what is not yet answered, condition by condition, and appends answers as they arrive. A question with several
 * samples is recorded with all of them or not at all. Rejects with the model's error or the signal's reason, after recording what had arrived.
 */
export async function answerQuestions(settings: AnswerSettings): Promise<AnswerProgress> {
  const { questions, conditions, conditionOf, samples, chunk, sampling, file } = settings;
  const progress: AnswerProgress = {
    done: 0,
    total: questions.length * conditions.length * samples,
    reused: 0,
    errors: 0,
  };
  const report = () => settings.onProgress?.({ ...progress });
  let units: EvaluationUnit[] = [];
  const prompts = new Set<string>();
  const ask = async () => {
    if (units.length > 0) await askChunk(units, settings, progress, report);
    units = [];
    prompts.clear();
  };
  for (const condition of conditions)
    for (const question of questions) {
      settings.signal?.throwIfAborted();
      const shown = await conditionOf(question, condition).catch((error: unknown) => {
        if (error instanceof ImageError) return error;
        throw error;
      });
      const unit = evaluationUnit(
        question,
        condition,
        shown instanceof ImageError ? question : shown,
        settings,
      );
      if (answered(unit, settings)) {
        progress.done += samples;
        progress.reused += samples;
        continue;
      }
      const broken =
        shown instanceof ImageError ? shown : await settings.readable(imagesOf(unit.requests[0]!.messages));
      if (broken !== null) {
        await file.append(unaskedTraces(unit, broken, settings));
        progress.done += samples;
        progress.errors += samples;
        report();
        continue;
      }
      // equal prompts of one call may share their draws: what is drawn must not depend on what is asked together
      if (sampling.temperature > 0 && prompts.has(unit.promptHash)) await ask();
      prompts.add(unit.promptHash);
      units.push(unit);
      if (units.length * samples >= chunk) await ask();
    }
  await ask();
  report();
  return progress;
}

/** A question with a picture that cannot be decoded is not asked: nothing was sent, and its answers count as failed requests. */
function unaskedTraces(unit: EvaluationUnit, { code, message }: ImageError, { by, stage }: AnswerSettings) {
  const reply = {
    text: "",
    finish: "error" as const,
    tokens: { prompt: 0, completion: 0 },
    error: { code, message },
  };
  return unit.requests.map((_, index) =>
    traceOfReply({ ...unit, imageHashes: [] }, reply, index, { by, stage }),
  );
}

/** Whether every sample is there, for this very prompt, and counts. */
function answered(
  { question, condition, promptHash }: EvaluationUnit,
  { file, samples, retryErrors }: AnswerSettings,
) {
  for (let sample = 0; sample < samples; sample++) {
    const place = file.find(question.id, condition, sample);
    if (place === undefined || !answersPrompt(place, promptHash) || (retryErrors && place.failed))
      return false;
  }
  return true;
}

async function askChunk(
  units: readonly EvaluationUnit[],
  { model, samples, file, by, stage, signal }: AnswerSettings,
  progress: AnswerProgress,
  report: () => void,
): Promise<void> {
  const writer = unitWriter(units, samples, async (whole) => {
    await file.append(
      whole.flatMap(({ unit, replies }) =>
        replies.map((reply, index) => traceOfReply(unit, reply, index, { by, stage })),
      ),
    );
    for (const { replies } of whole) {
      progress.done += samples;
      progress.errors += replies.filter(({ finish }) => finish === "error").length;
    }
    report();
  });
  try {
    const replies = await askTurns(
      model,
      units.flatMap(({ requests }) => requests),
      units.flatMap(({ requests, followUps }) => requests.map(() => followUps)),
      { onReply: writer.reply, ...(signal !== undefined && { signal }) },
    );
    if (replies.length !== units.length * samples)
      throw new EvaluationError(
        "reply-count",
        `${model.name} gave ${replies.length} replies to ${units.length * samples} requests; a ChatModel gives one for each`,
      );
    // a model need not report replies one by one
    for (const [index, reply] of replies.entries()) writer.reply(index, reply);
  } finally {
    await writer.end();
  }
}

interface AnsweredUnit {
  unit: EvaluationUnit;
  replies: TurnedReply[];
}

/**
 * Gathers the replies of each unit and writes those that are whole, one write after the other; what arrives during a write goes into the next.
 * Replies may come in any order, or twice.
 */
function unitWriter(
  units: readonly EvaluationUnit[],
  samples: number,
  write: (whole: AnsweredUnit[]) => Promise<void>,
) {
  const arrived = units.map(() => new Array<TurnedReply | undefined>(samples).fill(undefined));
  const handed = new Set<number>();
  let waiting: AnsweredUnit[] = [];
  let writing: Promise<void> | null = null;
  let failure: unknown;
  const writeAll = async () => {
    while (waiting.length > 0 && failure === undefined) {
      const whole = waiting;
      waiting = [];
      await write(whole).catch((error: unknown) => {
        failure ??= error;
      });
    }
    writing = null;
  };
  return {
    reply(index: number, reply: TurnedReply): void {
      const at = Math.floor(index / samples);
      const unit = units[at];
      if (unit === undefined || handed.has(at)) return;
      arrived[at]![index % samples] = reply;
      const replies = arrived[at]!.flatMap((one) => (one === undefined ? [] : [one]));
      if (replies.length < samples) return;
      handed.add(at);
      waiting.push({ unit, replies });
      writing ??= writeAll();
    },
    async end(): Promise<void> {
      await writing;
      if (failure !== undefined) throw failure;
    },
  };
}
