import { readFile } from "node:fs/promises";
import { canonicalJson, writeFileAtomic } from "@mede2/schemas";
import { EvaluationError } from "../evaluation-error.ts";

/** The first evaluation writes its settings into the folder; a later one must have the same. */
export async function claimFolder(path: string, settings: Record<string, unknown>): Promise<void> {
  const text = await readFile(path, "utf8").catch((error: { code?: string }) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return writeFileAtomic(path, `${JSON.stringify(settings, null, 2)}\n`);
  const before = JSON.parse(text) as Record<string, unknown>;
  const other = Object.keys(settings).find(
    (key) => canonicalJson(before[key] ?? null) !== canonicalJson(settings[key] ?? null),
  );
  if (other !== undefined)
    throw new EvaluationError(
      "other-evaluation",
      `${path} belongs to an evaluation whose ${other} is ${JSON.stringify(before[other])}, not ${JSON.stringify(settings[other])}: choose another folder`,
    );
}
