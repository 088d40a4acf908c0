import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Sampling } from "@mede2/llm";
import { type TrainingLock, trainingLockFile } from "@mede2/schemas";

/** How an evaluation will ask, as far as a lock knows it. */
export type Asking = {
  readonly templateHash: string;
  readonly pixels: { readonly min: number; readonly max: number };
  readonly sampling: Pick<Sampling, "temperature" | "topP" | "maxTokens">;
  /** Name of the protocol or prompt style. */
  readonly style: string;
};

export type LockMismatch = {
  readonly name: "template" | "pixels" | "decoding" | "style";
  /** With another template or other pixels the model does not get what it was trained on; the rest is a choice. */
  readonly level: "error" | "warning";
  readonly trained: string;
  readonly evaluated: string;
};

/** The lock of a checkpoint: that of the adapter, when there is one, else of the model's folder; undefined for models that were not trained here. */
export async function lockOf(model: string, adapter: string | undefined): Promise<TrainingLock | undefined> {
  const file = [adapter, model]
    .filter((folder) => folder !== undefined)
    .map((folder) => join(folder, trainingLockFile))
    .find((path) => existsSync(path));
  if (file === undefined) return undefined;
  const { readRecord, trainingLockSchema } = await import("@mede2/schemas");
  return readRecord(file, trainingLockSchema);
}

/** What differs between training and evaluation. */
export function lockMismatches(lock: TrainingLock, asking: Asking): LockMismatch[] {
  const found: LockMismatch[] = [];
  const differ = (
    name: LockMismatch["name"],
    level: LockMismatch["level"],
    trained: string,
    evaluated: string,
  ) => {
    if (trained !== evaluated) found.push({ name, level, trained, evaluated });
  };
  differ("template", "error", lock.templateHash.slice(0, 12), asking.templateHash.slice(0, 12));
  differ(
    "pixels",
    "error",
    `${lock.pixels.min}–${lock.pixels.max}`,
    `${asking.pixels.min}–${asking.pixels.max}`,
  );
  const decoding = ({ temperature, topP, maxTokens }: Asking["sampling"]) =>
    `temperature ${temperature}, top-p ${topP}, at most ${maxTokens} tokens`;
  differ("decoding", "warning", decoding(lock.decoding), decoding(asking.sampling));
  if (!lock.promptStyles.includes(asking.style))
    differ("style", "warning", lock.promptStyles.join(", "), asking.style);
  return found;
}

const what: Readonly<Record<LockMismatch["name"], string>> = {
  template: "the chat template",
  pixels: "the number of pixels",
  decoding: "the decoding",
  style: "how questions are put",
};

export const mismatchSentence = ({ name, trained, evaluated }: LockMismatch): string =>
  `${what[name]} is not that of the training: ${trained} there, ${evaluated} here`;
