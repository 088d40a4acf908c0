import { type JsonValue, planHash } from "@mede2/schemas";
import { plannedObjective } from "@mede2/trainer";
import type { EncodedRow } from "../data/row-encoding.ts";
import type { Emission } from "../emit/emission.ts";

/** What must hold of a run on any engine, from the plan and our own reading of its data. Kept in `emitted.json`; every check that needs one that is absent is left out. */
export type Expectations = {
  /** Optimiser steps. */
  readonly steps?: number;
  /** Rows of the data file: fewer in the engine means that it dropped some. */
  readonly rows?: number;
  /** Samples of a step, over all processes. */
  readonly perStep?: number;
  readonly worldSize?: number;
  /** The preference part of the loss while policy and reference are equal. */
  readonly lossAtStart?: number;
  /** Weight of the negative log-likelihood in the loss: that part is taken away before the comparison. */
  readonly nllWeight?: number;
  /** Largest difference at the first step: rounding of the number format. */
  readonly tolerance?: number;
  /** Tokens of the file's first row by our own tokenizer, template and image processor, and where its answer begins. */
  readonly firstRow?: FirstRow;
};

export type FirstRow = {
  readonly imageToken?: number;
  readonly chosen: RowTokens;
  readonly rejected?: RowTokens;
};

export type RowTokens = { readonly ids: readonly number[]; readonly supervised: number };

export function expectationsOf(
  { plan, settings, side, processes, steps }: Emission,
  first: EncodedRow,
  rows: number,
): Record<string, JsonValue> {
  const objective = plan.kind === "preference" ? plannedObjective(plan.loss) : undefined;
  const tokens = (row: EncodedRow["chosen"]) => ({
    ids: [...row.tokens],
    supervised: row.supervised.reduce((sum, each) => sum + each, 0),
  });
  const { placeholder } = side.processor.images;
  return {
    ...{ steps, rows, perStep: plan.batch.size * plan.batch.accumulation },
    worldSize: processes.nodes * processes.perNode,
    tolerance: settings.precision === "float32" && settings.quantisation === undefined ? 1e-3 : 5e-2,
    ...(objective?.atStart === undefined
      ? {}
      : { lossAtStart: objective.atStart, nllWeight: objective.nllWeight }),
    firstRow: {
      ...(placeholder === undefined ? {} : { imageToken: placeholder }),
      chosen: tokens(first.chosen),
      ...(first.rejected === undefined ? {} : { rejected: tokens(first.rejected) }),
    },
    templateHash: plan.templateHash,
    planHash: planHash(plan),
  };
}
