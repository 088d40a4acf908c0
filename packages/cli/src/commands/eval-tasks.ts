import type { Command } from "commander";
import { addCommand, type CommonOptions, type Context, say } from "../command.ts";
import { CliError } from "../exit.ts";
import { printTable } from "../table.ts";

export function addEvalTasks(group: Command, context: Context): void {
  addCommand(group, "tasks", "list the tasks and protocols, or show one", [
    "mede2 eval tasks",
    "mede2 eval tasks medxpertqa-mm --json",
  ])
    .argument("[name]", "a task or a protocol")
    .action((name: string | undefined, options: CommonOptions) => show(name, options, context));
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
