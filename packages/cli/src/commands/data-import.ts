import { join } from "node:path";
import type { Importer } from "@mede2/data";
import type { Command } from "commander";
import {
  addCommand,
  addGroup,
  type CommonOptions,
  type Context,
  pathOf,
  say,
  workspaceFolder,
} from "../command.ts";
import { CliError } from "../exit.ts";
import { countsText } from "../numbers.ts";
import { printFields } from "../table.ts";
import { addDataAudit } from "./data-audit.ts";
import { addDataCurate } from "./data-curate.ts";
import { addDataDirect } from "./data-direct.ts";
import { addDataOcr } from "./data-ocr.ts";
import { addDataSplit } from "./data-split.ts";

type ImportOptions = CommonOptions & {
  readonly out: string;
  readonly images?: string;
  readonly part?: string;
  readonly split?: string;
  readonly map?: string;
};

export function addData(program: Command, context: Context): void {
  const data = addGroup(program, "data", "bring data sets into the schema");
  addCommand(data, "import", "read a source into records, with its pictures and a data card", [
    "mede2 data import chest-xray downloads/chest_xray --split test --out data/films.questions.jsonl",
    "mede2 data import ward . --part text --out data/ward.questions.jsonl",
    "mede2 data import mmedpo downloads/mmedpo --images downloads/vqa_rad --split train --out data/mmedpo.pairs.jsonl",
    "mede2 data import generic my-table --map my-table.map.json --out data/mine.questions.jsonl",
  ])
    .argument("<name>", "the source: one that `mede2 data list` names, or generic")
    .argument("<dir>", "the folder that the source lies in, as published")
    .requiredOption("--out <file>", "file to write: *.questions.jsonl, or as the part's records are called")
    .option("--images <dir>", "folder of the pictures, where they lie apart")
    .option("--part <name>", "which of the source's parts (default: its first)")
    .option("--split <name>", "only this split")
    .option("--map <file>", "of generic: which columns hold what (docs/data.md)")
    .action((name: string, dir: string, options: ImportOptions) => importData(name, dir, options, context));
  addCommand(data, "list", "list the sources that can be imported", ["mede2 data list"]).action(
    (options: CommonOptions) => listSources(options, context),
  );
  addDataAudit(data, context);
  addDataCurate(data, context);
  addDataSplit(data, context);
  addDataDirect(data, context);
  addDataOcr(data, context);
}

async function importData(
  name: string,
  dir: string,
  options: ImportOptions,
  context: Context,
): Promise<void> {
  const [{ importSource }, { openImageStore }, { defaultImageStore, startWorkspace }] = await Promise.all([
    import("@mede2/data"),
    import("@mede2/images"),
    import("@mede2/runs"),
  ]);
  await startWorkspace(workspaceFolder(context, options)); // before a picture lies in it
  const { stop } = context.io;
  const out = pathOf(context, options.out);
  const progress = context.output.progress(`import ${name}`);
  context.resumeHint = "nothing was written; run the same command again";
  const result = await importSource({
    name: await importerOf(name, options, context),
    dir: pathOf(context, dir),
    out,
    store: openImageStore(join(workspaceFolder(context, options), defaultImageStore)),
    ...(options.images === undefined ? {} : { images: pathOf(context, options.images) }),
    ...(options.part === undefined ? {} : { part: options.part }),
    ...(options.split === undefined ? {} : { split: options.split }),
    progress: (done) => {
      stop.throwIfAborted();
      progress.update(done, undefined, "records");
    },
  });
  progress.clear();
  const { record, kept, dropped, images, warnings, card, sha256 } = result;
  say(context, options, {
    json: { record, kept, dropped, images, card, warnings, file: out, sha256 },
    print: (output) =>
      printFields(output, [
        [nouns[record], `${kept} in ${options.out}`],
        ["dropped", countsText(dropped)],
        ["pictures", `${images} in the image store`],
        ...(Object.keys(warnings).length === 0
          ? []
          : [["look at", countsText(warnings)] as [string, string]]),
        ["card", card.replace(/\.json$/, ".md")],
      ]),
  });
}

const nouns = {
  question: "questions",
  demonstration: "demonstrations",
  "preference-pair": "pairs",
  candidates: "candidates",
  passage: "passages",
} as const;

/** The importer's name, or for `generic` the importer that its mapping makes. */
async function importerOf(
  name: string,
  { map }: ImportOptions,
  context: Context,
): Promise<string | Importer> {
  if ((name === "generic") !== (map !== undefined))
    throw new CliError(
      "bad-mapping",
      map === undefined
        ? "generic needs --map FILE, which says which columns hold what."
        : `--map is for generic, not for ${name}, whose columns are known.`,
      "see docs/data.md for a mapping",
    );
  if (map === undefined) return name;
  const { genericImporter, readMapping } = await import("@mede2/data");
  return genericImporter(await readMapping(pathOf(context, map)));
}

async function listSources(options: CommonOptions, context: Context): Promise<void> {
  const { importers } = await import("@mede2/data");
  say(context, options, {
    json: {
      sources: importers.map(({ name, title, licence, revision, origin, expected, parts }) => ({
        ...{ name, title, licence, revision, origin, expected },
        parts: Object.entries(parts).map(([part, { about, multimodal }]) => ({
          name: part,
          about,
          multimodal,
        })),
      })),
    },
    print: (output) => {
      for (const { name, title, licence, origin, parts } of importers) {
        output.line({ text: name, style: "bold" }, `  ${title} (${licence})`);
        output.line({ text: `  ${origin}`, style: "dim" });
        for (const [part, { about }] of Object.entries(parts)) output.line(`  --part ${part}: ${about}`);
      }
      output.line({ text: "generic", style: "bold" }, "  any table, by a mapping of its columns");
      output.line("  --map FILE: see docs/data.md");
    },
  });
}
