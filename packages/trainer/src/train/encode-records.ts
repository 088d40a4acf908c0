import { chatMessage, type PromptStyle, promptStyles, questionPrompt } from "@mede2/llm";
import type { Demonstration, Passage, PlanData, PreferencePair, TrainingPlan } from "@mede2/schemas";
import { type Encoder, encodeMessages, encodePassage } from "../examples/encode-example.ts";
import type { Example, PairExample } from "../examples/example.ts";
import { TrainerError } from "../trainer-error.ts";

/** Where a record stands: every fault names it. */
export type Place = { readonly file: string; readonly line: number };

/** What turns the records of one plan into examples. */
export type RecordEncoder = {
  readonly encoder: Encoder;
  /** The longest sequence that the plan allows. */
  readonly maxTokens: number;
  /** Whether the image store holds the file of this hash. */
  readonly hasImage: (sha256: string) => boolean;
};

export function demonstrationExample(
  context: RecordEncoder,
  { id, question, trace }: Demonstration,
  style: PromptStyle,
  place: Place,
): Example {
  const messages = [...questionPrompt(question, style), chatMessage("assistant", trace.text)];
  return checked(context, place, () => encodeMessages(context.encoder, id, messages));
}

export function passageExample(context: RecordEncoder, passage: Passage, place: Place): Example {
  return checked(context, place, () => encodePassage(context.encoder, passage));
}

/** Both answers of a pair behind the same prompt. */
export function pairExample(
  context: RecordEncoder,
  pair: PreferencePair,
  style: PromptStyle,
  place: Place,
): PairExample {
  if (pair.chosen.text === pair.rejected.text)
    throw fault("pair-equal", place, "chosen and rejected are the same text", "build the pairs again");
  if (pair.weight === 0)
    throw fault("pair-weight", place, "the pair's weight is 0", "leave the pair out, or give it a weight");
  const prompt = questionPrompt(pair.question, style);
  const side = (name: "chosen" | "rejected") =>
    checked(context, place, () =>
      encodeMessages(context.encoder, `${pair.id}:${name}`, [
        ...prompt,
        chatMessage("assistant", pair[name].text),
      ]),
    );
  return { id: pair.id, chosen: side("chosen"), rejected: side("rejected"), weight: pair.weight };
}

/** The prompt style of a data file: its own, else the plan's, else "reason". */
export function styleOf(data: PlanData, plan: TrainingPlan): PromptStyle {
  const named = (data as { promptStyle?: unknown }).promptStyle ?? plan.settings?.promptStyle ?? "reason";
  if (typeof named === "string" && Object.hasOwn(promptStyles, named))
    return promptStyles[named as keyof typeof promptStyles];
  throw new TrainerError(
    "prompt-style",
    `${data.path}: unknown prompt style ${JSON.stringify(named)}`,
    `use one of ${Object.keys(promptStyles).join(", ")}`,
  );
}

/** A sequence that is too long is an error: cutting it would train on half a chain without a word. */
export function checked(context: RecordEncoder, place: Place, encode: () => Example): Example {
  const example = located(place, encode);
  const missing = example.images.find(({ ref }) => !context.hasImage(ref.sha256));
  if (missing !== undefined)
    throw fault(
      "image-missing",
      place,
      `the image ${missing.ref.sha256.slice(0, 12)}… is not in the image store`,
      "import the data's images into the store first",
    );
  if (example.tokens.length > context.maxTokens)
    throw fault(
      "too-long",
      place,
      `${example.tokens.length} tokens, but the plan's batch.maxTokens is ${context.maxTokens}`,
      "raise batch.maxTokens or leave the record out",
    );
  if (!example.supervised.includes(1))
    throw fault("nothing-supervised", place, "no token of this record would be learnt", "check the template");
  return example;
}

/** Faults of the encoding, which knows no files, with the place put before. */
function located(place: Place, encode: () => Example): Example {
  try {
    return encode();
  } catch (error) {
    const { code = "record", message, next = "correct the record or leave it out" } = error as TrainerError;
    throw fault(code, place, message, next, error);
  }
}

export function fault(
  code: string,
  { file, line }: Place,
  message: string,
  next: string,
  cause?: unknown,
): TrainerError {
  return new TrainerError(code, `${file}:${line}: ${message}`, next, cause);
}
