import type { Command } from "commander";
import { addCommand, type CommonOptions, type Context, parse, say } from "../command.ts";
import { CliError } from "../exit.ts";
import { printFields } from "../table.ts";

type ProbeOptions = CommonOptions & { readonly served: string; readonly words: number };

export function addEvalProbe(group: Command, context: Context): void {
  addCommand(
    group,
    "probe",
    "ask a server what it really does: sees pictures, reasons, repeats itself, takes whole prompts",
    ["mede2 eval probe http://127.0.0.1:8000/v1 --served qwen2.5-vl-7b"],
  )
    .argument("<url>", "address of an OpenAI-compatible server, with /v1")
    .requiredOption("--served <name>", "name of the model that it serves")
    .option("--words <n>", "length of the long prompt", parse.positive, 6000)
    .action((url: string, options: ProbeOptions) => probe(url, options, context));
}

async function probe(
  url: string,
  { served, words, ...options }: ProbeOptions,
  context: Context,
): Promise<void> {
  if (!/^https?:\/\//.test(url))
    throw new CliError("usage", `${url} is no address of a server`, "give it as https://host/v1");
  const { probeEndpoint } = await import("@mede2/llm");
  const report = await probeEndpoint({ url, model: served, env: context.io.env }, { words });
  const { image, reasoning, determinism, longPrompt, saysLength, countsTokens, logProbs } = report;
  const yesNo = (holds: boolean) => (holds ? "yes" : "no");
  say(context, options, {
    json: { url, served, ...report },
    print: (output) =>
      printFields(output, [
        ["serves", report.model ?? "does not say"],
        ["sees pictures", `${image.sees} (${image.answers.map((said) => JSON.stringify(said)).join(", ")})`],
        ["reasoning in", reasoning],
        ["same request, same text", `${yesNo(determinism.same)} (${determinism.replies} replies)`],
        [
          "long prompt",
          `${longPrompt.verdict} (${longPrompt.words} words, ${longPrompt.promptTokens ?? "?"} tokens counted, ${longPrompt.expectedTokens ?? "?"} expected)`,
        ],
        ["says when a reply is cut", yesNo(saysLength)],
        ["counts tokens", yesNo(countsTokens)],
        ["gives log-probabilities", yesNo(logProbs)],
      ]),
  });
}
