import { describe, expect, it } from "vitest";
import { film, lines, sourceFolder, zip } from "../../test/support/source-folder.ts";

/** All records are invented; only their shapes are those of the published files. */
const source = sourceFolder();
const { put, run } = source;

describe("pmc-vqa", () => {
  it("reads the first shape, with blanks before its names and letters before its choices", async () => {
    await put({
      "test_clean.csv":
        "Figure_path, Question , Answer, Choice A, Choice B, Choice C, Choice D, Answer_label\nPMC1_f1.jpg,What?,Left, A: Right , B: Left,C: Up, D: Down,B\nPMC1_f1.jpg,What?,Left,A: ,B: Left,C: Up,D: Down,B\n",
      "images.zip": zip({ "images/PMC1_f1.jpg": await film(1) }),
    });
    const found = await run("pmc-vqa");
    expect(found).toMatchObject({ kept: 1, dropped: { malformed: 1 } });
    expect(found.records[0]).toMatchObject({
      id: "pmc-vqa:test-clean/0",
      options: ["Right", "Left", "Up", "Down"],
      gold: { labels: ["B"] },
    });
  });
  it("reads the second shape, with index and caption", async () => {
    await put({
      "test_2.csv":
        "index,Figure_path,Caption,Question,Choice A,Choice B,Choice C,Choice D,Answer,split\n9,f.jpg,A caption,What?,w,x,y,z,D,test\n",
      "figures/f.jpg": await film(1),
    });
    expect((await run("pmc-vqa", { part: "test-2" })).records[0]).toMatchObject({
      id: "pmc-vqa:test-2/9",
      findings: "A caption",
      gold: { labels: ["D"] },
    });
  });
});

describe("omnimedvqa", () => {
  const row = {
    dataset: "ACRIMA",
    question_id: "ACRIMA_0000",
    question_type: "Modality Recognition",
    question: "How was it taken?",
    gt_answer: "Fundus imaging",
    image_path: "Images/ACRIMA/a.png",
    option_A: "PET",
    option_B: "CT",
    option_C: "Blood",
    option_D: "fundus  imaging",
    modality_type: "Fundus Photography",
  };
  it("finds the gold text among the options, or drops the record", async () => {
    await put({
      "QA_information/Open-access/ACRIMA.json": JSON.stringify([
        row,
        { ...row, question_id: "ACRIMA_0001", gt_answer: "MRI" },
        { ...row, question_id: "ACRIMA_0002", option_D: undefined, gt_answer: "CT" },
      ]),
      "QA_information/Restricted-access/X.json": JSON.stringify([row]),
      "Images/ACRIMA/a.png": await film(9),
    });
    const found = await run("omnimedvqa");
    expect(found).toMatchObject({ kept: 2, dropped: { "answer-not-an-option": 1 } });
    expect(found.records[0]).toMatchObject({
      id: "omnimedvqa:ACRIMA_0000",
      gold: { labels: ["D"] },
      tags: { modality: "fundus", task: "Modality Recognition", dataset: "ACRIMA" },
    });
    expect(found.records[1].options).toHaveLength(3);
  });
});

describe("openstax figures", () => {
  it("are passages with their pictures", async () => {
    await put({
      "figures.jsonl": lines(
        {
          id: "fig-0",
          image: "images/a.jpg",
          module: "m",
          section: "s",
          title: "Heart",
          caption: "It beats.",
          alt: "A drawing.",
        },
        { id: "fig-1", image: "images/b.jpg", title: "Lung", caption: "", alt: "" },
      ),
      "images/a.jpg": await film(1),
    });
    const found = await run("openstax", { part: "figures", out: source.path("out", "f.passages.jsonl") });
    expect(found).toMatchObject({ record: "passage", kept: 1, dropped: { "image-missing": 1 }, images: 1 });
    expect(found.records[0]).toMatchObject({
      record: "passage",
      text: "Heart\nIt beats.\nA drawing.",
      images: [{ role: "figure" }],
      licence: "CC-BY-3.0",
    });
    expect(found.data.histograms["text length in words"]).toEqual({ "1–8": 1 });
  });
});

describe("mmedpo", () => {
  const pair = (id: number, image: string, chosen = " Yes", asked = "<image>\nIs it clear?") => ({
    id,
    image,
    conversations: [
      { from: "human", value: asked },
      { from: "gpt", value: chosen },
    ],
    rejected_conversations: [
      { from: "human", value: "<image>\nIs it clear?" },
      { from: "gpt", value: " No, it is not." },
    ],
    weighted_score: 0.8,
  });
  it("gives preference pairs with their weight, its pictures from elsewhere", async () => {
    await put({
      "vqa-rad_dpo_weighted.json": JSON.stringify([
        pair(0, "a.jpg"),
        pair(1, "a.jpg", " "),
        pair(2, "a.jpg", " Yes", "<image>\nOther?"),
      ]),
      "../rad/images/a.jpg": await film(2),
    });
    await expect(run("mmedpo")).rejects.toMatchObject({ code: "IMPORT_NO_IMAGES" });
    const found = await run("mmedpo", {
      images: source.path("rad"),
      out: source.path("out", "m.pairs.jsonl"),
    });
    expect(found).toMatchObject({ record: "preference-pair", kept: 1, dropped: { malformed: 2 } });
    const [made] = found.records;
    expect(made).toMatchObject({
      question: { id: "mmedpo:0", stem: "Is it clear?", options: ["yes", "no"], gold: { labels: ["A"] } },
      chosen: { text: "Yes", images: "real", answer: { status: "found", labels: ["A"] } },
      rejected: { text: "No, it is not." },
      weight: 0.8,
      margin: 0,
      negativeKind: "published",
      split: "train",
      licence: "Apache-2.0",
    });
    expect(made.chosen.imageHashes).toEqual([made.question.images[0].sha256]);
  });
});
