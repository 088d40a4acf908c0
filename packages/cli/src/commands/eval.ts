import type { Command } from "commander";
import { addGroup, type Context } from "../command.ts";
import { addEvalCalibrate } from "./eval-calibrate.ts";
import { addEvalGrade } from "./eval-grade.ts";
import { addEvalImport } from "./eval-import.ts";
import { addEvalJudge } from "./eval-judge.ts";
import { addEvalProbe } from "./eval-probe.ts";
import { addEvalReorder } from "./eval-reorder.ts";
import { addEvalRun } from "./eval-run.ts";
import { addEvalScale } from "./eval-scale.ts";
import { addEvalTasks } from "./eval-tasks.ts";

export function addEval(program: Command, context: Context): void {
  const group = addGroup(program, "eval", "answer and grade questions");
  for (const add of [
    addEvalRun,
    addEvalGrade,
    addEvalJudge,
    addEvalTasks,
    addEvalScale,
    addEvalCalibrate,
    addEvalReorder,
    addEvalImport,
    addEvalProbe,
  ])
    add(group, context);
}
