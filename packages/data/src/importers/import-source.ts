import { basename } from "node:path";
import type { ImageStore } from "@mede2/images";
import {
  type Passage,
  parseRecord,
  type Question,
  questionSchema,
  RecordError,
  recordFiles,
  recordSchemas,
  withId,
  writeFileAtomic,
  writeJsonlAtomic,
} from "@mede2/schemas";
import { cardMarkdown } from "./card-markdown.ts";
import { type CardCounter, cardCounter, type DataCard } from "./data-card.ts";
import { ImportError } from "./import-error.ts";
import type { Importer, PassageRow, QuestionRow, SourceImage, SourcePart, SourceRow } from "./importer.ts";
import { importerNamed } from "./registry.ts";
import { removeStaleFiles } from "./stale-files.ts";
import { pictureStorer, type StoredPicture } from "./store-picture.ts";

export interface ImportOptions {
  /** A name of the table of importers, or an importer of your own. */
  name: string | Importer;
  /** The folder that the source lies in, as published. */
  dir: string;
  /** The file to write, `*.questions.jsonl` or as the part's record is called; its card goes beside it. */
  out: string;
  store: ImageStore;
  /** Where the pictures lie, if elsewhere. */
  images?: string;
  /** One of the importer's parts; default its first. */
  part?: string;
  /** Only this split; default all. */
  split?: string;
  /** Called after every record of the source. */
  progress?: (done: number) => void;
}

export interface ImportResult {
  /** What stands on the lines of the file. */
  record: NonNullable<SourcePart["record"]>;
  kept: number;
  /** Reason → how many records of the source. */
  dropped: Record<string, number>;
  /** Distinct pictures in the store that the set refers to. */
  images: number;
  /** Kept records by what must be looked at, such as `burned-in-text-likely`. */
  warnings: Record<string, number>;
  /** The card's JSON file; the same name with `.md` is for people. */
  card: string;
  sha256: string;
}

const steps = ["read", "split", "images", "schema"] as const;
type Step = (typeof steps)[number];

/** What the steps share. */
interface Run {
  importer: Importer;
  part: SourcePart;
  options: ImportOptions;
  counter: CardCounter;
  /** Records by split. */
  found: Map<string, number>;
  seen: Set<string>;
  store(image: SourceImage): Promise<StoredPicture>;
}

/**
 * Reads a source, puts its pictures into the store and writes its records and a data card, each file whole or not at all.
 * Throws an ImportError: unknown name or part, folder not of this source, nothing kept, or a multimodal source without a picture.
 */
export async function importSource(options: ImportOptions): Promise<ImportResult> {
  const importer = typeof options.name === "string" ? importerNamed(options.name) : options.name;
  const name = knownPart(importer, options.part);
  const part = importer.parts[name]!;
  const record = part.record ?? "question";
  const stem = outputStem(options.out, record);
  const counter = cardCounter(steps);
  const found = new Map<string, number>();
  const store = pictureStorer(options.store);
  const run: Run = { importer, part, options, counter, found, seen: new Set(), store };
  await removeStaleFiles(options.out);
  const written = await writeJsonlAtomic(options.out, records(run, name));
  const { images, ...rest } = counter.summary();
  const card: DataCard = {
    card: 1,
    title: importer.title,
    record,
    source: importer.name,
    part: name,
    partAbout: part.about,
    revision: importer.revision,
    licence: importer.licence,
    origin: importer.origin,
    file: { name: basename(options.out), ...written },
    steps: counter.steps(),
    examples: counter.examples(),
    expected: importer.expected
      .filter((row) => row.part === undefined || row.part === name)
      .map((row) => ({ ...row, found: total(found, row.split) })),
    images,
    ...rest,
    caveats: [...importer.caveats],
  };
  await writeFileAtomic(`${stem}.card.json`, `${JSON.stringify(card, null, 2)}\n`);
  await writeFileAtomic(`${stem}.card.md`, cardMarkdown(card));
  return {
    record,
    kept: written.count,
    dropped: allDropped(card.steps),
    images: images.distinct,
    warnings: card.warnings,
    card: `${stem}.card.json`,
    sha256: written.sha256,
  };
}

function knownPart(importer: Importer, asked: string | undefined): string {
  const names = Object.keys(importer.parts);
  const part = asked ?? names[0];
  if (part !== undefined && Object.hasOwn(importer.parts, part)) return part;
  throw new ImportError(
    "IMPORT_PART_UNKNOWN",
    `${importer.name} has no part ${JSON.stringify(asked)}; it has ${names.join(", ")}.`,
  );
}

/** The name of the output without its ending, which must not be that of another record. */
function outputStem(out: string, record: string): string {
  const endings = [...Object.entries(recordFiles), [".passages.jsonl", "passage"] as const];
  const ending = endings.find(([, name]) => name === record)![0];
  const other = endings.find(([end, name]) => name !== record && out.endsWith(end));
  if (other !== undefined || !out.endsWith(".jsonl"))
    throw new ImportError("IMPORT_OUTPUT_INVALID", `a file of these records must end with ${ending}.`, {
      file: out,
    });
  return out.slice(0, out.endsWith(ending) ? -ending.length : -".jsonl".length);
}

/** How many rows' pictures are read and decoded while the first of them is waited for. */
const AHEAD = 8;

/** The records that are kept, in the source's order. Runs to its end only if there is something to write: it throws before the file is renamed. */
async function* records(run: Run, part: string): AsyncGenerator<object> {
  const { importer, options } = run;
  const reading = options.images === undefined ? { part } : { part, images: options.images };
  const waiting: { row: WholeRow; pictures: Promise<StoredPicture[]> }[] = [];
  let [kept, pictures, done] = [0, 0, 0];
  const next = async () => {
    const { row, pictures: stored } = waiting.shift()!;
    const record = finish(row, await stored, run);
    if (record === undefined) return undefined;
    kept += 1;
    pictures += row.images.length;
    return record;
  };
  for await (const row of importer.read(options.dir, reading)) {
    options.progress?.(++done);
    const admitted = admit(row, run);
    if (admitted === undefined) continue;
    const stored = Promise.all(admitted.images.map((image) => run.store(image)));
    stored.catch(() => undefined); // it is awaited in its turn
    waiting.push({ row: admitted, pictures: stored });
    if (waiting.length < AHEAD) continue;
    const record = await next();
    if (record !== undefined) yield record;
  }
  while (waiting.length > 0) {
    const record = await next();
    if (record !== undefined) yield record;
  }
  refuseEmpty(run, kept, pictures);
}

/** Throws when nothing was kept, or a multimodal source gave no picture. */
function refuseEmpty({ importer, part, options, counter, found }: Run, kept: number, pictures: number): void {
  const dropped = Object.entries(allDropped(counter.steps()));
  const why =
    dropped.length === 0 ? "it held no record" : dropped.map(([reason, n]) => `${reason} ${n}`).join(", ");
  const first = counter.examples()[0]?.place ?? { file: options.dir };
  if (part.multimodal && pictures === 0 && dropped.some(([reason]) => reason.startsWith("image-")))
    throw new ImportError(
      "IMPORT_NO_IMAGES",
      `${importer.name} needs pictures and not one was found (${why}); give their folder with --images.`,
      first,
    );
  if (kept > 0) return;
  const splits = [...found.keys()].filter((split) => split !== "");
  const known = splits.length > 0 ? ` Splits in it: ${splits.join(", ")}.` : "";
  throw new ImportError("IMPORT_EMPTY", `nothing of ${importer.name} was kept (${why}).${known}`, first);
}

type WholeRow = QuestionRow | PassageRow;

/** The row, if it is one, new, of the split that is asked for, and names a picture where it must. */
function admit(row: SourceRow, { counter, found, seen, options, part }: Run): WholeRow | undefined {
  const drop = (step: Step, reason: string, detail: string): undefined => {
    counter.drop(step, reason, detail, row.place);
    return undefined;
  };
  counter.enter("read");
  if ("dropped" in row) return drop("read", row.dropped, row.detail);
  const { localId, split } = "question" in row ? row.question : row.passage;
  found.set(split, (found.get(split) ?? 0) + 1);
  if (seen.has(localId)) return drop("read", "duplicate-id", `the id ${localId} came before`);
  seen.add(localId);
  counter.enter("split");
  if (options.split !== undefined && split !== options.split)
    return drop("split", "other-split", `it is in ${split}`);
  counter.enter("images");
  if (part.multimodal && row.images.length === 0)
    return drop("images", "image-missing", "the record names no picture");
  return row;
}

/** The record with its pictures, if all of them are there and it fits the schema. */
function finish(row: WholeRow, stored: readonly StoredPicture[], run: Run): object | undefined {
  const { counter } = run;
  const images: Question["images"] = [];
  const warnings = new Set<string>();
  for (const [at, picture] of stored.entries()) {
    if ("failed" in picture) {
      counter.drop("images", picture.failed, picture.detail, row.images[at]!.place);
      return undefined;
    }
    images.push(picture.ref);
    if (picture.warning !== undefined) warnings.add(picture.warning);
  }
  counter.enter("schema");
  try {
    const value = "question" in row ? wholeRecord(row, run, images) : wholePassage(row, run, images);
    for (const warning of warnings) counter.warn(warning);
    return value;
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    const place = error.field === "" ? row.place : { ...row.place, field: error.field };
    counter.drop("schema", "invalid", error.message, place);
    return undefined;
  }
}

/** The question, or the record that is made of it. Throws a RecordError. */
function wholeRecord(row: QuestionRow, { importer, part, counter }: Run, images: Question["images"]): object {
  const { localId, licence, ...rest } = row.question;
  const question = parseRecord(
    questionSchema,
    {
      record: "question",
      v: 1,
      id: `${importer.name}:${localId}`,
      source: importer.name,
      revision: importer.revision,
      ...rest,
      images,
      licence: licence ?? importer.licence,
    },
    row.place,
  );
  const record =
    row.record === undefined
      ? question
      : parseRecord(recordSchemas[part.record ?? "question"], row.record(question), row.place);
  counter.keep(question);
  return record;
}

function wholePassage(row: PassageRow, { importer, counter }: Run, images: Question["images"]): Passage {
  const { split, text, licence } = row.passage;
  const passage = withId({
    record: "passage" as const,
    v: 1 as const,
    source: importer.name,
    split,
    text,
    images,
    licence: licence ?? importer.licence,
  });
  const whole = parseRecord(recordSchemas.passage, passage, row.place);
  counter.keepPassage(whole);
  return whole;
}

function total(found: ReadonlyMap<string, number>, split: string | undefined): number {
  if (split !== undefined) return found.get(split) ?? 0;
  return [...found.values()].reduce((sum, n) => sum + n, 0);
}

function allDropped(rows: DataCard["steps"]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const { dropped } of rows)
    for (const [reason, count] of Object.entries(dropped)) all[reason] = (all[reason] ?? 0) + count;
  return all;
}
