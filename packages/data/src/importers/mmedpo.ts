import { type PreferencePair, type Question, type Rating, type Trace, withId } from "@mede2/schemas";
import { importedTrace } from "./imported-trace.ts";
import type { Importer, ReadOptions, SourceRow } from "./importer.ts";
import { shortAnswer } from "./reading/choices.ts";
import { FieldFault, type Fields, kindOf, rowsOf } from "./reading/fields.ts";
import { openPictures, type Pictures } from "./reading/pictures.ts";
import { filesLike } from "./reading/record-files.ts";
import { recordsOf } from "./reading/records-of.ts";
import { sources } from "./sources.ts";
import { isHeldOutImage } from "./vqa-rad-held-out.ts";

/** MMedPO's pairs: `conversations` is preferred to `rejected_conversations`, with `weighted_score` as weight. Its pictures are VQA-RAD's. */
export const mmedpoImporter: Importer = {
  name: "mmedpo",
  ...sources.mmedpo,
  parts: { pairs: { about: "preferred and rejected answers", multimodal: true, record: "preference-pair" } },
  read,
};

async function* read(dir: string, { images }: ReadOptions): AsyncGenerator<SourceRow> {
  const files = await filesLike(
    dir,
    (name) => /dpo[^/]*\.jsonl?$/i.test(name),
    "JSON file of pairs (vqa-rad_dpo_weighted.json)",
  );
  const pictures = await openPictures(dir, images, ["images", "VQA_RAD Image Folder"]);
  for (const file of files) yield* rowsOf(recordsOf(file), (fields) => rowOf(fields, pictures));
}

function rowOf(fields: Fields, pictures: Pictures): SourceRow {
  const [asked, chosen] = turnsOf(fields, "conversations");
  const [repeated, rejected] = turnsOf(fields, "rejected_conversations");
  if (asked !== repeated)
    throw new FieldFault(
      "rejected_conversations.0.value",
      "expected the question that was asked in conversations",
    );
  const weight = fields.number("weighted_score");
  if (weight < 0) throw new FieldFault("weighted_score", `expected a weight of 0 or more, got ${weight}`);
  const name = fields.text("image");
  const split = isHeldOutImage(name) ? "held-out" : "train";
  const answer = shortAnswer(chosen);
  return {
    question: {
      localId: fields.text("id"),
      split,
      stem: asked.replace(/^<image>\s*/, "").trim(),
      ...answer,
      group: { image: name },
      tags: { specialty: "radiology", type: answer.options.length > 0 ? "closed" : "open", language: "en" },
    },
    images: [pictures.named(name, "image", fields.place)],
    place: fields.place,
    record: (question) => pairOf(question, chosen, rejected, weight),
  };
}

/** What was asked, and the answer without the blank that is published in front of it. */
function turnsOf(fields: Fields, name: string): [asked: string, answer: string] {
  const turns = fields.list(name);
  if (turns.length !== 2)
    throw new FieldFault(name, `expected a question and an answer, got ${turns.length} turns`);
  const [asked, answer] = turns.map((turn, at) => {
    const value = (turn as { value?: unknown } | null)?.value;
    if (typeof value === "string" && value.trim() !== "") return value.trim();
    throw new FieldFault(`${name}.${at}.value`, `expected text, got ${kindOf(value)}`);
  });
  return [asked!, answer!];
}

function pairOf(
  question: Question,
  chosenText: string,
  rejectedText: string,
  weight: number,
): PreferencePair {
  const [chosen, rejected] = [chosenText, rejectedText].map((text) =>
    importedTrace(question, text, "mmedpo", true),
  );
  return withId({
    record: "preference-pair" as const,
    v: 1 as const,
    question,
    chosen: chosen!,
    rejected: rejected!,
    ratings: { chosen: unrated(chosen!), rejected: unrated(rejected!) },
    negativeKind: "published",
    margin: 0,
    weight,
    provenance: { plan: "import", scorer: "mmedpo", seed: 0, parents: [] },
    licence: question.licence,
    split: question.split,
  });
}

const unrated = (trace: Trace): Rating => ({
  record: "rating",
  v: 1,
  traceId: trace.id,
  scorer: { name: "mmedpo", version: "published", rubric: "none", mode: "judge", judges: [] },
  gates: {},
  criteria: {},
  total: null,
});
