import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { encodePng, openImageStore } from "@mede2/images";
import { questionSchema, readAllJsonl } from "@mede2/schemas";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DataCard } from "./data-card.ts";
import { ImportError } from "./import-error.ts";
import { type ImportOptions, importSource } from "./import-source.ts";
import type { Importer, SourceRow } from "./importer.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "import-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** A film of our own: grey by number, so that every file is another picture. */
async function film(path: string, grey: number): Promise<void> {
  const file = join(dir, "source", path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(
    file,
    await encodePng({ width: 8, height: 6, channels: 1, data: new Uint8Array(48).fill(grey) }),
  );
}

const run = (options: Partial<ImportOptions> = {}) =>
  importSource({
    name: "chest-xray",
    dir: join(dir, "source"),
    out: join(dir, "out", "films.questions.jsonl"),
    store: openImageStore(join(dir, "store")),
    ...options,
  });
const read = () => readAllJsonl(join(dir, "out", "films.questions.jsonl"), questionSchema);
const card = async () => JSON.parse(await readFile(join(dir, "out", "films.card.json"), "utf8")) as DataCard;
const failure = async (options: Partial<ImportOptions> = {}): Promise<ImportError> => {
  const error = await run(options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ImportError);
  // Nothing is left behind by an import that fails.
  expect(await readdir(join(dir, "out")).catch(() => [])).toEqual([]);
  return error as ImportError;
};

/** The class folders of the publisher's archive, litter and all. */
async function classFolders(): Promise<void> {
  await film("chest_xray/train/NORMAL/IM-0115-0001.jpeg", 1);
  await film("chest_xray/train/NORMAL/NORMAL2-IM-0381-0001.jpeg", 2);
  await film("chest_xray/train/PNEUMONIA/person1_bacteria_1.jpeg", 3);
  await film("chest_xray/train/PNEUMONIA/person1_bacteria_2.jpeg", 4);
  await film("chest_xray/train/PNEUMONIA/VIRUS-1008087-0001.jpeg", 5);
  await film("chest_xray/test/PNEUMONIA/person1_virus_6.jpeg", 6);
  await film("chest_xray/test/PNEUMONIA/unnamed.jpeg", 7);
  await film("__MACOSX/chest_xray/test/NORMAL/IM-0001-0001.jpeg", 8);
  await writeFile(join(dir, "source", "chest_xray", ".DS_Store"), "litter");
}

describe("chest-xray from class folders", () => {
  beforeEach(classFolders);

  it("asks about every film, with picture, split, patient and answer", async () => {
    const result = await run();
    expect(result).toMatchObject({ record: "question", kept: 7, dropped: {}, images: 7 });
    const questions = await read();
    const byFile = Object.fromEntries(questions.map((q) => [q.group.image, q]));
    const answer = (name: string) => {
      const { options, gold } = byFile[name]!;
      return "labels" in gold && (gold.labels as string[]).map((label) => options["AB".indexOf(label)]);
    };
    expect(answer("IM-0115-0001")).toEqual(["normal"]);
    expect(answer("NORMAL2-IM-0381-0001")).toEqual(["normal"]);
    expect(answer("person1_bacteria_1")).toEqual(["pneumonia"]);
    expect(answer("unnamed")).toEqual(["pneumonia"]);
    expect(byFile.person1_virus_6).toMatchObject({
      id: "chest-xray:pneumonia/test/person1_virus_6",
      split: "test",
      images: [{ mime: "image/png", width: 8, height: 6, role: "frontal" }],
      facts: { label: "pneumonia", cause: "viral" },
      group: { patient: "person1_virus" },
      licence: "CC-BY-4.0",
    });
    expect(questions.map((q) => q.group.patient)).toContain("VIRUS-1008087");
    expect(questions.filter((q) => q.group.patient === "person1_bacteria")).toHaveLength(2);
    const store = openImageStore(join(dir, "store"));
    expect((await store.pixels(byFile.unnamed!.images[0]!)).data[0]).toBe(7);
  });

  it("reads them out of the publisher's archive too", async () => {
    const plain = await run();
    const { zipSync } = await import("fflate");
    const names = ["train/NORMAL/IM-0115-0001.jpeg", "test/PNEUMONIA/person1_virus_6.jpeg"];
    const files = names.map(async (name) => [
      `chest_xray/${name}`,
      await readFile(join(dir, "source/chest_xray", name)),
    ]);
    await rm(join(dir, "source"), { recursive: true });
    await mkdir(join(dir, "source"));
    await writeFile(
      join(dir, "source", "ChestXRay2017.zip"),
      zipSync(Object.fromEntries(await Promise.all(files))),
    );
    expect(await run()).toMatchObject({ kept: 2, images: 2 });
    expect(plain.kept).toBe(7);
    expect((await read()).map(({ split, group }) => [split, group.image])).toEqual([
      ["test", "person1_virus_6"],
      ["train", "IM-0115-0001"],
    ]);
  });

  it("never speaks of age", async () => {
    for (const part of ["pneumonia", "cause"]) {
      await run({ part });
      for (const { stem, options } of await read())
        expect(`${stem} ${options.join(" ")}`).not.toMatch(
          /\b(age|aged|year|old|young|child|paediatric|pediatric|adult|infant|boy|girl)/i,
        );
    }
  });

  it("asks for the cause in the part of that name, and drops a film that tells none", async () => {
    const result = await run({ part: "cause" });
    expect(result).toMatchObject({ kept: 6, dropped: { "cause-unknown": 1 } });
    expect((await read()).every((q) => q.options.length === 3)).toBe(true);
    expect((await card()).examples).toEqual([
      expect.objectContaining({
        reason: "cause-unknown",
        place: { file: join(dir, "source", "chest_xray/test/PNEUMONIA/unnamed.jpeg") },
      }),
    ]);
  });

  it("writes one split if asked, and says which there are if there is none of that name", async () => {
    expect(await run({ split: "train" })).toMatchObject({ kept: 5, dropped: { "other-split": 2 } });
    await rm(join(dir, "out"), { recursive: true });
    const error = await failure({ split: "validation" });
    expect(error.code).toBe("IMPORT_EMPTY");
    expect(error.message).toMatch(/Splits in it: test, train/);
  });

  it("writes a card that adds up, the same on every run", async () => {
    await run({ part: "cause", split: "train" });
    const first = await card();
    for (const step of first.steps)
      expect(step.in - Object.values(step.dropped).reduce((a, b) => a + b, 0)).toBe(step.out);
    expect(first.steps.map((step) => [step.name, step.in, step.out])).toEqual([
      ["read", 7, 6],
      ["split", 6, 5],
      ["images", 5, 5],
      ["schema", 5, 5],
    ]);
    expect(first.file.count).toBe(5);
    expect(first.expected).toContainEqual(expect.objectContaining({ split: "train", count: 5232, found: 5 }));
    expect(first.histograms.answer).toEqual({ "bacterial pneumonia": 2, normal: 2, "viral pneumonia": 1 });
    expect(first.patients).toEqual({ distinct: 4, acrossSplits: 0 });
    const text = await readFile(join(dir, "out", "films.card.md"), "utf8");
    expect(text).toContain("| CC-BY-4.0 | 5 |");
    await run({ part: "cause", split: "train" });
    expect(await card()).toEqual(first);
  });

  it("drops a film whose name contradicts its folder, and one that is no picture", async () => {
    await film("chest_xray/test/NORMAL/person2_virus_7.jpeg", 9);
    await writeFile(join(dir, "source", "chest_xray/train/NORMAL/IM-0200-0001.jpeg"), "not a picture");
    expect((await run()).dropped).toEqual({ "label-contradiction": 1, "image-unreadable": 1 });
    const unreadable = (await card()).examples.find((e) => e.reason === "image-unreadable");
    expect(unreadable?.place.file).toMatch(/IM-0200-0001\.jpeg$/);
  });
});

describe("chest-xray from labels.jsonl", () => {
  const lines = async (...rows: (object | string)[]) => {
    await mkdir(join(dir, "source"), { recursive: true });
    const text = rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row))).join("\n");
    await writeFile(join(dir, "source", "labels.jsonl"), `${text}\n`);
  };
  const good = {
    image: "images/person7_virus_1.png",
    label: "PNEUMONIA",
    subtype: "viral pneumonia",
    split: "test",
  };

  it("reads labels, and drops bad lines with file, line, field and reason", async () => {
    await film("images/person7_virus_1.png", 1);
    await lines(
      good,
      "{not json",
      { ...good, label: "COVID" },
      { ...good, image: "../secret.png" },
      { ...good, label: "NORMAL" },
      { ...good, image: "images/absent.png" },
      { ...good, split: 3 },
      good,
      [1],
    );
    const result = await run({ part: "cause" });
    expect(result.kept).toBe(1);
    expect(result.dropped).toEqual({
      malformed: 4,
      "label-unknown": 1,
      "label-contradiction": 1,
      "image-missing": 1,
      "duplicate-id": 1,
    });
    const file = join(dir, "source", "labels.jsonl");
    const places = (await card()).examples.map((e) => [e.reason, e.place.line, e.place.field]);
    expect((await card()).examples.every((e) => e.place.file === file)).toBe(true);
    expect(places).toEqual([
      ["malformed", 2, undefined],
      ["label-unknown", 3, "label"],
      ["malformed", 4, "image"],
      ["label-contradiction", 5, "subtype"],
      ["image-missing", 6, "image"],
      ["malformed", 7, "split"],
      ["duplicate-id", 8, undefined],
      ["malformed", 9, undefined],
    ]);
  });

  it("finds pictures in another folder with `images`, and without them ends with an error", async () => {
    await lines(good);
    const error = await failure();
    expect(error.code).toBe("IMPORT_NO_IMAGES");
    expect(error.message).toContain("labels.jsonl:1: image");
    await film("../elsewhere/images/person7_virus_1.png", 2);
    expect((await run({ images: join(dir, "elsewhere") })).kept).toBe(1);
  });
});

describe("importSource", () => {
  it("refuses what it does not know, with the names that it knows", async () => {
    expect((await failure({ name: "chestxray" })).message).toMatch(/known are .*chest-xray/);
    expect((await failure({ part: "age" })).message).toMatch(/has pneumonia, cause/);
    expect((await failure({ out: join(dir, "out", "films.pairs.jsonl") })).code).toBe(
      "IMPORT_OUTPUT_INVALID",
    );
    expect((await failure({ dir: join(dir, "nowhere") })).code).toBe("IMPORT_FOLDER_UNREADABLE");
    await mkdir(join(dir, "source"));
    expect((await failure()).code).toBe("IMPORT_LAYOUT_UNKNOWN");
  });

  const source = (rows: SourceRow[]): Importer => ({
    name: "mine",
    title: "Mine",
    licence: "CC0-1.0",
    revision: "1",
    origin: "here",
    parts: { all: { about: "all of it", multimodal: false } },
    expected: [],
    caveats: [],
    async *read() {
      yield* rows;
    },
  });
  const row = (localId: string, labels: string[]): SourceRow => ({
    question: {
      localId,
      split: "train",
      stem: "Which?",
      options: ["a", "b"],
      gold: { labels },
      group: {},
      tags: { language: "en" },
    },
    images: [],
    place: { file: "mine.json", line: Number(localId) },
  });

  it("takes an importer of the caller's own, and drops records that are no Question", async () => {
    const result = await run({ name: source([row("1", ["A"]), row("2", ["C"])]) });
    expect(result).toMatchObject({ kept: 1, dropped: { invalid: 1 }, images: 0 });
    const [example] = (await card()).examples;
    expect(example?.place).toEqual({ file: "mine.json", line: 2, field: "gold.labels.0" });
    expect(example?.detail).toContain("expected one of A, B");
  });

  it("takes away what a killed import left, and nothing of one that lives", async () => {
    const left = (pid: number) => join(dir, "out", `.films.questions.jsonl.${pid}.0123abcd.tmp`);
    const dead = spawnSync(process.execPath, ["--version"]).pid;
    await mkdir(join(dir, "out"));
    for (const pid of [dead, process.pid]) await writeFile(left(pid), "half a li");
    await run({ name: source([row("1", ["A"])]) });
    const names = await readdir(join(dir, "out"));
    expect(names.filter((name) => name.endsWith(".tmp"))).toEqual([basename(left(process.pid))]);
  });

  it("leaves the old file as it was when the source breaks half-way", async () => {
    await run({ name: source([row("1", ["A"])]) });
    const broken = {
      ...source([]),
      read: async function* () {
        yield row("2", ["B"]);
        throw new Error("disk gone");
      },
    };
    await expect(run({ name: broken })).rejects.toThrow("disk gone");
    expect((await read()).map((q) => q.id)).toEqual(["mine:1"]);
    expect(await readdir(join(dir, "out"))).toHaveLength(3);
  });
});

describe("ward", () => {
  const counts = { "test-case": 3, "test-combination": 2 };
  beforeEach(async () => {
    await mkdir(join(dir, "source"));
    await writeFile(join(dir, "source", "ward.json"), JSON.stringify({ seed: 5, counts }));
  });

  it("draws cases with their pictures, as many as ward.json says, and their words in the part of that name", async () => {
    expect(await run({ name: "ward" })).toMatchObject({ kept: 5, dropped: {}, images: 5 });
    const [first] = await read();
    expect(first).toMatchObject({
      id: "ward:test-case-5-0-image",
      images: [{ mime: "image/png", width: 112 }],
    });
    expect(await run({ name: "ward", part: "text", split: "test-combination" })).toMatchObject({
      kept: 2,
      images: 0,
    });
    expect((await read()).every((question) => question.id.endsWith("-text"))).toBe(true);
  });

  it("draws the stated numbers when nothing is there, and refuses a ward.json that it does not understand", async () => {
    const result = await run({ name: "ward", dir: join(dir, "nowhere"), part: "text" });
    expect(result.kept).toBe((await card()).expected.reduce((sum, row) => sum + row.count, 0));
    await rm(join(dir, "out"), { recursive: true });
    for (const [text, field] of [
      ["[]", "ward.json"],
      ['{"seed": 1.5}', "seed"],
      ['{"counts": {"test": 1}}', "counts.test"],
      ['{"counts": {"dev": -1}}', "counts.dev"],
    ] as const) {
      await writeFile(join(dir, "source", "ward.json"), text);
      expect((await failure({ name: "ward" })).message).toContain(field);
    }
  });
});
