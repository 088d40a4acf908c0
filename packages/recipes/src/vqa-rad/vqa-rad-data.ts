import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isCorrect, makeTrace } from "@mede2/answers";
import { importSource } from "@mede2/data";
import type { ImageStore } from "@mede2/images";
import {
  type Demonstration,
  demonstrationSchema,
  optionIndex,
  type PreferencePair,
  preferencePairSchema,
  type Question,
  questionSchema,
  readAllJsonl,
  sha256Hex,
  withId,
  writeJsonlAtomic,
} from "@mede2/schemas";
import type { DataFile } from "../films/films-data.ts";

export type VqaRadDataSettings = {
  readonly workspace: string;
  /** Folder of VQA-RAD, and of MMedPO, as published. */
  readonly vqaRad: string;
  readonly mmedpo: string;
  readonly store: ImageStore;
  readonly pairs: number | null;
  /** Names of special tokens that a text would be read as: it cannot be trained on. */
  readonly specialTokensIn: (text: string) => readonly string[];
  /** Tokens of a text. */
  readonly tokens: (text: string) => number;
};

export type VqaRadData = {
  /** Questions on pictures that no test question shows, and on those held out. */
  readonly training: readonly Question[];
  readonly heldOut: readonly Question[];
  /** The right answer to each training question that Tiny's tokenizer can write. */
  readonly answers: DataFile;
  readonly mmedpo: PairsFile;
};

export type PairsFile = DataFile & {
  readonly count: number;
  readonly dropped: Readonly<Record<string, number>>;
};

/** Longest answer of a pair, in tokens: a pair of two and its pictures must fit a step. */
const longest = 300;

/**
 * The image-disjoint split of VQA-RAD, the right answers to its training questions, and the pairs of MMedPO on training pictures: the importer puts those on held-out pictures into
 * a split of their own, which is left out here.
 */
export async function writeVqaRadData(settings: VqaRadDataSettings): Promise<VqaRadData> {
  const { workspace, vqaRad, mmedpo, store, specialTokensIn } = settings;
  await mkdir(join(workspace, "data"), { recursive: true });
  const path = (name: string) => join(workspace, "data", name);
  const all = path("vqa-rad.questions.jsonl");
  if (!existsSync(all))
    await importSource({ name: "vqa-rad", dir: vqaRad, part: "image-disjoint", out: all, store });
  const questions = await readAllJsonl(all, questionSchema);
  const of = (split: string) => questions.filter((question) => question.split === split);
  const [training, heldOut] = [of("train"), of("test")];
  const answers = await write(workspace, "data/stage0.demonstrations.jsonl", demonstrationSchema, () =>
    training.flatMap((question) => {
      const demonstration = answerOf(question);
      return specialTokensIn(demonstration.trace.text).length > 0 ? [] : [demonstration];
    }),
  );
  const imported = path("mmedpo.pairs.jsonl");
  if (!existsSync(imported))
    await importSource({ name: "mmedpo", dir: mmedpo, images: vqaRad, out: imported, store });
  const { pairs, dropped } = usable(await readAllJsonl(imported, preferencePairSchema), settings);
  const file = await write(workspace, "data/stage2-mmedpo.pairs.jsonl", preferencePairSchema, () => pairs);
  return { training, heldOut, answers, mmedpo: { ...file, count: pairs.length, dropped } };
}

function usable(
  all: readonly PreferencePair[],
  { pairs: most, specialTokensIn, tokens }: VqaRadDataSettings,
): { pairs: PreferencePair[]; dropped: Record<string, number> } {
  const dropped: Record<string, number> = {};
  const reasonOf = ({ split, chosen, rejected, weight }: PreferencePair): string | null => {
    if (split === "held-out") return "picture-held-out";
    if (weight === 0) return "weight-0";
    if (chosen.text === rejected.text) return "same-text";
    if (specialTokensIn(chosen.text + rejected.text).length > 0) return "special-token";
    return Math.max(tokens(chosen.text), tokens(rejected.text)) > longest ? "too-long" : null;
  };
  const pairs = all.filter((pair) => {
    const reason = reasonOf(pair);
    if (reason !== null) dropped[reason] = (dropped[reason] ?? 0) + 1;
    return reason === null;
  });
  return { pairs: most === null ? pairs : pairs.slice(0, most), dropped };
}

/** The published answer in its own words, as the prompt style "direct" asks for it. */
function answerOf(question: Question): Demonstration {
  const { gold, options } = question;
  const text =
    "labels" in gold
      ? options[optionIndex(gold.labels[0]!, options.length)!]!
      : "text" in gold
        ? gold.text
        : String(gold.value);
  const trace = makeTrace({
    question,
    by: { kind: "import", name: question.source },
    stage: null,
    images: "real",
    promptHash: sha256Hex([question.stem, ...options].join("\n")),
    sample: null,
    text,
    finish: "stop",
    tokens: { prompt: 0, completion: 0 },
  });
  return withId({
    record: "demonstration" as const,
    v: 1 as const,
    question,
    trace,
    orchestration: { name: "published-answer", version: "1" },
    checks: [{ name: "answer-correct", passed: isCorrect(trace.answer, gold) }],
  });
}

async function write(
  workspace: string,
  path: string,
  schema: NonNullable<Parameters<typeof writeJsonlAtomic>[2]>["schema"],
  records: () => Iterable<object>,
): Promise<DataFile> {
  const absolute = join(workspace, path);
  if (!existsSync(absolute))
    await writeJsonlAtomic(absolute, records(), schema === undefined ? {} : { schema });
  return { path, sha256: sha256Hex(await readFile(absolute)) };
}
