import { access, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Line, readLines } from "@mede2/schemas";
import { ImportError, type SourcePlace } from "./import-error.ts";
import type { Importer, ReadOptions, SourceRow } from "./importer.ts";
import { listFiles } from "./list-files.ts";
import { orderOptions } from "./option-order.ts";
import { localFile, type SourceFile } from "./reading/source-file.ts";
import { openZip } from "./reading/zip-file.ts";

/** What a film is labelled with. `null`: pneumonia whose cause the source does not tell. */
type Cause = "normal" | "bacterial" | "viral" | null;

interface Film {
  /** Relative to the folder, with `/`. */
  file: string;
  read(): Promise<Uint8Array>;
  /** For messages: its whole path. */
  shown: string;
  split: string;
  cause: Cause;
  place: SourcePlace;
}

/** The films are of children, so no wording here may speak of age. */
const parts = {
  pneumonia: {
    about: "two options: normal or pneumonia",
    stem: "This is a frontal chest radiograph. What does it show?",
    options: ["normal", "pneumonia"],
    answer: (cause: Cause) => (cause === "normal" ? 0 : 1),
  },
  cause: {
    about: "three options: normal, bacterial pneumonia or viral pneumonia",
    stem: "This is a frontal chest radiograph. What does it most likely show?",
    options: ["normal", "bacterial pneumonia", "viral pneumonia"],
    answer: (cause: Cause) => (cause === null ? null : { normal: 0, bacterial: 1, viral: 2 }[cause]),
  },
} as const;

/** Chest radiographs labelled normal, bacterial or viral pneumonia (Kermany et al., Cell 172:1122–1131, 2018). */
export const chestXrayImporter: Importer = {
  name: "chest-xray",
  title: "Labelled chest radiographs (Kermany et al.)",
  licence: "CC-BY-4.0",
  revision: "mendeley-rscbjbr9sj-v2",
  origin:
    "Kermany D, Zhang K, Goldbaum M. Mendeley Data, doi:10.17632/rscbjbr9sj.2; Kermany et al., Cell 172:1122-1131 (2018), doi:10.1016/j.cell.2018.02.010",
  parts: Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [name, { about: part.about, multimodal: true }]),
  ),
  expected: [
    { split: "train", of: "version 2, class folders", count: 5232 },
    { split: "test", of: "version 2, class folders", count: 624 },
  ],
  caveats: [
    "The films are of children (one centre, Guangzhou); results say nothing about adults. No question mentions age.",
    "Normal films and films of pneumonia differ in exposure and cropping too, so a model may lean on how a film was taken.",
    "Patient numbers in the file names are counted for each cause apart, so a patient is number and cause together.",
  ],
  read,
};

async function* read(dir: string, { part, images }: ReadOptions): AsyncGenerator<SourceRow> {
  const asked = parts[part as keyof typeof parts];
  const labelled = await access(join(dir, "labels.jsonl")).then(
    () => true,
    () => false,
  );
  for await (const film of labelled ? fromLabels(dir, images ?? dir) : fromFolders(images ?? dir)) {
    if ("dropped" in film) {
      yield film;
      continue;
    }
    const answer = asked.answer(film.cause);
    if (answer === null) {
      const detail = "the film is labelled pneumonia, and neither label nor file name tells its cause";
      yield { dropped: "cause-unknown", detail, place: film.place };
      continue;
    }
    const name = basename(film.file).replace(/\.[a-z]+$/i, "");
    const localId = `${part}/${film.split}/${name}`;
    const { options, labels } = orderOptions(`chest-xray:${localId}`, asked.options, [answer]);
    yield {
      question: {
        localId,
        split: film.split,
        stem: asked.stem,
        options,
        gold: { labels },
        facts: {
          label: film.cause === "normal" ? "normal" : "pneumonia",
          ...(film.cause === null || film.cause === "normal" ? {} : { cause: film.cause }),
        },
        group: { ...patientOf(name), image: name },
        tags: {
          modality: "x-ray",
          specialty: "radiology",
          task: "classification",
          type: "closed",
          language: "en",
        },
      },
      images: [
        {
          read: film.read,
          place: { file: film.shown },
          role: "frontal",
        },
      ],
      place: film.place,
    };
  }
}

type Dropped = Extract<SourceRow, { dropped: string }>;

/** `[chest_xray/]train|test|val/NORMAL|PNEUMONIA/*.jpeg`, as Mendeley's and Kaggle's archives unpack. */
async function* fromFolders(dir: string): AsyncGenerator<Film | Dropped> {
  let any = false;
  for await (const found of filesOf(dir)) {
    const file = found.name;
    const [, split, folder] = /(?:^|\/)(train|test|val)\/(NORMAL|PNEUMONIA)\/[^/]+$/.exec(file) ?? [];
    if (split === undefined || !/\.(jpe?g|png)$/i.test(file)) continue;
    any = true;
    const place = { file: found.shown };
    const named = causeOfName(basename(file));
    if (named !== null && (named === "normal") !== (folder === "NORMAL")) {
      const detail = `the file lies in ${folder}, but its name says ${named}`;
      yield { dropped: "label-contradiction", detail, place };
    } else {
      const cause = folder === "NORMAL" ? "normal" : named;
      yield { file, read: found.bytes, shown: found.shown, split, cause, place };
    }
  }
  if (any) return;
  throw new ImportError(
    "IMPORT_LAYOUT_UNKNOWN",
    "neither labels.jsonl nor class folders (train/NORMAL, train/PNEUMONIA, test/…) with films are here; give the folder that holds them.",
    { file: dir },
  );
}

/** Films of the folder, and of ZIP archives in it. */
async function* filesOf(dir: string): AsyncGenerator<SourceFile> {
  for await (const name of listFiles(dir))
    if (/\.zip$/i.test(name)) yield* (await openZip(join(dir, name))).files;
    else yield localFile(join(dir, name), name);
}

/** `labels.jsonl` with `{image, label, subtype?, split}`; `image` is a path below the folder of images. */
async function* fromLabels(dir: string, images: string): AsyncGenerator<Film | Dropped> {
  const file = join(dir, "labels.jsonl");
  for await (const line of readLines(file)) {
    if (line.text.trim() === "") continue;
    const film = labelledFilm(line, images, { file, line: line.line });
    if ("dropped" in film || (await exists(film.shown))) yield film;
    else {
      const detail = `there is no file ${film.shown}`;
      yield { dropped: "image-missing", detail, place: { ...film.place, field: "image" } };
    }
  }
}

function labelledFilm({ text }: Line, root: string, place: SourcePlace): Film | Dropped {
  const bad = (field: string, detail: string, dropped = "malformed"): Dropped => ({
    dropped,
    detail,
    place: { ...place, field },
  });
  let row: unknown;
  try {
    row = JSON.parse(text);
  } catch (error) {
    return { dropped: "malformed", detail: `expected one JSON object (${(error as Error).message})`, place };
  }
  if (typeof row !== "object" || row === null || Array.isArray(row))
    return { dropped: "malformed", detail: "expected one JSON object", place };
  const { image, label, subtype, split } = row as Record<string, unknown>;
  if (typeof image !== "string" || image === "") return bad("image", "expected the path of a film");
  if (/^[/\\]|^[a-z]:|(^|[/\\])\.\.([/\\]|$)/i.test(image))
    return bad("image", `expected a path below the folder, got ${JSON.stringify(image)}`);
  if (typeof split !== "string" || !/^[\w-]+$/.test(split))
    return bad("split", "expected the name of a split");
  if (label !== "NORMAL" && label !== "PNEUMONIA")
    return bad("label", `expected NORMAL or PNEUMONIA, got ${JSON.stringify(label)}`, "label-unknown");
  const cause = causeOfSubtype(subtype) ?? causeOfName(basename(image));
  const known = cause ?? (label === "NORMAL" ? "normal" : null);
  if ((known === "normal") !== (label === "NORMAL"))
    return bad("subtype", `the label is ${label}, but the cause is ${known}`, "label-contradiction");
  const shown = join(root, image);
  return {
    file: image,
    read: async () => new Uint8Array(await readFile(shown)),
    shown,
    split,
    cause: known,
    place,
  };
}

function causeOfSubtype(subtype: unknown): Cause {
  if (typeof subtype !== "string") return null;
  const [, cause] = /^(normal|bacterial|viral)(?: pneumonia)?$/i.exec(subtype) ?? [];
  return (cause?.toLowerCase() as Cause | undefined) ?? null;
}

/** `person12_bacteria_34`, `BACTERIA-1008087-0001`, `IM-0115-0001`, `NORMAL2-IM-0381-0001`, `NORMAL-1003233-0001`. */
function causeOfName(name: string): Cause {
  if (/(^|_)bacteria[-_]/i.test(name)) return "bacterial";
  if (/(^|_)virus[-_]/i.test(name)) return "viral";
  return /^(NORMAL\d?-|IM-)/i.test(name) ? "normal" : null;
}

/** Patient and cause. The cause belongs to it: person124 with bacteria and person124 with virus are two people. */
function patientOf(name: string): { patient?: string } {
  const [, person, cause] = /^(person\d+)_(bacteria|virus)_/i.exec(name) ?? [];
  if (person !== undefined) return { patient: `${person}_${cause}` };
  const [patient] = /^((?:NORMAL\d?-)?IM-\d+|(?:BACTERIA|VIRUS|NORMAL)-\d+)(?=-)/i.exec(name) ?? [];
  return patient === undefined ? {} : { patient };
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
