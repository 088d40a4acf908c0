import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Protocol, Summary } from "@mede2/eval";
import type { ImageCondition, Question } from "@mede2/schemas";
import { CliError } from "../exit.ts";

interface FolderInput {
  folder: string;
  /** As the user named it. */
  named: string;
  data: string;
  reading: Protocol["reading"];
  protocol: string;
  out?: string;
}

/** Grades the answers of an evaluation's folder anew, by another reading if wanted; nothing is asked. */
export async function gradeFolder({ folder, named, data, reading, protocol, out }: FolderInput): Promise<{
  summaries: Summary[];
  file: string | undefined;
}> {
  const [{ evaluationFiles, gradeTrace, summaryBuilder }, schemas] = await Promise.all([
    import("@mede2/eval"),
    import("@mede2/schemas"),
  ]);
  const { evaluationRecordSchema, questionSchema, readAllJsonl, readJsonl, traceSchema, writeJsonlAtomic } =
    schemas;
  const settings = await readFile(join(folder, "evaluation.json"), "utf8").then(
    (text) =>
      JSON.parse(text) as {
        task: string;
        model: string;
        checkpoint?: string | null;
        style?: { name: string };
        protocol?: { name: string };
      },
    () => {
      throw new CliError(
        "no-evaluation",
        `${named} has no evaluation.json`,
        "name a folder that mede2 eval run wrote",
      );
    },
  );
  const asked = settings.protocol?.name ?? settings.style?.name ?? "as-given";
  const questions = new Map<string, Question>(
    (await readAllJsonl(data, questionSchema)).map((question) => [question.id, question]),
  );
  const how = {
    ...{
      task: settings.task,
      reading,
      protocol: protocol === "as-given" ? asked : `${asked}, read as ${protocol}`,
    },
    model: {
      name: settings.model,
      ...(typeof settings.checkpoint === "string" ? { checkpoint: settings.checkpoint } : {}),
    },
  };
  const files = evaluationFiles(out ?? folder, settings.task);
  const traces = evaluationFiles(folder, settings.task).traces;
  // of several answers to a question the later one counts
  const last = new Map<string, string>();
  const keyOf = (trace: { questionId: string; images: ImageCondition; sample: { index: number } | null }) =>
    `${trace.questionId}\n${trace.images}\n${trace.sample?.index ?? 0}`;
  for await (const trace of readJsonl(traces, traceSchema)) last.set(keyOf(trace), trace.id);
  const builder = summaryBuilder();
  let unknown = 0;
  async function* records() {
    for await (const trace of readJsonl(traces, traceSchema)) {
      if (last.get(keyOf(trace)) !== trace.id) continue;
      const question = questions.get(trace.questionId);
      if (question === undefined) {
        unknown += 1;
        continue;
      }
      const record = gradeTrace(question, trace, how);
      builder.add(record);
      yield record;
    }
  }
  if (out === undefined) for await (const _ of records());
  else {
    await mkdir(out, { recursive: true });
    await writeJsonlAtomic(files.records, records(), { schema: evaluationRecordSchema });
  }
  const summaries = builder.summaries();
  if (unknown > 0 || summaries.length === 0)
    throw new CliError(
      "no-data",
      `${unknown} answers of ${named} are to questions that ${data} does not have`,
      "give the file of questions that was asked",
    );
  return { summaries, file: out === undefined ? undefined : files.records };
}
