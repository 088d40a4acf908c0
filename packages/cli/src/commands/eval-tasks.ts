import type { Command } from "commander";
import { addCommand, type CommonOptions, type Context, pathOf, say } from "../command.ts";
import { baselineLine } from "../evaluation/evaluation-reply.ts";
import { readTask } from "../evaluation/read-task.ts";
import { CliError } from "../exit.ts";
import { printTable } from "../table.ts";

type TasksOptions = CommonOptions & { readonly data?: string };

export function addEvalTasks(group: Command, context: Context): void {
  addCommand(group, "tasks", "list the tasks and protocols, or show one", [
    "mede2 eval tasks",
    "mede2 eval tasks medxpertqa-mm --json",
    "mede2 eval tasks medqa --data medqa.questions.jsonl",
  ])
    .argument("[name]", "a task, a file with one, or a protocol")
    .option(
      "--data <file>",
      "with a task: which of these questions it takes, and what knows nothing scores on them",
    )
    .action((name: string | undefined, options: TasksOptions) =>
      options.data === undefined ? show(name, options, context) : check(name, options.data, options, context),
    );
}

async function check(
  name: string | undefined,
  data: string,
  options: TasksOptions,
  context: Context,
): Promise<void> {
  const [
    { baselinesOf, selectQuestions },
    { questionSchema, readAllJsonl },
    { minimumDetectableDifference },
  ] = await Promise.all([import("@mede2/eval"), import("@mede2/schemas"), import("@mede2/stats")]);
  const task = name === undefined ? undefined : await readTask(name, context);
  if (task === undefined)
    throw new CliError("usage", "--data needs a task", "name one of mede2 eval tasks, or a file with one");
  const { questions, left, warnings } = selectQuestions(
    task,
    await readAllJsonl(pathOf(context, data), questionSchema),
  );
  const baselines = baselinesOf(questions);
  const detectable = [0.15, 0.25, 0.35].map((discordance) => ({
    discordance,
    difference: minimumDetectableDifference(questions.length, { discordance }),
  }));
  say(context, options, {
    json: { task: task.name, questions: questions.length, left, warnings, baselines, detectable },
    print: (output) => {
      const without = Object.entries(left).map(([reason, n]) => `${n} ${reason}`);
      output.line(
        `${task.name}  ${questions.length} questions${without.length > 0 ? `; left out: ${without.join(", ")}` : ""}`,
      );
      for (const warning of warnings) output.line(`note: ${warning}`);
      if (baselines !== null) output.line(baselineLine(baselines));
      const points = detectable.map(({ difference }) =>
        difference === null ? "–" : (difference * 100).toFixed(1),
      );
      output.line(
        `two models on them: differences of ${points.join(", ")} points show with 80 % power where they disagree on 15, 25, 35 % of the questions; larger ones where questions share a picture or patient`,
      );
    },
  });
}

async function show(name: string | undefined, options: CommonOptions, context: Context): Promise<void> {
  const { importCommand, protocols, tasks } = await import("@mede2/eval");
  if (name !== undefined) {
    const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
    const protocol = Object.hasOwn(protocols, name) ? protocols[name as keyof typeof protocols] : undefined;
    if (task === undefined && protocol === undefined)
      throw new CliError(
        "usage",
        `there is no task or protocol ${JSON.stringify(name)}`,
        "mede2 eval tasks lists them",
      );
    const json = { ...(task === undefined ? {} : { task }), ...(protocol === undefined ? {} : { protocol }) };
    return say(context, options, {
      json,
      print: (output) => {
        for (const line of JSON.stringify(json, null, 2).split("\n")) output.line(line);
      },
    });
  }
  const [all, ways] = [Object.values(tasks), Object.values(protocols)];
  say(context, options, {
    json: { tasks: all, protocols: ways },
    print: (output) => {
      printTable(
        output,
        [
          { title: "task" },
          { title: "questions", right: true },
          { title: "protocol" },
          { title: "with" },
          { title: "made by" },
        ],
        all.map((task) => [
          task.name,
          String(task.expected ?? "–"),
          task.protocol,
          task.multimodal ? "images" : "text",
          importCommand(task),
        ]),
      );
      output.line();
      printTable(
        output,
        [{ title: "protocol" }, { title: "read by" }, { title: "what it is" }],
        ways.map(({ name: way, reading, about }) => [way, reading, about]),
      );
    },
  });
}
