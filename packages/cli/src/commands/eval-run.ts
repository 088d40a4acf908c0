import { join } from "node:path";
import type { Protocol, SwapSettings, Task } from "@mede2/eval";
import type { Sampling } from "@mede2/llm";
import type { ImageCondition, Question } from "@mede2/schemas";
import { type Command, InvalidArgumentError } from "commander";
import { addCommand, type Context, parse, pathOf, say, workspaceFolder } from "../command.ts";
import {
  type AnsweringOptions,
  addAnsweringOptions,
  probeServer,
  withAnsweringModel,
} from "../evaluation/answering-model.ts";
import { auditEvaluation } from "../evaluation/audit-evaluation.ts";
import { evaluationReply } from "../evaluation/evaluation-reply.ts";
import { readTask } from "../evaluation/read-task.ts";
import type { LockMismatch } from "../evaluation/training-lock.ts";
import { CliError } from "../exit.ts";
import { checkpointName, conditionNames, oneOf, stageNames, styleNames } from "../local-model.ts";

type RunOptions = AnsweringOptions & {
  readonly model: string;
  readonly task: string;
  readonly data: string;
  readonly out: string;
  readonly images: readonly (ImageCondition | "audit")[];
  readonly protocol?: string;
  readonly style?: (typeof styleNames)[number];
  readonly stage?: (typeof stageNames)[number];
  readonly samples: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly maxTokens?: number;
  readonly seed: number;
  readonly limit?: number;
  readonly shuffle?: true;
  readonly quality?: true;
  readonly allowMismatch?: true;
};

export function addEvalRun(group: Command, context: Context): void {
  addAnsweringOptions(
    addCommand(group, "run", "let a model answer questions, and grade the answers", [
      "mede2 eval run --model runs/stage2/checkpoints/final --task slake --data slake.questions.jsonl --images audit --out evaluations/stage2",
      "mede2 eval run --model base --task my-task.json --data my.questions.jsonl --protocol medevalkit --limit 200 --out evaluations/base",
    ])
      .requiredOption("--model <dir or url>", "folder of the model, or a server (https://host/v1)")
      .requiredOption(
        "--task <name>",
        "a task of mede2 eval tasks, a file with one (.json, .mjs), or any name for all questions of the file",
      )
      .requiredOption("--data <file>", "the questions, *.questions.jsonl")
      .requiredOption("--out <dir>", "folder of the evaluation; started again, it goes on there")
      .option(
        "--images <list>",
        `one or more of ${conditionNames.join(", ")}, the first is the headline; or audit: all that the task names`,
        parseConditions,
        ["real"],
      )
      .option(
        "--protocol <name>",
        "how questions are put and replies read, see mede2 eval tasks (default: the task's)",
      )
      .option(
        "--style <name>",
        `instead of a protocol, a prompt style: ${styleNames.join(", ")}`,
        oneOf(styleNames),
      )
      .option(
        "--stage <name>",
        `stage of the model, for the records: ${stageNames.join(", ")}`,
        oneOf(stageNames),
      )
      .option("--samples <k>", "answers to each question", parse.positive, 1)
      .option("--temperature <x>", "0 takes the likeliest token (default: the protocol's)", parse.atLeastZero)
      .option("--top-p <x>", "share of the probability to draw from (default: the protocol's)", parse.share)
      .option("--max-tokens <n>", "longest answer (default: the protocol's, 256 for a style)", parse.positive)
      .option("--seed <n>", "seed of draws, swaps and noise", parse.count, 0)
      .option("--limit <n>", "only the first questions", parse.positive)
      .option("--shuffle", "with --limit, so many drawn by --seed in place of the first ones")
      .option("--probe", "ask a server first whether it sees pictures and whole prompts; stop if it is blind")
      .option(
        "--allow-mismatch",
        "evaluate although chat template or pixel limits are not those of the training",
      )
      .option("--quality", "rate the reasoning too (programmatic MMRP), joined to correctness"),
  ).action((options: RunOptions) => evaluateModel(options, context));
}

function parseConditions(text: string): (ImageCondition | "audit")[] {
  const names = parse.list(text).map((name) => {
    const found = [...conditionNames, "audit" as const].find((each) => each === name);
    if (found === undefined || (name === "audit" && text.trim() !== "audit"))
      throw new InvalidArgumentError(`Expected a list of ${conditionNames.join(", ")}, or audit.`);
    return found;
  });
  if (names.length === 0) throw new InvalidArgumentError("Expected at least one condition.");
  return names;
}

async function evaluateModel(options: RunOptions, context: Context): Promise<void> {
  const { io, output } = context;
  if (options.shuffle && options.limit === undefined)
    throw new CliError("usage", "--shuffle needs --limit", "say how many questions to draw");
  const [evals, { questionSchema, readAllJsonl }, { openImageStore }, runs] = await Promise.all([
    import("@mede2/eval"),
    import("@mede2/schemas"),
    import("@mede2/images"),
    import("@mede2/runs"),
  ]);
  const all = await readAllJsonl(pathOf(context, options.data), questionSchema);
  if (all.length === 0)
    throw new CliError("no-data", `${options.data} has no question`, "check how it was made");
  const task = await readTask(options.task, context);
  const selected =
    task === undefined ? { questions: all, left: {}, warnings: [] } : evals.selectQuestions(task, all);
  for (const warning of selected.warnings) output.note(`note: ${warning}`);
  const { limit = selected.questions.length } = options;
  const questions = options.shuffle
    ? evals.drawQuestions(selected.questions, limit, options.seed)
    : selected.questions.slice(0, limit);
  const protocol = await protocolOf(options, task);
  const name = task?.name ?? options.task;
  const conditions = options.images.includes("audit")
    ? (task?.images ?? evals.auditConditions)
    : (options.images as readonly ImageCondition[]);
  const { samples, seed, stage } = options;
  context.resumeHint = "the answers so far are kept; run the same command again to go on";
  const lock = await checkLock(options, protocol, context);
  const progress = output.progress(`eval ${name}`);
  const out = pathOf(context, options.out);
  const swap = await swapOf(task, questions);
  if (options.probe && /^https?:\/\//.test(options.model))
    await probeServer(options.model, options, context, {
      file: join(out, "endpoint.json"),
      images:
        questions.some(({ images }) => images.length > 0) &&
        conditions.some((images) => !blind.includes(images)),
    });
  const result = await withAnsweringModel(options.model, options, context, async (model) => {
    const done = await evals.evaluate({
      ...{ questions, model, conditions, protocol, samples, task: name, seed, out },
      sampling: samplingOf(options, protocol),
      store: openImageStore(join(workspaceFolder(context, options), runs.defaultImageStore)),
      checkpoint: checkpointName(options.model, options),
      ...(stage === undefined ? {} : { stage }),
      ...(swap === undefined ? {} : { swap }),
      ...(task === undefined ? {} : { cluster: task.cluster, by: task.by }),
      signal: io.stop,
      onProgress: ({ done: answered, total }) => progress.update(answered, total, "answers"),
    });
    const { tokens, seconds } = model.written;
    return { ...done, rate: seconds > 0 ? tokens / seconds : undefined };
  });
  progress.end();
  const { audit, quality, calibration } = await auditEvaluation({
    ...{ out, questions, conditions, records: result.records, traces: result.traces, seed, samples },
    ...{ quality: options.quality ?? false, by: task?.by ?? [], cluster: task?.cluster ?? "auto" },
  });
  say(
    context,
    options,
    await evaluationReply({
      summaries: result.summaries,
      headline: conditions[0]!,
      records: result.records,
      rate: result.rate,
      metric: task?.metric ?? "accuracy",
      more: {
        ...{ task: name, protocol: protocol.name, warnings: selected.warnings, left: selected.left },
        baselines: evals.baselinesOf(questions),
        ...(lock === undefined ? {} : { lock }),
        ...(audit === undefined ? {} : { audit }),
        ...(quality === undefined ? {} : { quality }),
        ...(calibration === undefined ? {} : { calibration }),
      },
    }),
  );
}

/**
 * Compares how the checkpoint was trained with how it will be asked. Names every difference; another template or other pixel limits end the evaluation, unless that is allowed.
 * Undefined for servers, and for models that carry no lock.
 */
async function checkLock(
  options: RunOptions,
  protocol: Protocol,
  context: Context,
): Promise<{ planHash: string; mismatches: LockMismatch[] } | undefined> {
  if (/^https?:\/\//.test(options.model)) return undefined;
  const model = pathOf(context, options.model);
  const adapter = options.adapter === undefined ? undefined : pathOf(context, options.adapter);
  const { lockMismatches, lockOf, mismatchSentence } = await import("../evaluation/training-lock.ts");
  const lock = await lockOf(model, adapter);
  if (lock === undefined) return undefined;
  const { template, images } = await (await import("@mede2/nn")).loadProcessor(model);
  const mismatches = lockMismatches(lock, {
    templateHash: template.hash,
    pixels: { min: images.minPixels, max: images.maxPixels },
    sampling: samplingOf(options, protocol),
    style: "style" in protocol.prompt ? protocol.prompt.style.name : protocol.name,
  });
  for (const each of mismatches)
    context.output.note({ text: "warning: ", style: "yellow" }, mismatchSentence(each));
  const worst = mismatches.filter(({ level }) => level === "error");
  if (worst.length > 0 && options.allowMismatch !== true)
    throw new CliError(
      "lock-mismatch",
      `${options.adapter ?? options.model}: ${worst.map(mismatchSentence).join("; ")}`,
      "use the model folder that it was trained with, or add --allow-mismatch to measure the difference",
    );
  return { planHash: lock.planHash, mismatches };
}

async function protocolOf({ protocol, style }: RunOptions, task: Task | undefined): Promise<Protocol> {
  const [{ protocolNames, protocols, styleProtocol }, { promptStyles }] = await Promise.all([
    import("@mede2/eval"),
    import("@mede2/llm"),
  ]);
  if (protocol !== undefined && style !== undefined)
    throw new CliError("usage", "--protocol and --style exclude each other", "give one of them");
  if (style !== undefined) return styleProtocol(promptStyles[style]);
  const name = protocol ?? task?.protocol ?? "reason";
  const found = protocolNames.find((each) => each === name);
  if (found === undefined)
    throw new CliError(
      "usage",
      `there is no protocol ${JSON.stringify(name)}`,
      `choose one of ${protocolNames.join(", ")}`,
    );
  const chosen: Protocol = protocols[found];
  return task?.reading === undefined || protocol !== undefined
    ? chosen
    : { ...chosen, reading: task.reading };
}

const blind: readonly ImageCondition[] = ["none", "options-only"];

/** What the command line says over what the protocol says. */
function samplingOf({ temperature, topP, maxTokens }: RunOptions, { sampling }: Protocol): Sampling {
  return {
    ...sampling,
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
  };
}

async function swapOf(
  task: Task | undefined,
  questions: readonly Question[],
): Promise<SwapSettings | undefined> {
  if (task !== undefined) return (await import("@mede2/eval")).taskSwap(task);
  // where the finding is known, a swap always changes it
  return questions.every(({ facts }) => typeof facts?.finding === "string")
    ? { key: (question) => String(question.facts?.finding) }
    : undefined;
}
