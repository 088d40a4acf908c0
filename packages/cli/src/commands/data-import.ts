import { join } from "node:path";
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
import { countsText } from "../numbers.ts";
import { printFields } from "../table.ts";
import { addDataAudit } from "./data-audit.ts";
import { addDataCurate } from "./data-curate.ts";
import { addDataSplit } from "./data-split.ts";

type ImportOptions = CommonOptions & {
  readonly out: string;
  readonly images?: string;
  readonly part?: string;
  readonly split?: string;
};

export function addData(program: Command, context: Context): void {
  const data = addGroup(program, "data", "bring data sets into the schema");
  addCommand(data, "import", "read a known source into questions, with its pictures and a data card", [
    "mede2 data import chest-xray downloads/chest_xray --split test --out data/films.questions.jsonl",
    "mede2 data import ward . --part text --out data/ward.questions.jsonl",
  ])
    .argument("<name>", "the source: one that `mede2 data list` names")
    .argument("<dir>", "the folder that the source lies in, as published")
    .requiredOption("--out <file>", "file to write, *.questions.jsonl")
    .option("--images <dir>", "folder of the pictures, where they lie apart")
    .option("--part <name>", "which of the source's parts (default: its first)")
    .option("--split <name>", "only this split")
    .action((name: string, dir: string, options: ImportOptions) => importData(name, dir, options, context));
  addCommand(data, "list", "list the sources that can be imported", ["mede2 data list"]).action(
    (options: CommonOptions) => listSources(options, context),
  );
  addDataAudit(data, context);
  addDataCurate(data, context);
  addDataSplit(data, context);
}

async function importData(
  name: string,
  dir: string,
  options: ImportOptions,
  context: Context,
): Promise<void> {
  const [{ importSource }, { openImageStore }, { defaultImageStore }] = await Promise.all([
    import("@mede2/data"),
    import("@mede2/images"),
    import("@mede2/runs"),
  ]);
  const { stop } = context.io;
  const out = pathOf(context, options.out);
  const progress = context.output.progress(`import ${name}`);
  context.resumeHint = "nothing was written; run the same command again";
  const result = await importSource({
    name,
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
  const { record, kept, dropped, images, card, sha256 } = result;
  say(context, options, {
    json: { record, kept, dropped, images, card, file: out, sha256 },
    print: (output) =>
      printFields(output, [
        ["questions", `${kept} in ${options.out}`],
        ["dropped", countsText(dropped)],
        ["pictures", `${images} in the image store`],
        ["card", card.replace(/\.json$/, ".md")],
      ]),
  });
}

async function listSources(options: CommonOptions, context: Context): Promise<void> {
  const { importers } = await import("@mede2/data");
  say(context, options, {
    json: {
      sources: importers.map(({ name, title, licence, revision, origin, parts }) => ({
        ...{ name, title, licence, revision, origin },
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
    },
  });
}
