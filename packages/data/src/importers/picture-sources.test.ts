import { readdir } from "node:fs/promises";
import { openImageStore } from "@mede2/images";
import { describe, expect, it } from "vitest";
import { film, lines, pictureTable, sourceFolder, zip } from "../../test/support/source-folder.ts";

/** All records are invented; only their shapes are those of the published files. */
const source = sourceFolder();
const { put, run } = source;
const pixel = async (ref: never) => (await openImageStore(source.path("store")).pixels(ref)).data[0];

describe("medxpertqa mm", () => {
  const row = {
    id: "MM-1",
    question: "Which?\nAnswer Choices: (A) x (B) y",
    options: [
      { letter: "A", content: "x" },
      { letter: "B", content: "y" },
    ],
    label: ["A"],
    images: [{ image_path: "MM-1-a.jpeg" }, { image_path: "MM-1-b.jpeg" }],
    medical_task: "Diagnosis",
    body_system: "Skeletal",
    question_type: "Reasoning",
  };
  it("is an error without its pictures, never a set of text", async () => {
    await put({ "medxpertqa_mm_input.jsonl": lines(row) });
    await expect(run("medxpertqa", { part: "mm" })).rejects.toMatchObject({
      code: "IMPORT_NO_IMAGES",
      message: expect.stringContaining("--images"),
    });
    expect(await readdir(source.path("out")).catch(() => [])).toEqual([]);
  });
  it("finds them in images.zip, in a folder, and elsewhere with `images`", async () => {
    const [a, b] = [await film(1), await film(2)];
    const hugging = {
      ...row,
      options: { A: "x", B: "y" },
      label: "A",
      images: ["MM-1-a.jpeg", "MM-1-b.jpeg"],
    };
    await put({
      "MM/test.jsonl": lines(hugging),
      "images.zip": zip({ "images/MM-1-a.jpeg": a, "images/MM-1-b.jpeg": b }),
    });
    const packed = await run("medxpertqa", { part: "mm" });
    expect(packed).toMatchObject({ kept: 1, images: 2 });
    expect(packed.records[0].images).toMatchObject([
      { role: "figure-1", dHash: expect.stringMatching(/^[0-9a-f]{16}$/) },
      { role: "figure-2" },
    ]);
    expect(await pixel(packed.records[0].images[1] as never)).toBe(2);
    await put({ "../elsewhere/MM-1-a.jpeg": a, "../elsewhere/MM-1-b.jpeg": b });
    expect((await run("medxpertqa", { part: "mm", images: source.path("elsewhere") })).images).toBe(2);
    await put({ "MM/test.jsonl": lines(hugging, { ...hugging, id: "MM-2", images: ["MM-2-a.jpeg"] }) });
    expect(await run("medxpertqa", { part: "mm" })).toMatchObject({
      kept: 1,
      dropped: { "image-missing": 1 },
    });
  });
  it("gives questions with the same stem one group", async () => {
    await put({
      "mm.zip": zip({ "a.jpeg": await film(3) }),
      "MM/test.jsonl": lines(
        { ...row, images: ["a.jpeg"] },
        { ...row, id: "MM-9", images: ["a.jpeg"], question: "WHICH ?\nAnswer Choices: (A) x (B) y" },
      ),
    });
    const [one, two] = (await run("medxpertqa", { part: "mm" })).records;
    expect(one.group.stem).toBe(two.group.stem);
  });
});

/** Rows of MMMU as Parquet: options and kinds of picture are texts of Python lists. */
async function mmmu(
  subject: string,
  rows: { id: string; options: string; answer: string }[],
  column = "image_1",
) {
  const texts = {
    id: rows.map(({ id }) => id),
    question: rows.map(() => "What does <image 1> show?"),
    options: rows.map(({ options }) => options),
    answer: rows.map(({ answer }) => answer),
    img_type: rows.map(() => "['Pathological Images', 'Photographs']"),
    subject: rows.map(() => subject),
  };
  return pictureTable(texts, column, await Promise.all(rows.map((_, at) => film(10 + at))));
}

describe("mmmu", () => {
  it("takes the five subjects, with binary pictures intact, and drops what has no answer", async () => {
    await put({
      "Pharmacy/validation-00000-of-00001.parquet": await mmmu("Pharmacy", [
        { id: "validation_Pharmacy_1", options: "['It\\'s acid', \"base's\", 'salt']", answer: "B" },
        { id: "validation_Pharmacy_2", options: "[]", answer: "['7.5', 'seven and a half']" },
        { id: "validation_Pharmacy_3", options: "['a', 'b']", answer: "?" },
        { id: "validation_Pharmacy_4", options: "['a', 'b'", answer: "A" },
      ]),
      "History/validation-00000-of-00001.parquet": await mmmu("History", [
        { id: "validation_History_1", options: "['a', 'b']", answer: "A" },
      ]),
    });
    const found = await run("mmmu");
    expect(found).toMatchObject({ kept: 2, dropped: { "no-answer": 1, malformed: 1 }, images: 2 });
    expect(found.records[0]).toMatchObject({
      id: "mmmu:validation_Pharmacy_1",
      split: "validation",
      options: ["It's acid", "base's", "salt"],
      gold: { labels: ["B"] },
      tags: { specialty: "Pharmacy", modality: "microscopy" },
      images: [{ mime: "image/png", width: 8, height: 6, role: "image-1" }],
    });
    expect(await pixel(found.records[1].images[0] as never)).toBe(11);
    expect(found.records[1].gold).toEqual({ text: "7.5", aliases: ["seven and a half"] });
    expect((await run("mmmu", { part: "all" })).kept).toBe(3);
  });
});

describe("mmmu-pro", () => {
  it("reads its folders, Health & Medicine only, and the vision part without a question's text", async () => {
    const rows = [{ id: "test_Pharmacy_1", options: "['a', 'b', 'c', 'd', 'e']", answer: "E" }];
    await put({
      "standard (10 options)/test-00000-of-00001.parquet": await mmmu("Pharmacy", rows),
      "standard (4 options)/test-00000-of-00001.parquet": await mmmu("Public_Health", [
        { id: "test_Public_Health_2", options: "['a', 'b']", answer: "A" },
      ]),
      "vision/test-00000-of-00001.parquet": await mmmu("Pharmacy", rows, "image"),
    });
    expect((await run("mmmu-pro")).records[0]).toMatchObject({
      id: "mmmu-pro:standard-10/test_Pharmacy_1",
      gold: { labels: ["E"] },
    });
    expect((await run("mmmu-pro", { part: "standard-4" })).records[0].id).toBe(
      "mmmu-pro:standard-4/test_Public_Health_2",
    );
    const vision = await run("mmmu-pro", { part: "vision" });
    expect(vision.records[0]).toMatchObject({
      stem: expect.not.stringContaining("<image"),
      images: [{ role: "image" }],
    });
    await put({ "standard (10 options)/test-00000-of-00001.parquet": await mmmu("History", rows) });
    await expect(run("mmmu-pro")).rejects.toMatchObject({
      code: "IMPORT_EMPTY",
      message: expect.stringContaining("other-subject 1"),
    });
  });
  it("reads JSONL with pictures beside it, and names questions by them", async () => {
    await put({
      "questions.jsonl": lines({
        question: "See <image 1>.",
        options: ["a", "b", "c", "d", "e"],
        answer: "C",
        image_1: "images/test_Clinical_Medicine_6_1.png",
      }),
      "images/test_Clinical_Medicine_6_1.png": await film(5),
    });
    expect((await run("mmmu-pro")).records[0].id).toBe("mmmu-pro:standard-10/test_Clinical_Medicine_6");
    await expect(run("mmmu-pro", { part: "standard-4" })).rejects.toMatchObject({ code: "IMPORT_EMPTY" });
  });
});

describe("vqa-rad", () => {
  // sha1 of these names is, and is not, in the list of held-out images; neither is a published name
  const row = {
    qid: 1,
    image_name: "made-up-1.jpg",
    image_organ: "CHEST",
    answer: "Yes",
    answer_type: "CLOSED ",
    question_type: "PRSE, ATRIB",
    question: "Is it clear?",
    phrase_type: "freeform",
  };
  it("reads the two files; yes and no are options, other answers are text, numbers too", async () => {
    await put({
      "trainset.json": JSON.stringify([
        row,
        { ...row, qid: 2, answer: 4, answer_type: "OPEN", image_organ: "HEAD" },
        { ...row, qid: 3, image_name: "../../etc/passwd" },
        { ...row, qid: 4, image_name: "absent.jpg" },
      ]),
      "testset.json": JSON.stringify(
        [{ ...row, qid: 5, answer: "the left lobe", answer_type: "OPEN" }],
        null,
        2,
      ),
      "images/made-up-1.jpg": await film(1),
    });
    const found = await run("vqa-rad");
    expect(found).toMatchObject({
      kept: 3,
      images: 1,
      dropped: { "image-path-unsafe": 1, "image-missing": 1 },
    });
    const [test, train, number] = found.records;
    expect(test).toMatchObject({
      id: "vqa-rad:5",
      split: "test",
      options: [],
      gold: { text: "the left lobe" },
      tags: { type: "open" },
    });
    expect(train).toMatchObject({
      id: "vqa-rad:1",
      split: "train",
      options: ["yes", "no"],
      gold: { labels: ["A"] },
      group: { image: "made-up-1.jpg" },
    });
    expect(train.tags).toMatchObject({
      modality: "x-ray",
      organ: "chest",
      task: "ATTRIB, PRES",
      type: "closed",
      specialty: "radiology",
    });
    expect(number).toMatchObject({ gold: { text: "4" }, tags: { modality: "ct-or-mri" } });
    expect(found.data.images).toEqual({ references: 3, distinct: 1, acrossSplits: 1 });
    expect((await run("vqa-rad", { part: "image-disjoint" })).data.images.acrossSplits).toBe(0);
  });
  it("reads the single file of OSF, where phrase_type marks the test", async () => {
    await put({
      "VQA_RAD Dataset Public.json": JSON.stringify([row, { ...row, qid: 2, phrase_type: "test_para" }]),
      "VQA_RAD Image Folder/made-up-1.jpg": await film(1),
    });
    expect((await run("vqa-rad")).records.map((q) => q.split)).toEqual(["train", "test"]);
  });
  it("reads Parquet, whose unnamed pictures cannot be split by name", async () => {
    const rows = await mmmu("x", [{ id: "1", options: "", answer: "no" }], "image");
    await put({ "data/test-00000-of-00001.parquet": rows });
    await expect(run("vqa-rad", { part: "image-disjoint" })).rejects.toThrow("image-unnamed 1");
    expect((await run("vqa-rad")).records[0]).toMatchObject({
      id: "vqa-rad:test/0",
      split: "test",
      gold: { labels: ["B"] },
    });
  });
});

describe("slake", () => {
  const row = {
    img_id: 1,
    img_name: "xmlab1/source.jpg",
    question: "Which?",
    answer: "CT",
    q_lang: "en",
    location: "Lung",
    modality: "CT",
    answer_type: "OPEN",
    base_type: "vqa",
    triple: ["vhead", "_", "_"],
    qid: 7,
    content_type: "Modality",
  };
  it("takes the boxes of organs and findings along, and leaves out what is none", async () => {
    const boxes = [{ "Brain Edema": [1, 2, 3.5, 4] }, { Liver: [0, 0, "a", 1] }, { "": [1, 1, 1, 1] }, 7];
    await put({
      "test.json": JSON.stringify([row, { ...row, qid: 8, img_name: "xmlab2/source.jpg" }]),
      "imgs.zip": zip({
        "imgs/xmlab1/source.jpg": await film(4),
        "imgs/xmlab1/detection.json": Buffer.from(JSON.stringify(boxes)),
        "imgs/xmlab2/source.jpg": await film(4),
        "imgs/xmlab2/detection.json": Buffer.from("{"),
      }),
    });
    const [first, second] = (await run("slake")).records;
    expect(first!.images[0]!.regions).toEqual([{ name: "Brain Edema", x: 1, y: 2, width: 3.5, height: 4 }]);
    expect(second!.images[0]!.sha256).toBe(first!.images[0]!.sha256);
    expect(second!.images[0]!.regions).toBeUndefined();
  });

  it("reads both languages, or one, with pictures from imgs.zip", async () => {
    await put({
      "test.json": JSON.stringify([row, { ...row, qid: 8, q_lang: "zh", question: "哪个？", answer: "是" }]),
      "imgs.zip": zip({ "imgs/xmlab1/source.jpg": await film(4) }),
    });
    const all = await run("slake");
    expect(all).toMatchObject({ kept: 2, images: 1 });
    expect(all.records[0]).toMatchObject({
      id: "slake:7",
      split: "test",
      group: { image: "xmlab1/source.jpg" },
      tags: { modality: "ct", task: "Modality", type: "open", organ: "lung" },
    });
    expect(all.data.histograms.language).toEqual({ en: 1, zh: 1 });
    expect(await run("slake", { part: "en" })).toMatchObject({ kept: 1, dropped: { "other-language": 1 } });
  });
});

describe("path-vqa", () => {
  it("counts through the pieces of a split, and knows the same picture again", async () => {
    const rows = [
      { id: "1", options: "", answer: "no" },
      { id: "2", options: "", answer: "liver" },
    ];
    await put({
      "data/test-00000-of-00002.parquet": await mmmu("x", rows, "image"),
      "data/test-00001-of-00002.parquet": await mmmu("x", rows.slice(1), "image"),
    });
    const found = await run("path-vqa");
    expect(found.records.map((q) => [q.id, q.tags.type])).toEqual([
      ["path-vqa:test/0", "closed"],
      ["path-vqa:test/1", "open"],
      ["path-vqa:test/2", "open"],
    ]);
    expect(found.images).toBe(2);
    expect(found.records[0].group.image).toBe(found.records[2].group.image);
  });
});

it("a picture that is cut off costs its question, though its header is whole", async () => {
  const whole = await film(7);
  const row = { img_name: "a.png", question: "Which?", answer: "CT", q_lang: "en", qid: 1 };
  await put({
    "test.json": JSON.stringify([row, { ...row, qid: 2, img_name: "b.png" }]),
    "imgs/a.png": whole,
    "imgs/b.png": whole.subarray(0, whole.length - 20),
  });
  expect(await run("slake")).toMatchObject({ kept: 1, dropped: { "image-unreadable": 1 } });
});
