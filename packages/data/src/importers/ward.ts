import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { encodePng } from "@mede2/images";
import { wardCaseStream } from "../ward/case.ts";
import { renderWardImage, type WardImageSpec } from "../ward/images/index.ts";
import { WARD_REVISION, wardQuestion } from "../ward/question.ts";
import { isWardSplit, type WardSplit, wardSplits } from "../ward/splits.ts";
import { ImportError } from "./import-error.ts";
import type { Importer, SourceRow } from "./importer.ts";

/** What is drawn when the folder has no ward.json. */
const defaults: Readonly<Record<WardSplit, number>> = {
  pretrain: 600,
  stage1: 1500,
  stage2: 800,
  dev: 300,
  "dev-combination": 300,
  "test-case": 1000,
  "test-combination": 1000,
};

/**
 * The built-in procedural cases. They are drawn, not read: the folder may hold a `ward.json` with
 * `{"seed": 0, "counts": {"test-case": 1000, …}}` (splits that it leaves out are not drawn), or nothing at all.
 */
export const wardImporter: Importer = {
  name: "ward",
  title: "The ward: procedural clinical cases",
  licence: "Apache-2.0",
  revision: WARD_REVISION,
  origin: "built into MedE²; rules and their sources in docs/ward.md",
  parts: {
    image: { about: "the finding is in a picture", multimodal: true },
    text: { about: "words stand where the picture stands", multimodal: false },
  },
  expected: Object.entries(defaults).map(([split, count]) => ({
    split,
    of: "default counts, seed 0",
    count,
  })),
  caveats: ["Drawn patients and drawn pictures: a set to test a method on, not to learn medicine from."],
  read,
};

async function* read(dir: string, { part }: { part: string }): AsyncGenerator<SourceRow> {
  const file = join(dir, "ward.json");
  const { seed, counts } = await settings(file);
  const form = part === "text" ? "text" : "image";
  for (const split of wardSplits) {
    for (const wardCase of wardCaseStream({ split, seed, count: counts[split] ?? 0 })) {
      const { record, v, id, source, revision, images, licence, ...rest } = wardQuestion(wardCase, { form });
      const { kind, finding, modifier, imageSeed } = wardCase;
      const picture = { kind, finding, modifier, seed: imageSeed } as WardImageSpec;
      const place = { file, field: wardCase.id };
      const image = { read: () => encodePng(renderWardImage(picture)), place };
      const localId = id.slice("ward:".length);
      yield { question: { ...rest, localId }, images: form === "image" ? [image] : [], place };
    }
  }
}

async function settings(file: string): Promise<{ seed: number; counts: Partial<Record<WardSplit, number>> }> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    if (["ENOENT", "ENOTDIR"].includes((cause as { code?: string }).code ?? ""))
      return { seed: 0, counts: defaults };
    throw new ImportError("IMPORT_FILE_UNREADABLE", `${(cause as Error).message}.`, { file }, cause);
  }
  const bad = (problem: string, field?: string, cause?: unknown) =>
    new ImportError(
      "IMPORT_FILE_UNREADABLE",
      `${problem}; write {"seed": 0, "counts": {"test-case": 1000}}, or take the file away for the default counts.`,
      field === undefined ? { file } : { file, field },
      cause,
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw bad(`this is no JSON (${(cause as Error).message})`, undefined, cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw bad("expected an object");
  const { seed = 0, counts = defaults } = value as { seed?: unknown; counts?: unknown };
  if (!isCount(seed)) throw bad(`expected a whole number from 0, got ${JSON.stringify(seed)}`, "seed");
  if (typeof counts !== "object" || counts === null || Array.isArray(counts))
    throw bad("expected an object of split and number", "counts");
  for (const [split, count] of Object.entries(counts)) {
    if (!isWardSplit(split)) throw bad(`the ward's splits are ${wardSplits.join(", ")}`, `counts.${split}`);
    if (!isCount(count))
      throw bad(`expected a whole number from 0, got ${JSON.stringify(count)}`, `counts.${split}`);
  }
  return { seed, counts: counts as Partial<Record<WardSplit, number>> };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
