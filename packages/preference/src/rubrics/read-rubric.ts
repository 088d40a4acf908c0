import { readFile } from "node:fs/promises";
import { problemSentence, problemsOf } from "@mede2/schemas";
import { parse } from "yaml";
import { compileRubric } from "../compile-rubric.ts";
import { PreferenceError } from "../preference-error.ts";
import { type Rubric, rubricSchema } from "../rubric.ts";
import { defaultRubric } from "./default-rubric.ts";
import { textRubric } from "./text-rubric.ts";

/** The rubrics that come with the package, by `name@version` as ratings name them. */
export const builtInRubrics: Readonly<Record<string, Rubric>> = {
  [rubricId(defaultRubric)]: defaultRubric,
  [rubricId(textRubric)]: textRubric,
};

/** How a rating names its rubric. */
export function rubricId({ name, version }: Pick<Rubric, "name" | "version">): string {
  return `${name}@${version}`;
}

/** A rubric of a YAML or JSON text (JSON is YAML 1.2). Throws a PreferenceError "invalid-rubric" or "unknown-check" that names `file`. */
export function parseRubric(text: string, file = "rubric"): Rubric {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 100, uniqueKeys: true });
  } catch (cause) {
    throw new PreferenceError(
      "invalid-rubric",
      `${file}: ${(cause as Error).message.split("\n")[0]}: correct the file`,
    );
  }
  const { data, error } = rubricSchema.safeParse(value);
  if (error !== undefined)
    throw new PreferenceError("invalid-rubric", `${file}: ${problemSentence(problemsOf(error, value))}`);
  compileRubric(data);
  return data;
}

/** Reads a rubric file, YAML or JSON. */
export async function readRubric(path: string): Promise<Rubric> {
  return parseRubric(await readFile(path, "utf8"), path);
}
