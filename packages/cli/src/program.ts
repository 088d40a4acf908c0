import { Command } from "commander";
import type { Context } from "./command.ts";
import { addAsk } from "./commands/ask.ts";
import { addBench } from "./commands/bench.ts";
import { addCompare } from "./commands/compare.ts";
import { addControl } from "./commands/control.ts";
import { addData } from "./commands/data-import.ts";
import { addDemo } from "./commands/demo.ts";
import { addDemos } from "./commands/demos.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEval } from "./commands/eval.ts";
import { addExport } from "./commands/export.ts";
import { addFilms } from "./commands/films.ts";
import { addGc } from "./commands/gc.ts";
import { addPairs } from "./commands/pairs.ts";
import { addPlan } from "./commands/plan.ts";
import { addPretrainTiny } from "./commands/pretrain-tiny.ts";
import { addReport } from "./commands/report.ts";
import { addRuns } from "./commands/runs.ts";
import { addSample } from "./commands/sample.ts";
import { addTrain } from "./commands/train.ts";
import { addWatch } from "./commands/watch.ts";
import { printable } from "./printable.ts";
import { refuseUnwritable } from "./refuse-unwritable.ts";
import { cliVersion } from "./version.ts";

const about = `Turns a general vision-language model into one that reasons about medical cases: Stage I elicits
reasoning with text-only demonstrations, Stage II enhances it with preferences over multimodal ones,
and an evaluation says what each stage was worth. For research only; not a medical device.`;

const exits = `
Exit codes: 0 done, 1 failed, 2 bad usage or bad input, 130 stopped.
Environment: MEDE2_WORKSPACE folder of runs and images; MEDE2_DEBUG=1 stack of an error; NO_COLOR=1 no colours.`;

/** In the order in which they are used. */
const commands = [
  addDemo,
  addFilms,
  addPlan,
  addData,
  addTrain,
  addDemos,
  addSample,
  addPairs,
  addEval,
  addCompare,
  addReport,
  addAsk,
  addRuns,
  addWatch,
  addControl,
  addExport,
  addGc,
  addPretrainTiny,
  addBench,
  addDoctor,
];

/** All commands, in the order in which they are used. Nothing heavy is loaded before a command runs. */
export function buildProgram(context: Context): Command {
  const { io } = context;
  const program = new Command("mede2")
    .description(about)
    .version(cliVersion())
    .exitOverride()
    .enablePositionalOptions() // a command that has commands, such as runs, must not take their options
    .configureOutput({
      writeOut: (text) => void io.stdout.write(printable(text)),
      writeErr: (text) => void io.stderr.write(printable(text)),
      outputError: () => {}, // `run` tells it
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText("after", exits);
  program.hook("preAction", (_, command) => {
    const { out = command.name() === "export" ? command.args[1] : undefined } = command.opts<{
      out?: string;
    }>();
    return out === undefined ? undefined : refuseUnwritable(out, context);
  });
  for (const add of commands) add(program, context);
  return program;
}
