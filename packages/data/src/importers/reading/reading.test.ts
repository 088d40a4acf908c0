import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve, sep } from "node:path";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, describe, expect, it } from "vitest";
import { lines, parquet, zip } from "../../../test/support/source-folder.ts";
import { ImportError } from "../import-error.ts";
import { withoutOptions } from "../medxpertqa.ts";
import type { Entry } from "./entry.ts";
import { FieldFault } from "./fields.ts";
import { jsonElements } from "./json-values.ts";
import { relativePath } from "./pictures.ts";
import { pythonList } from "./python-list.ts";
import { recordsOf } from "./records-of.ts";
import { localFile, type SourceFile } from "./source-file.ts";
import { openZip } from "./zip-file.ts";

const dir = mkdtempSync(join(tmpdir(), "reading-"));
afterAll(() => rmSync(dir, { recursive: true }));

/** A file that comes in pieces of this many bytes. */
function inPieces(text: string, piece: number, name = "x.json"): SourceFile {
  const bytes = new TextEncoder().encode(text);
  return {
    name,
    shown: name,
    bytes: async () => bytes,
    stream: async () =>
      (async function* () {
        for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
      })(),
  };
}

async function all(entries: AsyncIterable<Entry>): Promise<Entry[]> {
  const found: Entry[] = [];
  for await (const entry of entries) found.push(entry);
  return found;
}
const values = (entries: Entry[]) => entries.map((entry) => ("value" in entry ? entry.value : entry.dropped));

describe("JSON, streamed", () => {
  it("gives what JSON.parse gives, however the file is cut and spaced", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(0, 1, "\t"),
        async (array, piece, indent) => {
          const text = JSON.stringify(array, null, indent);
          expect(values(await all(jsonElements(inPieces(text, piece), false)))).toEqual(JSON.parse(text));
          const object = Object.fromEntries(array.map((value, at) => [`k"${at}`, value]));
          const members = await all(
            jsonElements(inPieces(JSON.stringify(object, null, indent), piece), true),
          );
          const back = members.map((entry) => ("value" in entry ? [entry.key, entry.value] : []));
          expect(Object.fromEntries(back)).toEqual(JSON.parse(JSON.stringify(object)));
        },
      ),
      { numRuns: 80 },
    );
  });
  it("tells the line of every record, and goes on after a bad one", async () => {
    const found = await all(
      jsonElements(inPieces('\uFEFF[\n {"a": 1},\n\n {"a": tru},\n {"a": "]"}\n]\n', 3), false),
    );
    expect(found.map((entry) => entry.place.line)).toEqual([2, 4, 5]);
    expect(values(found)).toEqual([{ a: 1 }, "malformed", { a: "]" }]);
  });
  it.each([
    ["nothing", ""],
    ["a text", '"x"'],
    ["cut off", '[{"a": 1}, {"a"'],
    ["two arrays", "[1] [2]"],
  ])("%s is an error with file and line", async (_name, text) => {
    await expect(all(jsonElements(inPieces(text, 4), false))).rejects.toMatchObject({
      code: "IMPORT_FILE_UNREADABLE",
      place: { file: "x.json", line: 1 },
    });
  });
  it("knows JSONL in a .json file, and keeps lines apart that are none", async () => {
    const found = await all(recordsOf(inPieces('{"a": 1}\r\n\nnot json\n{"a": 2}', 5)));
    expect(values(found)).toEqual([{ a: 1 }, "malformed", { a: 2 }]);
    expect(found.map((entry) => entry.place.line)).toEqual([1, 3, 4]);
  });
});

it("Parquet of several row groups, in order, with bytes as bytes and 64-bit integers as numbers", async () => {
  const count = 2500;
  const bytes = Uint8Array.of(0x89, 0x50, 0xff, 0xfe, 0);
  const path = join(dir, "groups.parquet");
  const columnData = [
    { name: "n", data: Array.from({ length: count }, (_, at) => BigInt(at)), type: "INT64" as const },
    { name: "b", data: Array.from({ length: count }, () => bytes), type: "BYTE_ARRAY" as const },
  ];
  writeFileSync(path, new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 1000 })));
  const found = await all(recordsOf(localFile(path, "groups.parquet")));
  expect(found.map((entry) => entry.place.line)).toEqual(Array.from({ length: count }, (_, at) => at + 1));
  const rows = values(found) as { n: number; b: Uint8Array }[];
  expect(rows.every(({ n, b }, at) => n === at && b.length === 5 && b[2] === 0xff)).toBe(true);
});

describe("damaged files", () => {
  const csv = 'id,text\n1,"a ""b"""\n2,c\n';
  const table = parquet(
    { name: "id", data: [1n, 2n, 3n], type: "INT64" },
    { name: "text", data: ["a", "b", "c"], type: "STRING" },
  );
  const archive = zip({ "data.jsonl": new TextEncoder().encode(lines({ a: 1 }, { a: 2 })) });
  it.each([
    ["x.csv", new TextEncoder().encode(csv)],
    ["x.tsv", new TextEncoder().encode(csv.replaceAll(",", "\t"))],
    ["x.parquet", table],
    ["x.json", new TextEncoder().encode('[{"a": [1, "x"]}, {"a": {}}]')],
    ["x.zip", archive],
  ] as const)(
    "%s: an ImportError or records, never anything else",
    async (name, bytes) => {
      let number = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 5 }),
          fc.integer({ min: 0, max: bytes.length }),
          async (changes, length) => {
            const damaged = bytes.slice(0, length);
            for (const [at, value] of changes) if (at < length) damaged[at] = value;
            number += 1;
            const path = join(dir, `${number}-${name}`);
            writeFileSync(path, damaged);
            try {
              const files = name.endsWith(".zip") ? (await openZip(path)).files : [localFile(path, name)];
              for (const file of files) await all(recordsOf(file)).catch(onlyNamed);
            } catch (error) {
              onlyNamed(error);
            }
          },
        ),
        { numRuns: 25 },
      );
    },
    20_000,
  );
  const onlyNamed = (error: unknown): void => {
    expect(error).toBeInstanceOf(ImportError);
  };
});

describe("texts of Python lists", () => {
  it("reads what repr writes", () => {
    expect(pythonList(`['It\\'s', "isn't", 'a\\nb', '\\xe9', 7, None]`, "options")).toEqual([
      "It's",
      "isn't",
      "a\nb",
      "é",
      "7",
      "None",
    ]);
    expect(pythonList("[]", "options")).toEqual([]);
  });
  it("gives back any list, and throws only what is named", () => {
    const repr = (text: string) =>
      `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\n").replaceAll("\r", "\\r")}'`;
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 6 }), (items) => {
        expect(pythonList(`[${items.map(repr).join(", ")}]`, "x")).toEqual(items);
      }),
    );
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("'", '"', "\\", ",", "[", "]", " ", "a", "x") }),
        (text) => {
          try {
            pythonList(text, "x");
          } catch (error) {
            expect(error).toBeInstanceOf(FieldFault);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

it("a name of a picture never leads out of its folder", () => {
  const root = resolve("/srv/pictures");
  const piece = fc.oneof(
    fc.constantFrom("..", ".", "", "/", "\\", "C:", "~", "a", "b.png", "\0", "…"),
    fc.string({ maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.constantFrom("/", "", "\\"), (pieces, joint) => {
      let path: string;
      try {
        path = relativePath(pieces.join(joint), "image");
      } catch (error) {
        expect(error).toBeInstanceOf(FieldFault);
        return;
      }
      expect(resolve(root, path) === root || resolve(root, path).startsWith(root + sep)).toBe(true);
    }),
    { numRuns: 500 },
  );
  for (const bad of [
    "../a.png",
    "a/../../b.png",
    "/etc/passwd",
    "C:\\a.png",
    "a\\..\\b",
    "a\0.png",
    7,
    null,
    "",
    " ",
  ])
    expect(() => relativePath(bad, "image")).toThrow(FieldFault);
  expect(relativePath("./images//a b.png", "image")).toBe("images/a b.png");
});

it("long hostile texts take time in proportion to their length", () => {
  const time = (run: () => unknown) => {
    const start = performance.now();
    try {
      run();
    } catch (error) {
      expect(error).toBeInstanceOf(FieldFault);
    }
    return performance.now() - start;
  };
  const many = 300_000;
  for (const unit of [
    "'",
    '"',
    "\\",
    " ",
    ",",
    "['",
    "\\x",
    "(A) ",
    "\nAnswer Choices:",
    "\n",
    "../",
    "./",
  ]) {
    const text = unit.repeat(many / unit.length);
    expect(
      time(() => pythonList(`[${text}]`, "x")),
      `list of ${unit}`,
    ).toBeLessThan(3000);
    expect(
      time(() => withoutOptions(text)),
      `stem of ${unit}`,
    ).toBeLessThan(3000);
    expect(
      time(() => relativePath(text, "x")),
      `path of ${unit}`,
    ).toBeLessThan(3000);
  }
});
