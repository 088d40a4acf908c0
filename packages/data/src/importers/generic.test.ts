import { describe, expect, it } from "vitest";
import { film, lines, sourceFolder } from "../../test/support/source-folder.ts";
import { genericImporter } from "./generic.ts";
import { checkMapping, type MappingInput, readMapping } from "./mapping.ts";

const source = sourceFolder();
const base: MappingInput = {
  source: "mine",
  licence: "CC-BY-4.0",
  revision: "2026-01",
  split: "part",
  stem: ["note", "q"],
  options: ["o1", "o2", "o3"],
  answer: { column: "right", as: "index-1" },
};
const importer = (changes: Partial<MappingInput> = {}) =>
  genericImporter(checkMapping({ ...base, ...changes }, "my.map.json"));
const { put, run } = source;

describe("generic", () => {
  it("reads a CSV by a mapping, with pictures, groups and tags", async () => {
    await put({
      "table.csv":
        "part,note,q,o1,o2,o3,right,file,who,organ\ntest,N1,Which?,a,b,c,2,x.png,p1,lung\ntest,N2,Which?,a,b,,4,x.png,p1,\ntest,N3,Which?,a,b,c,1,../x.png,p2,\n",
      "films/x.png": await film(3),
    });
    const found = await run(
      importer({
        images: ["file"],
        folders: ["films"],
        group: { patient: "who" },
        tags: { organ: "organ", modality: { value: "x-ray" } },
      }),
    );
    expect(found).toMatchObject({ record: "question", kept: 1, images: 1 });
    expect(found.records[0]).toMatchObject({
      id: "mine:table.csv/0",
      source: "mine",
      split: "test",
      stem: "N1\n\nWhich?",
      options: ["a", "b", "c"],
      gold: { labels: ["B"] },
      group: { patient: "p1" },
      tags: { organ: "lung", modality: "x-ray", language: "en" },
      licence: "CC-BY-4.0",
    });
    expect(found.data.examples.map(({ reason, place }) => [reason, place.line, place.field])).toEqual([
      ["malformed", 3, "o1.2"],
      ["image-path-unsafe", 4, "file"],
    ]);
  });

  it.each([
    [
      "a list and a letter",
      { options: "o", answer: { column: "a", as: "letter" } },
      { o: ["x", "y"], a: "b" },
      { labels: ["B"] },
    ],
    [
      "an object and an option's text",
      { options: "o", answer: { column: "a", as: "option-text" } },
      { o: { A: "x", B: "y" }, a: "Y" },
      { labels: ["B"] },
    ],
    [
      "a Python list and a number from 0",
      { options: "o", answer: { column: "a", as: "index-0" } },
      { o: "['x', 'y']", a: 1 },
      { labels: ["B"] },
    ],
    ["yes or no", { answer: { column: "a", as: "short" } }, { a: "No" }, { labels: ["B"] }],
    ["open text", { answer: { column: "a", as: "text" } }, { a: "No" }, { text: "No", aliases: [] }],
    [
      "a number",
      { answer: { column: "a", as: "number", tolerance: 0.5, unit: "mg" } },
      { a: "7.5" },
      { value: 7.5, unit: "mg", tolerance: 0.5 },
    ],
  ] as [string, Partial<MappingInput>, object, object][])(
    "answers as %s",
    async (_name, changes, row, gold) => {
      const { options: _, ...plain } = base;
      await put({ "x.jsonl": lines({ q: "Which?", ...row }) });
      const mapping = checkMapping({ ...plain, stem: "q", split: { value: "train" }, ...changes }, "map");
      expect((await run(genericImporter(mapping))).records[0].gold).toEqual(gold);
    },
  );

  it("takes the files that are named, and only those", async () => {
    const row = { part: "train", note: "n", q: "q", o1: "a", o2: "b", o3: "c", right: 1 };
    await put({ "in/a.jsonl": lines(row), "in/deep/b.jsonl": lines(row), "c.jsonl": lines(row) });
    expect((await run(importer({ files: ["in/*.jsonl"] }))).records.map((q) => q.id)).toEqual([
      "mine:in/a.jsonl/0",
    ]);
    await expect(run(importer({ files: ["none.csv"] }))).rejects.toMatchObject({
      code: "IMPORT_LAYOUT_UNKNOWN",
    });
  });

  it("names what is wrong with a mapping", async () => {
    await put({
      "my.map.json": JSON.stringify({ ...base, answer: { column: "a", as: "guess" } }),
      "broken.map.json": "{",
    });
    await expect(readMapping(source.path("source", "my.map.json"))).rejects.toMatchObject({
      code: "IMPORT_MAP_INVALID",
      place: { field: "answer.as" },
    });
    await expect(readMapping(source.path("source", "broken.map.json"))).rejects.toMatchObject({
      code: "IMPORT_MAP_INVALID",
    });
  });
});
