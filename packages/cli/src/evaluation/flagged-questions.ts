import { type Context, pathOf } from "../command.ts";
import { CliError } from "../exit.ts";

/**
 * The questions that `mede2 data audit QUESTIONS --against TRAINING --out PATH` found in training data, from its PATH.hits.jsonl: those of a kind that is contamination (the same words, nearly the same, a passage,
 * a picture). What is only told beside them does not count.
 */
export async function flaggedQuestions(named: string, context: Context): Promise<Set<string>> {
  const [{ contaminating }, { readLines }] = await Promise.all([
    import("@mede2/data"),
    import("@mede2/schemas"),
  ]);
  const flagged = new Set<string>();
  for await (const { text, line } of readLines(pathOf(context, named))) {
    if (text.trim() === "") continue;
    const hit = parsed(text);
    if (hit === undefined)
      throw new CliError(
        "bad-input",
        `${named} line ${line} is no hit of an audit`,
        "give PATH.hits.jsonl of mede2 data audit QUESTIONS --against TRAINING --out PATH",
      );
    if (contaminating.some((kind) => hit.kinds.includes(kind))) flagged.add(hit.questionId);
  }
  return flagged;
}

function parsed(text: string): { questionId: string; kinds: unknown[] } | undefined {
  try {
    const value = JSON.parse(text) as { questionId?: unknown; kinds?: unknown } | null;
    return typeof value?.questionId === "string" && Array.isArray(value.kinds)
      ? { questionId: value.questionId, kinds: value.kinds }
      : undefined;
  } catch {
    return undefined;
  }
}
