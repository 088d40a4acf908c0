import { isAbsolute, join } from "node:path";
import type { PromptStyle } from "@mede2/llm";
import {
  type Demonstration,
  demonstrationSchema,
  type PreferencePair,
  parseJson,
  parseRecord,
  preferencePairSchema,
  readLines,
  type TrainingPlan,
} from "@mede2/schemas";
import { type Place, styleOf, trainSplits } from "@mede2/trainer";
import { EngineError } from "../engine-error.ts";

/** A record of a plan's data as an engine will see it. */
export type PlanRow = {
  readonly record: Demonstration | PreferencePair;
  readonly style: PromptStyle;
  /** Of the plan's `data` entry. */
  readonly split: string;
  /** Whether it is learnt from; else it is evaluated on. */
  readonly learns: boolean;
  readonly place: Place;
};

/** The records of a plan, one after the other, in the order of its files. Throws with file and line where a line is no such record. */
export async function* planRows(plan: TrainingPlan, workspace: string): AsyncGenerator<PlanRow> {
  for (const data of plan.data) {
    const file = isAbsolute(data.path) ? data.path : join(workspace, data.path);
    const style = styleOf(data, plan);
    const learns = trainSplits.has(data.split);
    for await (const { text, line } of readLines(file)) {
      if (text.trim() === "") continue;
      const place = { file, line };
      const value = parseJson(text, place);
      const name = (value as { record?: unknown } | null)?.record;
      const wanted = plan.kind === "preference" ? "preference-pair" : "demonstration";
      if (name !== wanted)
        throw new EngineError(
          "wrong-record",
          `${file}:${line}: a plan of kind ${plan.kind} on this engine takes records "${wanted}", this is ${JSON.stringify(name ?? null)}`,
          name === "passage" ? "pretrain with the embedded engine" : "name the right file in the plan's data",
        );
      const record =
        plan.kind === "preference"
          ? parseRecord(preferencePairSchema, value, place)
          : parseRecord(demonstrationSchema, value, place);
      yield { record, style, split: data.split, learns, place };
    }
  }
}

export function isPair(record: PlanRow["record"]): record is PreferencePair {
  return record.record === "preference-pair";
}
