import { basename, isAbsolute } from "node:path";
import type { Summary } from "@mede2/eval";
import { isTrainingPlan, type Plan } from "@mede2/schemas";
import { interval, points, short } from "../numbers.ts";
import { oneLine } from "../printable.ts";
import { promptStyleName, promptStyleNamed } from "../prompt-style.ts";
import type { CardEvaluation } from "./card-evaluation.ts";
import type { DataSource, Lineage, LineageRun } from "./run-lineage.ts";

/** What a model card tells. */
export type CardFacts = {
  readonly name: string;
  readonly form: "model" | "adapter";
  /** Id of the base on the Hub, or the name of its folder. */
  readonly base: string;
  /** Id of a licence as the Hub names them; undefined: nobody said. */
  readonly licence: string | undefined;
  readonly seesImages: boolean;
  readonly dtype: string;
  readonly checkpoint: string;
  readonly lineage: Lineage;
  readonly evaluations: readonly CardEvaluation[];
  readonly version: string;
};

/** Ids that the Hub takes as they are (huggingface.co/docs/hub/repositories-licenses); any other is written as a name beside "other". */
const hubLicences =
  /^(apache-2\.0|mit|openrail|bigscience-.+|creativeml-.+|bsd(-.+)?|cc(0|-).+|cc|wtfpl|unlicense|(a|l)?gpl(-.+)?|llama.+|gemma|unknown|other)$/;

/** README.md of an exported model, in the Hub's format. Names and texts of data sets and files are untrusted: they are set as plain text. */
export function modelCard(facts: CardFacts): string {
  const { name, lineage, evaluations } = facts;
  const sections = [
    `# ${plain(name)}`,
    "**For research only.** It is not a medical device. Nothing that it writes may be used for decisions about patients.",
    ...["## What it is", whatItIs(facts)],
    ...["## Use", use(facts)],
    ...["## Training", training(lineage.runs)],
    ...["## Data", data(lineage.runs)],
    ...["## Evaluation", evaluation(evaluations)],
    ...["## Dependence on the image", dependence(evaluations)],
    ...["## Intended use and limits", limits(facts)],
    ...["## Plan", planPart(lineage.runs.at(-1)!)],
  ];
  return `${frontMatter(facts)}\n${sections.join("\n\n")}\n`;
}

function frontMatter({ base, form, licence, seesImages, lineage }: CardFacts): string {
  const sources = sourcesOf(lineage.runs).map(({ source }) => source);
  const known = [...new Set(sources)].filter((source) => /^[\w.-]+(\/[\w.-]+)?$/.test(source));
  const kinds = lineage.runs.map(({ view }) => view.manifest.kind);
  const id = licence ?? "unknown";
  const fields: [string, unknown][] = [
    ...(hubLicences.test(id)
      ? ([["license", id]] as [string, unknown][])
      : ([
          ["license", "other"],
          ["license_name", id],
        ] as [string, unknown][])),
    ["base_model", base],
    ["base_model_relation", form === "adapter" ? "adapter" : "finetune"],
    ...(known.length === 0 ? [] : ([["datasets", known]] as [string, unknown][])),
    ["library_name", form === "adapter" ? "peft" : "transformers"],
    ["pipeline_tag", seesImages ? "image-text-to-text" : "text-generation"],
    [
      "tags",
      [
        ...["medical", "reasoning", "mede2", "research-only"],
        ...(kinds.includes("sft") ? ["sft"] : []),
        ...(kinds.includes("preference") ? ["preference-optimisation"] : []),
        ...(form === "adapter" ? ["lora"] : []),
      ],
    ],
  ];
  // a JSON text or list is YAML, too
  return `---\n${fields.map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join("\n")}\n---\n`;
}

function whatItIs({ form, base, checkpoint, lineage, dtype, version }: CardFacts): string {
  const last = lineage.runs.at(-1)!;
  return `${form === "adapter" ? "A LoRA adapter (PEFT) for" : "A model fine-tuned from"} ${plain(base)}, weights in ${dtype}: ${plain(checkpoint)} of the run \`${code(last.view.manifest.id)}\`, written by MedE² ${plain(version)}.`;
}

function use({ form, base, name, seesImages, lineage }: CardFacts): string {
  const auto = seesImages ? "AutoModelForImageTextToText" : "AutoModelForCausalLM";
  const folder = JSON.stringify(name);
  const lines =
    form === "adapter"
      ? [
          ...["from peft import PeftModel", `from transformers import ${auto}`, ""],
          `base = ${auto}.from_pretrained(${JSON.stringify(base)})`,
          `model = PeftModel.from_pretrained(base, ${folder})`,
        ]
      : [`from transformers import ${auto}`, "", `model = ${auto}.from_pretrained(${folder})`];
  return `${fenced("python", lines.join("\n"))}${promptSentence(lineage.runs.at(-1)!.view.manifest.plan)}`;
}

/** A model answers best what it was asked in training. */
function promptSentence(plan: Plan): string {
  const [first] = plan.data;
  if (!isTrainingPlan(plan) || first === undefined) return "";
  const style = promptStyleNamed(promptStyleName(first, plan));
  return style === undefined || style.instruction === ""
    ? ""
    : `\n\nIt was trained behind questions that end with: ${plain(style.instruction)}`;
}

function training(runs: readonly LineageRun[]): string {
  const rows = runs.map(({ view: { manifest, state } }) => {
    const { plan, code: version } = manifest;
    const loss = state.losses;
    return [
      ...[manifest.id, manifest.kind, plan.recipe],
      isTrainingPlan(plan) ? plan.loss.name : "",
      String(state.step),
      loss.first === null || loss.last === null ? "" : `${short(loss.first)} → ${short(loss.last)}`,
      isTrainingPlan(plan) ? String(plan.schedule.learningRate) : "",
      version.commit === undefined
        ? version.version
        : `${version.version} (${version.commit.slice(0, 12)}${version.dirty ? ", changed" : ""})`,
    ];
  });
  return table(["run", "kind", "recipe", "loss function", "steps", "loss", "learning rate", "code"], rows);
}

function data(runs: readonly LineageRun[]): string {
  const sources = sourcesOf(runs);
  const rows = sources.map(({ source, split, records, licence }) => [
    ...[source, split, String(records)],
    licence === "unknown" ? "unknown: find out before you pass the model on" : licence,
  ]);
  return `${table(["source", "split", "records", "licence"], rows)}\n\nThe licences of the data bind beside that of the base.`;
}

/** Sources of all runs; the same source in the same split is one row. */
function sourcesOf(runs: readonly LineageRun[]): DataSource[] {
  const merged = new Map<string, DataSource>();
  for (const each of runs.flatMap(({ sources }) => sources)) {
    const key = JSON.stringify([each.source, each.split, each.licence]);
    merged.set(key, { ...each, records: each.records + (merged.get(key)?.records ?? 0) });
  }
  return [...merged.values()];
}

function evaluation(evaluations: readonly CardEvaluation[]): string {
  if (evaluations.length === 0)
    return "Not evaluated: no evaluation was given when this card was written (`mede2 export … --eval DIR`).";
  const rows = evaluations.flatMap(({ task, summaries }) =>
    summaries.map((summary) => [
      ...[task, summary.protocol, summary.images, accuracyText(summary), String(summary.n)],
      String(summary.answers.found),
    ]),
  );
  return `${table(["task", "protocol", "image", "accuracy % [95 %]", "questions", "answers found"], rows)}\n\nAn answer that is not found counts as wrong; nothing is guessed.`;
}

function accuracyText({ accuracy, low, high, incomplete }: Summary): string {
  if (incomplete || accuracy === null || low === null || high === null) return "incomplete";
  return interval({ value: accuracy, low, high });
}

function dependence(evaluations: readonly CardEvaluation[]): string {
  const rows = evaluations.flatMap(({ task, dependence: found }) =>
    found.map(({ against, difference, low, high }) => [
      ...[task, against, `${points(difference)} [${points(low)}, ${points(high)}]`],
    ]),
  );
  if (rows.length === 0)
    return "Not measured: it takes an evaluation with the image real, blank and swapped (`mede2 eval run … --images real,blank,swapped`). Until then, do not take its answers for answers to the image.";
  return `Accuracy with the real image minus accuracy with another, in points:\n\n${table(["task", "image instead", "difference [95 %]"], rows)}\n\nA difference whose interval holds 0 says that it was not shown to use the image.`;
}

function limits({ seesImages }: CardFacts): string {
  return [
    "- Research on medical reasoning in models, on the benchmarks named above.",
    "- Not for diagnosis, treatment, triage or advice, and not for use with patients.",
    `- It can be wrong with a convincing chain of reasoning${seesImages ? ", and can describe findings that are not in the image" : ""}.`,
    "- What its data lacks (languages, modalities, groups of patients) was not tested.",
  ].join("\n");
}

function planPart({ view: { manifest } }: LineageRun): string {
  const text = JSON.stringify(manifest.plan, (_, value: unknown) => withoutFolders(value), 2);
  return `sha256 of its canonical JSON: \`${manifest.planHash}\`\n\n<details><summary>The plan of the last run</summary>\n\n${fenced("json", text)}\n\n</details>`;
}

/** Where folders lie on the machine that trained is nobody's business. */
const withoutFolders = (value: unknown): unknown =>
  typeof value === "string" && isAbsolute(value) ? basename(value) : value;

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(plain).join(" | ")} |`;
  return [line(titles), `|${"---|".repeat(titles.length)}`, ...rows.map(line)].join("\n");
}

/** Text in Markdown that means nothing but itself. */
const plain = (text: string): string => oneLine(text).replace(/[\\`*_[\]<>|#]/g, "\\$&");
const code = (text: string): string => oneLine(text).replaceAll("`", "'");

/** A block of code that its content cannot end. */
function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
