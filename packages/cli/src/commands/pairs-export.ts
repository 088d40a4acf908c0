import { basename, join } from "node:path";
import type { ExportFormat } from "@mede2/preference";
import type { PreferencePair, RatedAnswer } from "@mede2/schemas";
import type { Command } from "commander";
import { addCommand, type CommonOptions, type Context, pathOf, say, workspaceFolder } from "../command.ts";
import { oneOf, styleNames } from "../local-model.ts";
import { printFields } from "../table.ts";

const formats = ["trl", "ms-swift", "llama-factory"] as const satisfies readonly ExportFormat[];

type ExportOptions = CommonOptions & {
  readonly to: ExportFormat;
  readonly out: string;
  readonly style: (typeof styleNames)[number];
};

export function addPairsExport(pairs: Command, context: Context): void {
  addCommand(pairs, "export", "write pairs as another trainer reads them", [
    "mede2 pairs export stage2.pairs.jsonl --to ms-swift --out swift/",
  ])
    .argument("<pairs>", "*.pairs.jsonl, or *.rated.jsonl for answers judged one by one (KTO)")
    .requiredOption("--to <format>", formats.join(", "), oneOf(formats))
    .requiredOption(
      "--out <dir>",
      "folder for the rows, their index with weights and kinds, and what else the format needs",
    )
    .option("--style <name>", `prompt: ${styleNames.join(", ")}`, oneOf(styleNames), "reason")
    .action((file: string, options: ExportOptions) => run(file, options, context));
}

async function run(file: string, options: ExportOptions, context: Context): Promise<void> {
  const [
    { exportAnswer, exportIndex, exportPair, llamaFactoryInfo },
    { promptStyles },
    { openImageStore },
    { defaultImageStore },
    schemas,
  ] = await Promise.all([
    import("@mede2/preference"),
    import("@mede2/llm"),
    import("@mede2/images"),
    import("@mede2/runs"),
    import("@mede2/schemas"),
  ]);
  const { preferencePairSchema, ratedAnswerSchema, readJsonl, writeFileAtomic, writeJsonlAtomic } = schemas;
  const unpaired = file.endsWith(".rated.jsonl");
  const [path, folder] = [pathOf(context, file), pathOf(context, options.out)];
  const name = basename(file).replace(/\.(pairs|rated)\.jsonl$|\.jsonl$/, "");
  const store = openImageStore(join(workspaceFolder(context, options), defaultImageStore));
  const settings = {
    style: promptStyles[options.style],
    imagePath: (image: Parameters<typeof store.path>[0]) =>
      store.has(image.sha256) ? store.path(image) : "",
  };
  const rows = `${name}.${options.to}.jsonl`;
  async function* each(
    of: (record: PreferencePair | RatedAnswer, row: number) => object,
  ): AsyncGenerator<object> {
    let row = 0;
    for await (const record of unpaired
      ? readJsonl(path, ratedAnswerSchema)
      : readJsonl(path, preferencePairSchema)) {
      context.io.stop.throwIfAborted();
      yield of(record, row++);
    }
  }
  const written = await writeJsonlAtomic(
    join(folder, rows),
    each((record) =>
      record.record === "rated-answer"
        ? exportAnswer(options.to, record, settings)
        : exportPair(options.to, record, settings),
    ),
  );
  await writeJsonlAtomic(join(folder, `${name}.index.jsonl`), each(exportIndex));
  const files = [rows, `${name}.index.jsonl`];
  if (options.to === "llama-factory") {
    await writeFileAtomic(
      join(folder, "dataset_info.json"),
      `${JSON.stringify(llamaFactoryInfo(name, rows, !unpaired), null, 2)}\n`,
    );
    files.push("dataset_info.json");
  }
  say(context, options, {
    json: {
      [unpaired ? "answers" : "pairs"]: written.count,
      files: files.map((one) => join(options.out, one)),
      sha256: written.sha256,
    },
    print: (to) =>
      printFields(to, [
        [unpaired ? "answers" : "pairs", String(written.count)],
        ["files", files.join(", ")],
      ]),
  });
}
