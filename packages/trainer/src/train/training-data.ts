import { isAbsolute, join } from "node:path";
import { chatMessage, type PromptStyle, promptStyles, questionPrompt } from "@mede2/llm";
import {
  type Demonstration,
  demonstrationSchema,
  type PlanData,
  type PreferencePair,
  parseRecordText,
  passageSchema,
  preferencePairSchema,
  type Question,
  readLines,
  type TrainingPlan,
} from "@mede2/schemas";
import { type Encoder, encodeMessages, encodePassage } from "../examples/encode-example.ts";
import type { Example, PairExample } from "../examples/example.ts";
import { TrainerError } from "../trainer-error.ts";

/** Everything a training plan reads. */
export type TrainingData = {
  readonly train: readonly Example[];
  readonly pairs: readonly PairExample[];
  readonly evaluation: readonly Example[];
  /** Questions of the evaluation split, to sample traces from. */
  readonly questions: readonly { readonly question: Question; readonly style: PromptStyle }[];
};

/** Splits that are learnt from; any other split of a plan's data is evaluated on. */
const trainSplits = new Set(["train", "pretrain", "stage0", "stage1", "stage2"]);

/** Reads and tokenises the data files of a plan. The first fault ends it with file, line and what to do. */
export async function readTrainingData(
  plan: TrainingPlan,
  workspace: string,
  encoder: Encoder,
): Promise<TrainingData> {
  const [train, pairs, evaluation]: [Example[], PairExample[], Example[]] = [[], [], []];
  const questions: { question: Question; style: PromptStyle }[] = [];
  for (const data of plan.data) {
    const path = isAbsolute(data.path) ? data.path : join(workspace, data.path);
    const style = styleOf(data, plan);
    const learns = trainSplits.has(data.split);
    for await (const { text, line } of readLines(path)) {
      const place = { file: path, line };
      const record = recordName(text);
      if (record === "preference-pair") {
        const pair = parseRecordText(preferencePairSchema, text, place) as PreferencePair;
        if (learns) pairs.push(encodePair(encoder, pair, style, plan, place));
        continue;
      }
      const example =
        record === "passage"
          ? encodePassage(encoder, parseRecordText(passageSchema, text, place))
          : encodeDemonstration(
              encoder,
              demonstration(
                text,
                place,
                (each) => questions.push({ question: each.question, style }),
                learns,
              ),
              style,
            );
      (learns ? train : evaluation).push(fits(example, plan, place));
    }
  }
  const count = plan.kind === "preference" ? pairs.length : train.length;
  if (count === 0)
    throw new TrainerError(
      "no-data",
      `the plan of kind ${plan.kind} has no ${plan.kind === "preference" ? "pairs" : "examples"} to learn from`,
      "check the paths and splits of its data",
    );
  return { train, pairs, evaluation, questions };
}

type Place = { readonly file: string; readonly line: number };

function demonstration(
  text: string,
  place: Place,
  keep: (each: Demonstration) => void,
  learns: boolean,
): Demonstration {
  const record = parseRecordText(demonstrationSchema, text, place) as Demonstration;
  if (!learns) keep(record);
  return record;
}

/** The record's name without parsing it: a line may be long. */
function recordName(text: string): string {
  return /"record":\s*"([a-z-]+)"/.exec(text)?.[1] ?? "";
}

function styleOf(data: PlanData, plan: TrainingPlan): PromptStyle {
  const named = (data as { promptStyle?: unknown }).promptStyle ?? plan.settings?.promptStyle ?? "reason";
  const style = promptStyles[named as keyof typeof promptStyles];
  if (style === undefined)
    throw new TrainerError(
      "prompt-style",
      `unknown prompt style ${JSON.stringify(named)}`,
      `use one of ${Object.keys(promptStyles).join(", ")}`,
    );
  return style;
}

function encodeDemonstration(
  encoder: Encoder,
  { id, question, trace }: Demonstration,
  style: PromptStyle,
): Example {
  return encodeMessages(encoder, id, [
    ...questionPrompt(question, style),
    chatMessage("assistant", trace.text),
  ]);
}

function encodePair(
  encoder: Encoder,
  pair: PreferencePair,
  style: PromptStyle,
  plan: TrainingPlan,
  place: Place,
): PairExample {
  const prompt = questionPrompt(pair.question, style);
  const side = (text: string, name: string) =>
    fits(
      encodeMessages(encoder, `${pair.id}:${name}`, [...prompt, chatMessage("assistant", text)]),
      plan,
      place,
    );
  if (pair.chosen.text === pair.rejected.text)
    throw new TrainerError(
      "pair-equal",
      `${place.file}:${place.line}: chosen and rejected are the same text`,
      "build the pairs again",
    );
  return {
    id: pair.id,
    chosen: side(pair.chosen.text, "chosen"),
    rejected: side(pair.rejected.text, "rejected"),
    weight: pair.weight,
  };
}

/** A sequence that is too long is an error: cutting it would train on half a chain without a word. */
function fits(example: Example, plan: TrainingPlan, { file, line }: Place): Example {
  if (example.tokens.length > plan.batch.maxTokens)
    throw new TrainerError(
      "too-long",
      `${file}:${line}: ${example.tokens.length} tokens, but the plan's batch.maxTokens is ${plan.batch.maxTokens}`,
      "raise batch.maxTokens or leave the record out",
    );
  if (!example.supervised.includes(1))
    throw new TrainerError(
      "nothing-supervised",
      `${file}:${line}: no token of this record would be learnt`,
      "check the chat template",
    );
  return example;
}
