import { makeTrace } from "@mede2/answers";
import { type GradedRecord, type GradeSettings, gradeTrace } from "@mede2/eval";
import { optionIndex, optionLabel, type Question, readLines, sha256Hex } from "@mede2/schemas";
import { CliError } from "./exit.ts";

type ForeignAnswer = {
  readonly id: string;
  readonly question: string;
  readonly options: readonly string[];
  readonly label: string;
  readonly response: string;
};

/** Grades lines of `{id, question, options, answer, response}`. Throws a CliError with file and line. */
export async function gradeForeign(
  path: string,
  task: string,
  name: string,
  { reading, protocol }: { reading: NonNullable<GradeSettings["reading"]>; protocol: string } = {
    reading: "strict",
    protocol: "as-given",
  },
): Promise<GradedRecord[]> {
  const records: GradedRecord[] = [];
  const seen = new Set<string>();
  for await (const { text, line } of readLines(path)) {
    if (text.trim() === "") continue;
    const answer = readAnswer(text, `${path}:${line}`);
    if (seen.has(answer.id))
      throw fault(`${path}:${line}`, `the id ${JSON.stringify(answer.id)} occurs twice`);
    seen.add(answer.id);
    const question = questionOf(answer);
    const trace = makeTrace({
      ...{ question, text: answer.response, by: { kind: "import", name }, stage: null },
      ...{ images: "none", imageHashes: [], sample: null, finish: "stop" },
      promptHash: sha256Hex([answer.question, ...answer.options].join("\n")),
      tokens: { prompt: 0, completion: 0 },
    });
    records.push(gradeTrace(question, trace, { task, protocol, reading, model: { name } }));
  }
  return records;
}

function readAnswer(text: string, place: string): ForeignAnswer {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw fault(place, `no JSON object (${(error as Error).message})`);
  }
  const { id, question, options, answer, response } = value ?? {};
  if (typeof id !== "string" && typeof id !== "number") throw fault(place, "id: expected a text or a number");
  if (typeof question !== "string") throw fault(place, "question: expected a text");
  if (
    !Array.isArray(options) ||
    options.length < 2 ||
    options.length > 26 ||
    options.some((each) => typeof each !== "string")
  )
    throw fault(place, "options: expected 2 to 26 texts");
  if (typeof response !== "string") throw fault(place, "response: expected a text");
  const label = typeof answer === "string" ? answer.trim().toUpperCase() : "";
  const index = optionIndex(label, options.length);
  if (index === undefined || index === null || index < 0)
    throw fault(place, `answer: expected a letter from A to ${optionLabel(options.length - 1)}`);
  return { id: String(id), question, options: options as string[], label, response };
}

function questionOf({ id, question, options, label }: ForeignAnswer): Question {
  return {
    ...{
      record: "question",
      v: 1,
      id: /^[^:\s]+:\S(.*\S)?$/s.test(id) ? id : `answers:${id.trim()}`,
      source: "answers",
      revision: "as-given",
    },
    ...{
      split: "test",
      stem: question,
      options: [...options],
      gold: { labels: [label] },
      images: [],
      group: {},
    },
    ...{ tags: { language: "en" }, licence: "unknown" },
  };
}

const fault = (place: string, what: string): CliError =>
  new CliError(
    "bad-answer",
    `${place}: ${what}`,
    "give each line id, question, options, answer (a letter) and response",
  );
