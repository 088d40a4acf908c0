import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { isTrainingPlan, type Plan, type RunManifest, type TrainingPlan } from "@mede2/schemas";
import type { PlanShapes } from "@mede2/trainer";
import { faultOf } from "./exit.ts";
import { promptStyleList, promptStyleName, promptStyleNamed } from "./prompt-style.ts";

/** Something that a plan's reader should know; an error keeps it from being run. */
export type Finding = { readonly level: "error" | "warning" | "info"; readonly message: string };

export type CheckedPlan = {
  readonly valid: boolean;
  readonly findings: readonly Finding[];
  /** The files as they are now, for the manifest. */
  readonly data: RunManifest["data"];
  /** What its steps look like, of a valid plan for the embedded engine. */
  readonly shapes?: PlanShapes;
};

/**
 * Looks at everything that a plan names: its files and their hashes, its model, and what the embedded engine can honour. With `records`, and when nothing is wrong so far,
 * every record is read and put into the shapes of its step, as the training would.
 */
export async function checkPlan(
  plan: Plan,
  workspace: string,
  { records = false }: { readonly records?: boolean } = {},
): Promise<CheckedPlan> {
  const findings: Finding[] = [];
  const error = (message: string) => void findings.push({ level: "error", message });
  const data: RunManifest["data"] = [];
  for (const { path, sha256 } of plan.data) {
    const found = await fileFacts(resolve(workspace, path)).catch((reason: unknown) => {
      error(
        `data file ${path}: ${faultOf(reason).message}; paths are relative to the workspace ${workspace}`,
      );
      return undefined;
    });
    if (found === undefined) continue;
    data.push({ path, ...found });
    if (found.sha256 !== sha256)
      error(
        `data file ${path} has the sha256 ${found.sha256.slice(0, 12)}…, the plan says ${sha256.slice(0, 12)}…: it has changed since the plan was made; make the plan again`,
      );
    else if (found.count === 0)
      findings.push({ level: "warning", message: `data file ${path} has no record` });
  }
  for (const key of ["adapter", "reference"] as const) {
    const folder = plan[key];
    if (folder !== undefined && !existsSync(resolve(workspace, folder)))
      error(`${key} ${folder}: there is no such folder in the workspace ${workspace}`);
  }
  let shapes: PlanShapes | undefined;
  if (isTrainingPlan(plan)) {
    await checkTraining(plan, workspace, findings);
    const { trainSplits } = await import("@mede2/trainer");
    if (
      data.length === plan.data.length && // else a file is missing, which is told above
      !plan.data.some(({ split }, at) => trainSplits.has(split) && data[at]!.count > 0)
    )
      error(`nothing to learn from: no data file of the splits ${[...trainSplits].join(", ")} has a record`);
    if (records && plan.engine === "embedded" && !findings.some(isError))
      shapes = await shapesOf(plan, workspace).catch((reason: unknown) => {
        const { message, next } = faultOf(reason);
        error(next === undefined ? message : `${message}; ${next}`);
        return undefined;
      });
  }
  return {
    ...{ valid: !findings.some(isError), findings, data },
    ...(shapes === undefined ? {} : { shapes }),
  };
}

const isError = ({ level }: Finding): boolean => level === "error";

async function shapesOf(plan: TrainingPlan, workspace: string): Promise<PlanShapes> {
  const [{ planShapes }, { defaultImageStore }] = await Promise.all([
    import("@mede2/trainer"),
    import("@mede2/runs"),
  ]);
  return planShapes(plan, workspace, join(workspace, defaultImageStore));
}

async function checkTraining(plan: TrainingPlan, workspace: string, findings: Finding[]): Promise<void> {
  const error = (message: string) => void findings.push({ level: "error", message });
  if (plan.engine === "embedded") {
    if (plan.device !== "cpu") {
      const { probeDevice } = await import("@mede2/trainer");
      const { usable, reason } = await probeDevice(plan.device);
      if (!usable) error(`device ${plan.device}: ${reason}`);
    }
    if (plan.launcher !== undefined && plan.launcher.name !== "local")
      error(`launcher ${plan.launcher.name}: the embedded engine runs here; leave the launcher out`);
  } else await checkOutside(plan, workspace, findings);
  for (const each of plan.data) {
    const style = promptStyleName(each, plan);
    if (promptStyleNamed(style) === undefined)
      error(
        `data file ${each.path}: unknown prompt style ${JSON.stringify(style)}; there are ${promptStyleList()}`,
      );
  }
  const { loadProcessor } = await import("@mede2/nn");
  try {
    const { template, images } = await loadProcessor(resolve(workspace, plan.model));
    if (template.hash !== plan.templateHash)
      error(
        `the plan was made for the chat template ${plan.templateHash.slice(0, 12)}…, the model's is ${template.hash.slice(0, 12)}…: make the plan again for this model`,
      );
    if (
      plan.engine === "embedded" &&
      (images.minPixels !== plan.pixels.min || images.maxPixels !== plan.pixels.max)
    )
      error(
        `the plan says ${plan.pixels.min}–${plan.pixels.max} pixels, the model's image processor ${images.minPixels}–${images.maxPixels}: make the two equal`,
      );
  } catch (reason) {
    error(`model ${plan.model}: ${faultOf(reason).message}`);
  }
  if (plan.batch.checkpointEvery === undefined)
    findings.push({
      level: "warning",
      message: "batch.checkpointEvery is not set: a run that is killed begins again from its start",
    });
}

/** What an outside engine and its launcher cannot honour. The rest is for the preflight, which reads every row. */
async function checkOutside(plan: TrainingPlan, workspace: string, findings: Finding[]): Promise<void> {
  const { checkLaunch, engineLimits, openModelSide } = await import("@mede2/engines");
  if (plan.engine === "embedded") return;
  try {
    const { config } = await openModelSide(resolve(workspace, plan.model));
    findings.push(...engineLimits(plan, plan.engine, config), ...(await checkLaunch(plan)));
  } catch (reason) {
    findings.push({ level: "error", message: `model ${plan.model}: ${faultOf(reason).message}` });
  }
}

/** sha256 and number of records of a JSONL file, read once. */
async function fileFacts(path: string): Promise<{ sha256: string; count: number }> {
  const hash = createHash("sha256");
  let count = 0;
  let filled = false;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    for (const byte of chunk) {
      if (byte === 10) {
        if (filled) count += 1;
        filled = false;
      } else if (byte !== 32 && byte !== 13 && byte !== 9) filled = true;
    }
  }
  return { sha256: hash.digest("hex"), count: count + (filled ? 1 : 0) };
}
