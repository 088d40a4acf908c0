import { resolve } from "node:path";
import { type PlanData, type RunManifest, readLines } from "@mede2/schemas";

/** The data of a plan as its run's manifest tells it: each file with the number of its records. */
export async function manifestData(
  workspace: string,
  data: readonly PlanData[],
): Promise<RunManifest["data"]> {
  const told: RunManifest["data"] = [];
  for (const { path, sha256 } of data) {
    let count = 0;
    for await (const { text } of readLines(resolve(workspace, path))) if (text.trim() !== "") count += 1;
    told.push({ path, sha256, count });
  }
  return told;
}

/** A folder that holds a run of another plan, from other settings or another version, is never continued. */
export function otherPlan(dir: string): Error & { readonly code: string; readonly next: string } {
  return Object.assign(new Error(`${dir} holds a run of another plan`), {
    code: "plan-changed",
    next: "choose another folder, or remove it",
  });
}
