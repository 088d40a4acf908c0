import { type Command, Option } from "commander";
import { addCommand, type CommonOptions, type Context, pathOf, say } from "../command.ts";
import { CliError } from "../exit.ts";
import { countsText } from "../numbers.ts";
import { printFields } from "../table.ts";

const forms = ["names", "labels"] as const;
const kinds = ["multimodal", "text", "all"] as const;

type DirectOptions = CommonOptions & {
  readonly out: string;
  readonly answer: (typeof forms)[number];
  readonly cases: (typeof kinds)[number];
};

/** `mede2 data direct`, into the group `data`. */
export function addDataDirect(data: Command, context: Context): void {
  addCommand(
    data,
    "direct",
    "demonstrations that are the right answer and nothing else: the baseline of direct fine-tuning",
    [
      "mede2 data direct stage2.questions.jsonl --out direct.demonstrations.jsonl",
      "mede2 plan direct-sft --model models/base --data direct.demonstrations.jsonl --out direct.plan.json",
    ],
  )
    .argument("<file>", "*.questions.jsonl, or candidates or pairs, whose questions are taken once each")
    .requiredOption("--out <file>", "file to write, *.demonstrations.jsonl")
    .addOption(
      new Option("--answer <form>", "the option's own words, or its letter (prompt style direct-labels)")
        .choices(forms)
        .default("names"),
    )
    .addOption(new Option("--cases <which>", "which questions").choices(kinds).default("multimodal"))
    .action((file: string, options: DirectOptions) => direct(file, options, context));
}

async function direct(file: string, options: DirectOptions, context: Context): Promise<void> {
  const { directDemonstrations } = await import("@mede2/data");
  const { out, answer, cases } = options;
  if (!out.endsWith(".demonstrations.jsonl"))
    throw new CliError(
      "usage",
      `${out} is no name for demonstrations`,
      "let it end with .demonstrations.jsonl",
    );
  context.resumeHint = "nothing was written; run the same command again";
  const { count, dropped, sha256 } = await directDemonstrations({
    ...{ data: pathOf(context, file), out: pathOf(context, out), form: answer, cases },
  });
  say(context, options, {
    json: { written: count, dropped, file: out, sha256 },
    print: (to) =>
      printFields(to, [
        ["demonstrations", `${count} in ${out}`],
        ["dropped", countsText(dropped)],
      ]),
  });
}
