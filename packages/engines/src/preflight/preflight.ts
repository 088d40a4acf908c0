import { resolve } from "node:path";
import type { EngineName, TrainingPlan } from "@mede2/schemas";
import { openModelSide } from "../data/row-encoding.ts";
import type { EngineContext } from "../engine.ts";
import { runEstimate } from "../estimate/run-estimate.ts";
import type { Preflight } from "../finding.ts";
import { checkData } from "./check-data.ts";
import { checkFit } from "./check-fit.ts";
import { checkModel } from "./check-model.ts";
import { engineLimits } from "./engine-limits.ts";

/**
 * Everything that can be known before a run is paid for: what the engine cannot honour, the model and its adapter, every row with its pictures, and whether it fits the
 * machines. Reads no weights but their headers, and starts nothing. Findings of rows of the same cause are told once, with their number.
 */
export async function preflight(
  plan: TrainingPlan,
  engine: EngineName,
  context: EngineContext,
): Promise<Preflight> {
  let side: Awaited<ReturnType<typeof openModelSide>>;
  try {
    side = await openModelSide(resolve(context.workspace, plan.model));
  } catch (reason) {
    return {
      findings: [
        {
          level: "error",
          code: "model",
          message: `model ${plan.model}: ${(reason as Error).message}`,
          next: "name a model folder with config.json, tokenizer.json, chat template and image processor",
        },
      ],
    };
  }
  const { findings: ofData, facts } = await checkData(plan, engine, side, context);
  const findings = [
    ...(engine === "embedded" ? [] : engineLimits(plan, engine, side.config)),
    ...(await checkModel(plan, side, context)),
    ...ofData,
    ...(await checkFit(plan, side, facts, context)),
  ];
  const sound = engine !== "embedded" && !findings.some(({ level }) => level === "error");
  return { findings, ...(sound ? { estimate: runEstimate(plan, side, facts) } : {}) };
}
