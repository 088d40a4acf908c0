import type { Rubric } from "@mede2/preference";
import { type Context, pathOf } from "../command.ts";
import { CliError } from "../exit.ts";

/** The rubric of a file (YAML or JSON), or a built-in one by its id such as mmrp@1; undefined when none is named. */
export async function rubricNamed(named: string | undefined, context: Context): Promise<Rubric | undefined> {
  if (named === undefined) return undefined;
  const { builtInRubrics, PreferenceError, readRubric } = await import("@mede2/preference");
  if (Object.hasOwn(builtInRubrics, named)) return builtInRubrics[named];
  try {
    return await readRubric(pathOf(context, named));
  } catch (error) {
    if (error instanceof PreferenceError) throw new CliError(error.code, error.message, "correct the rubric");
    if ((error as { code?: string }).code === "ENOENT")
      throw new CliError(
        "usage",
        `${named} is neither a file nor one of ${Object.keys(builtInRubrics).join(", ")}`,
        "check the path",
      );
    throw error;
  }
}
