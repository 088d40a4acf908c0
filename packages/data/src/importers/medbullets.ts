import { ImportError } from "./import-error.ts";
import type { Importer, ReadOptions, SourceRow } from "./importer.ts";
import { byLetter, checkedOptions } from "./reading/choices.ts";
import { type Entry, malformed } from "./reading/entry.ts";
import { rowsOf } from "./reading/fields.ts";
import { filesLike } from "./reading/record-files.ts";
import { recordsOf } from "./reading/records-of.ts";
import type { SourceFile } from "./reading/source-file.ts";
import { sources } from "./sources.ts";

/** Medbullets as ChallengeClinicalQA publishes it: pandas' JSON by columns (`{column: {row: value}}`), or CSV. */
export const medbulletsImporter: Importer = {
  name: "medbullets",
  ...sources.medbullets,
  parts: {
    op4: { about: "four options", multimodal: false },
    op5: { about: "five options", multimodal: false },
  },
  read,
};

const letters = ["opa", "opb", "opc", "opd", "ope"];

async function* read(dir: string, { part }: ReadOptions): AsyncGenerator<SourceRow> {
  const files = await filesLike(
    dir,
    (name) => new RegExp(`medbullets_${part}\\.(json|csv)$`, "i").test(name),
    `medbullets_${part}.json or .csv`,
  );
  // The same questions lie there as JSON and as CSV: one of them is enough.
  const file = files.find(({ name }) => /\.json$/i.test(name)) ?? files[0]!;
  yield* rowsOf(/\.json$/i.test(file.name) ? rowsOfColumns(file) : recordsOf(file), (fields, index) => {
    const options = letters.slice(0, part === "op4" ? 4 : 5).map((name) => fields.value(name));
    return {
      question: {
        localId: `${part}/${index}`,
        split: "test",
        stem: fields.text("question"),
        ...byLetter(checkedOptions(options, "opa"), fields.value("answer_idx"), "answer_idx"),
        group: {},
        tags: { language: "en" },
      },
      images: [],
      place: fields.place,
    };
  });
}

/** Records of `{column: {row: value}}`. The whole file is held: it has 308 rows. */
async function* rowsOfColumns(file: SourceFile): AsyncGenerator<Entry> {
  const columns = new Map<string, Record<string, unknown>>();
  for await (const entry of recordsOf(file, { keyed: true })) {
    if ("dropped" in entry) throw new ImportError("IMPORT_FILE_UNREADABLE", `${entry.detail}.`, entry.place);
    if (typeof entry.value !== "object" || entry.value === null)
      yield malformed("expected a column by row", entry.place);
    else columns.set(entry.key!, entry.value as Record<string, unknown>);
  }
  for (const row of Object.keys(columns.get("question") ?? {})) {
    const value = Object.fromEntries([...columns].map(([name, cells]) => [name, cells[row]]));
    yield { value, key: row, place: { file: file.shown, field: row } };
  }
}
