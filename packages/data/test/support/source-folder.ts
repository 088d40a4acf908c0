import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { encodePng, openImageStore } from "@mede2/images";
import { zipSync } from "fflate";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterEach, beforeEach } from "vitest";
import type { DataCard } from "../../src/importers/data-card.ts";
import { type ImportOptions, type ImportResult, importSource } from "../../src/importers/import-source.ts";

/** A picture of our own: grey by number, so that every file is another one. */
export const film = (grey: number): Promise<Uint8Array> =>
  encodePng({ width: 8, height: 6, channels: 1, data: new Uint8Array(48).fill(grey) });

export const lines = (...rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

type Column = NonNullable<Parameters<typeof parquetWriteBuffer>[0]["columnData"]>[number];
export const parquet = (...columnData: Column[]): Uint8Array =>
  new Uint8Array(parquetWriteBuffer({ columnData }));

/** A table as Hugging Face writes it: columns of text, and one of pictures, each `{bytes, path}`. */
export function pictureTable(
  texts: Record<string, string[]>,
  name: string,
  pictures: Uint8Array[],
): Uint8Array {
  const leaf = { type: "BYTE_ARRAY" as const, repetition_type: "OPTIONAL" as const };
  const utf8 = { ...leaf, converted_type: "UTF8" as const };
  const columns = Object.entries(texts).map(([column, data]) => ({ name: column, data }));
  const structs = pictures.map((bytes) => ({ bytes, path: null }));
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: [...columns, { name, data: structs }],
      schema: [
        { name: "root", num_children: columns.length + 1 },
        ...columns.map((column) => ({ name: column.name, ...utf8 })),
        { name, repetition_type: "OPTIONAL" as const, num_children: 2 },
        { name: "bytes", ...leaf },
        { name: "path", ...utf8 },
      ],
    }),
  );
}

export const zip = (files: Record<string, Uint8Array>): Uint8Array => zipSync(files);

export interface Outcome extends ImportResult {
  // biome-ignore lint/suspicious/noExplicitAny: tests look into records of several kinds
  records: any[];
  data: DataCard;
}

/** A fresh folder for each test, with what an import of it gives. */
export function sourceFolder() {
  let dir = "";
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "source-"));
    await mkdir(join(dir, "source"));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));
  return {
    path: (...parts: string[]) => join(dir, ...parts),
    async put(files: Record<string, string | Uint8Array>): Promise<void> {
      for (const [name, content] of Object.entries(files)) {
        await mkdir(dirname(join(dir, "source", name)), { recursive: true });
        await writeFile(join(dir, "source", name), content);
      }
    },
    async run(name: ImportOptions["name"], options: Partial<ImportOptions> = {}): Promise<Outcome> {
      const out = options.out ?? join(dir, "out", "set.jsonl");
      const store = openImageStore(join(dir, "store"));
      const result = await importSource({ name, dir: join(dir, "source"), out, store, ...options });
      const text = await readFile(out, "utf8");
      const records = text.split("\n").filter((line) => line !== "");
      const data = JSON.parse(await readFile(result.card, "utf8")) as DataCard;
      return { ...result, records: records.map((line) => JSON.parse(line)), data };
    },
  };
}
