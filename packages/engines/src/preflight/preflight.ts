import { resolve } from "node:path";
import type { EngineName, TrainingPlan } from "@mede2/schemas";
import { openModelSide } from "../data/row-encoding.ts";
import type { EngineContext } from "../engine.ts";
import type { Finding } from "../finding.ts";
import { checkData } from "./check-data.ts";
import { checkFit } from "./check-fit.ts";
import { checkModel } from "./check-model.ts";
import { engineLimits } from "./engine-limits.ts";

/**
 * Everything that can be known before a run is paid for: what the engine cannot honour, the model and its adapter, every row with its pictures, and whether it fits the
 * machines. Reads no weights but their headers, and starts nothing. Findings of the same cause are told once, with their number.
 */
export async function preflight(
  plan: TrainingPlan,
  engine: EngineName,
  context: EngineContext,
): Promise<readonly Finding[]> {
  let side: Awaited<ReturnType<typeof openModelSide>>;
  try {
    side = await openModelSide(resolve(context.workspace, plan.model));
  } catch (reason) {
    return [
      {
        level: "error",
        code: "model",
        message: `model ${plan.model}: ${(reason as Error).message}`,
        next: "name a model folder with config.json, tokenizer.json, chat template and image processor",
      },
    ];
  }
  const findings = [
    ...(engine === "embedded" ? [] : engineLimits(plan, engine, side.config)),
    ...(await checkModel(plan, side, context)),
  ];
  const { findings: ofData, facts } = await checkData(plan, engine, side, context);
  findings.push(...ofData);
  findings.push(...(await checkFit(plan, side, facts, context)));
  return findings;
}
