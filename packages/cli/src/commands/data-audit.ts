import { join } from "node:path";
import type { AuditReport } from "@mede2/data";
import type { Command } from "commander";
import {
  addCommand,
  type CommonOptions,
  type Context,
  collect,
  parse,
  pathOf,
  say,
  workspaceFolder,
} from "../command.ts";
import { CliError } from "../exit.ts";
import { percent } from "../numbers.ts";
import type { Output } from "../output.ts";
import { printFields, printTable } from "../table.ts";

type AuditOptions = CommonOptions & {
  readonly against?: readonly string[];
  readonly out?: string;
  readonly clean?: string;
  readonly remove?: readonly string[];
  readonly within: boolean;
};

/** `mede2 data audit`, into the group `data`. */
export function addDataAudit(data: Command, context: Context): void {
  addCommand(
    data,
    "audit",
    "look for benchmark questions and pictures in a set, for duplicates, and for options that give answers away",
    [
      "mede2 data audit train.questions.jsonl --against test.questions.jsonl --out train.audit",
      "mede2 data audit pool.questions.jsonl --against medqa.questions.jsonl mmlu.questions.jsonl --clean clean.questions.jsonl",
    ],
  )
    .argument("<file>", "questions, or demonstrations, candidates or pairs that carry them")
    .option("--against <file...>", "benchmarks that the set may not hold", collectAll)
    .option("--out <path>", "write PATH.json, PATH.md and PATH.hits.jsonl")
    .option("--clean <file>", "write the set without what it shares with the benchmarks")
    .option("--remove <kinds>", "what --clean takes out (default: exact,near,passage,image)", parse.list)
    .option("--no-within", "leave out duplicates inside the set, which take some 600 bytes a question")
    .action((file: string, options: AuditOptions) => audit(file, options, context));
}

const collectAll = (text: string, before: readonly string[] = []): string[] => collect(text, before);

async function audit(file: string, options: AuditOptions, context: Context): Promise<void> {
  const [{ auditFile, auditMarkdown, hitKinds }, { writeFileAtomic }, { defaultImageStore }] =
    await Promise.all([import("@mede2/data"), import("@mede2/schemas"), import("@mede2/runs")]);
  const { clean, out, against = [], remove } = options;
  const known = (name: string): (typeof hitKinds)[number] => {
    const kind = hitKinds.find((one) => one === name);
    if (kind === undefined)
      throw new CliError("usage", `there is no kind ${name}`, `--remove takes ${hitKinds.join(", ")}`);
    return kind;
  };
  const kinds = remove?.map(known);
  if (against.length === 0 && clean !== undefined)
    throw new CliError("usage", "--clean takes out what benchmarks share", "name them with --against");
  if (clean === undefined && remove !== undefined)
    throw new CliError("usage", "--remove says what --clean takes out", "add --clean FILE, or leave it out");
  const { stop } = context.io;
  const progress = context.output.progress("audit");
  context.resumeHint = "nothing was written; run the same command again";
  const report = await auditFile({
    file: pathOf(context, file),
    against: against.map((path) => pathOf(context, path)),
    store: join(workspaceFolder(context, options), defaultImageStore),
    within: options.within,
    ...(out === undefined ? {} : { hits: `${pathOf(context, out)}.hits.jsonl` }),
    ...(clean === undefined ? {} : { clean: pathOf(context, clean) }),
    ...(kinds === undefined ? {} : { remove: kinds }),
    progress: (done, pass) => {
      stop.throwIfAborted();
      progress.update(done, undefined, `questions, ${pass}`);
    },
  });
  progress.clear();
  if (out !== undefined) {
    await writeFileAtomic(`${pathOf(context, out)}.json`, `${JSON.stringify(report, null, 2)}\n`);
    await writeFileAtomic(`${pathOf(context, out)}.md`, auditMarkdown(report));
  }
  say(context, options, {
    json: { ...report, ...(out === undefined ? {} : { report: `${out}.json` }) },
    print: (output) => print(output, report, out),
  });
}

function print(output: Output, report: AuditReport, out: string | undefined): void {
  const { file, against, within, optionForm, written } = report;
  printFields(output, [
    ["questions", `${file.count} in ${file.name}`],
    ...(against.length === 0
      ? []
      : ([
          ["exact", String(report.exact)],
          ["near", String(report.near)],
          ["passages", `${report.passages} (a single 13-gram: ${report.ngram})`],
          ["pictures", `${report.images}, of which ${report.imagesByLook} by look alone`],
          ["flagged", `${report.flagged} (${percent(report.flagged / Math.max(1, file.count))})`],
        ] as const)),
    [
      "duplicates",
      "skipped" in within
        ? within.skipped
        : `exact ${within.exact}, with another answer ${within.otherAnswer}, near ${within.near}, by picture ${within.pictures}`,
    ],
    [
      "options",
      `length ${optionForm.length}, absolute words ${optionForm.absolute}, position ${optionForm.position} of ${optionForm.judged}`,
    ],
    ...(written.clean === undefined
      ? []
      : ([["clean", `${written.clean.kept} questions in ${written.clean.file}`]] as const)),
    ...(out === undefined ? [] : ([["report", `${out}.md`]] as const)),
  ]);
  if (against.length > 0)
    printTable(
      output,
      [
        { title: "benchmark" },
        { title: "items", right: true },
        { title: "exact", right: true },
        { title: "near", right: true },
        { title: "passage", right: true },
        { title: "image", right: true },
        { title: "any", right: true },
      ],
      against.map(({ file: name, items, touched: { exact, near, passage, image, any } }) => [
        name,
        ...[items, exact, near, passage, image, any].map(String),
      ]),
    );
  for (const finding of report.findings) output.line(`- ${finding}`);
}
