import { join } from "node:path";
import type { Command } from "commander";
import { addCommand, type CommonOptions, type Context, pathOf, say, workspaceFolder } from "../command.ts";
import { exitCodes } from "../exit.ts";
import { printFields } from "../table.ts";

type OcrOptions = CommonOptions & { readonly out: string };

/** `mede2 data ocr`, into the group `data`. */
export function addDataOcr(data: Command, context: Context): void {
  addCommand(data, "ocr", "read the text that stands in a set's pictures, for the filter text-in-picture", [
    "mede2 data ocr pool.questions.jsonl --out pool.ocr.jsonl",
  ])
    .argument("<file>", "questions with pictures in the image store")
    .requiredOption(
      "--out <file>",
      "lines of {sha256, text}; pictures that it has already are not read again",
    )
    .action((file: string, options: OcrOptions) => ocr(file, options, context));
}

async function ocr(file: string, options: OcrOptions, context: Context): Promise<void> {
  const [{ readPictureTexts, tesseractReader }, { openImageStore }, { defaultImageStore }] =
    await Promise.all([import("@mede2/data"), import("@mede2/images"), import("@mede2/runs")]);
  const reader = await tesseractReader(
    openImageStore(join(workspaceFolder(context, options), defaultImageStore)),
  );
  const progress = context.output.progress("ocr");
  context.resumeHint = "what was read is kept; run the same command again to go on";
  try {
    const { read, before, failed, withText } = await readPictureTexts(
      pathOf(context, file),
      pathOf(context, options.out),
      reader,
      {
        onProgress: (done) => {
          context.io.stop.throwIfAborted();
          progress.update(done, undefined, "pictures");
        },
      },
    );
    progress.clear();
    const failures = Object.values(failed);
    say(context, options, {
      json: { read, before, failed: failures.length, withText, by: reader.by, file: options.out },
      exit: failures.length > 0 ? exitCodes.failed : exitCodes.done,
      print: (output) => {
        printFields(output, [
          ["pictures", `${read} read, ${before} before, ${withText} of them with text in ${options.out}`],
          ["by", reader.by],
          ["failed", String(failures.length)],
        ]);
        if (failures[0] !== undefined) output.line(`- ${failures[0]}`);
      },
    });
  } finally {
    await reader.close();
  }
}
