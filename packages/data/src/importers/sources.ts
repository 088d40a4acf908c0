import type { Importer } from "./importer.ts";

/** What is known of a published source before it is read. */
export type SourceFacts = Pick<
  Importer,
  "title" | "licence" | "revision" | "origin" | "expected" | "caveats"
>;

const rows = (of: string, counts: Readonly<Record<string, number>>, part?: string) =>
  Object.entries(counts).map(([split, count]) => ({
    split,
    ...(part === undefined ? {} : { part }),
    of,
    count,
  }));

/**
 * The sources that can be imported by name: licence, the published version that the importer was written for, counts that the publisher or
 * the paper states, and what a reader of the set must know.
 */
export const sources = {
  medqa: {
    title: "MedQA (USMLE)",
    licence: "MIT",
    revision: "jind11-2020",
    origin: "github.com/jind11/MedQA; Jin et al., Applied Sciences 11:6421 (2021), arXiv:2009.13081",
    expected: [
      ...rows("four options", { train: 10_178, dev: 1272, test: 1273 }, "op4"),
      ...rows("five options", { train: 10_178, dev: 1272, test: 1273 }, "op5"),
    ],
    caveats: ["Hugging Face's copy GBaker/MedQA-USMLE-4-options states CC-BY-4.0 for the same questions."],
  },
  medmcqa: {
    title: "MedMCQA",
    licence: "MIT",
    revision: "medmcqa-2022",
    origin: "github.com/medmcqa/medmcqa; Pal et al., CHIL 2022, arXiv:2203.14371",
    expected: rows("published files", { train: 182_822, validation: 4183 }),
    caveats: [
      "The labelled validation set is the one that is reported; the 6,150 test questions have no answers and are dropped.",
      "`cop` counts from 1 in the JSON files and from 0 on Hugging Face; the file itself decides here.",
    ],
  },
  pubmedqa: {
    title: "PubMedQA",
    licence: "MIT",
    revision: "pubmedqa-2019",
    origin: "github.com/pubmedqa/pubmedqa; Jin et al., EMNLP 2019, arXiv:1909.06146",
    expected: [
      { part: "labelled", of: "ori_pqal.json", count: 1000 },
      { part: "labelled", split: "test", of: "test_ground_truth.json", count: 500 },
      { part: "artificial", of: "ori_pqaa.json", count: 211_269 },
    ],
    caveats: [
      "55.2 % of the official test is answered with yes.",
      "The long answer says the conclusion and is left out of the question.",
    ],
  },
  medbullets: {
    title: "Medbullets",
    licence: "LicenseRef-not-stated",
    revision: "challengeclinicalqa-2024",
    origin: "github.com/HanjieChen/ChallengeClinicalQA; Chen et al., NAACL 2025, arXiv:2402.18060",
    expected: [
      { part: "op4", of: "medbullets_op4", count: 308 },
      { part: "op5", of: "medbullets_op5", count: 308 },
    ],
    caveats: [
      "Its repository states no licence: do not pass the questions on.",
      "116 questions speak of a figure that is not published; 10 questions occur twice.",
      "The letters of the four-option and of the five-option set differ.",
    ],
  },
  medxpertqa: {
    title: "MedXpertQA",
    licence: "MIT",
    revision: "v1-2025",
    origin: "github.com/TsinghuaC3I/MedXpertQA; Zuo et al., ICML 2025, arXiv:2501.18362",
    expected: [
      ...rows("published files", { dev: 5, test: 2450 }, "text"),
      ...rows("published files", { dev: 5, test: 2000 }, "mm"),
      ...rows("sampled inputs", { test: 244 }, "text-sample"),
      ...rows("sampled inputs", { test: 199 }, "mm-sample"),
    ],
    caveats: [
      "76 questions of MM share 10 stems; they have one stem group each.",
      "The options also stand in the published question text; they are taken out of it here.",
    ],
  },
  "mmlu-medical": {
    title: "MMLU, six medical subjects",
    licence: "MIT",
    revision: "hendrycks-2021",
    origin: "github.com/hendrycks/test; Hendrycks et al., ICLR 2021, arXiv:2009.03300",
    expected: rows("six subjects", { test: 1089 }),
    caveats: ["Questions come from public study sites: they are likely in what models were trained on."],
  },
  mmmu: {
    title: "MMMU, Health & Medicine",
    licence: "Apache-2.0",
    revision: "mmmu-2024",
    origin: "huggingface.co/datasets/MMMU/MMMU; Yue et al., CVPR 2024, arXiv:2311.16502",
    expected: rows("five subjects", { dev: 25, validation: 150 }, "health"),
    caveats: ["The answers of the test split are not published: its questions are dropped."],
  },
  "mmmu-pro": {
    title: "MMMU-Pro, Health & Medicine",
    licence: "Apache-2.0",
    revision: "mmmu-pro-2024",
    origin: "huggingface.co/datasets/MMMU/MMMU_Pro; Yue et al., arXiv:2409.02813",
    expected: ["standard-10", "standard-4", "vision"].flatMap((part) =>
      rows("five subjects", { test: 286 }, part),
    ),
    caveats: ["82 of the 286 questions have fewer than ten options."],
  },
  "vqa-rad": {
    title: "VQA-RAD",
    licence: "CC0-1.0",
    revision: "osf-89kps-2018",
    origin: "osf.io/89kps; Lau et al., Scientific Data 5:180251 (2018), doi:10.1038/sdata.2018.251",
    expected: [
      ...rows("trainset.json and testset.json", { train: 3064, test: 451 }, "official"),
      ...rows("Hugging Face, without duplicates", { train: 1793, test: 451 }, "official"),
      ...rows("63 of 314 images held out", { train: 2831, test: 684 }, "image-disjoint"),
    ],
    caveats: [
      "All 203 images of the official test are in the training set too: use the part image-disjoint to measure.",
      "Some pictures carry text in a footer.",
      "The modality follows from the organ as the paper states it: chest radiographs, abdominal CT, heads CT or MRI.",
    ],
  },
  slake: {
    title: "SLAKE",
    licence: "CC-BY-4.0",
    revision: "slake-1.0-2021",
    origin: "huggingface.co/datasets/BoKelvin/SLAKE; Liu et al., ISBI 2021, arXiv:2102.09542",
    expected: [
      ...rows("both languages", { train: 9835, validation: 2099, test: 2094 }, "all"),
      ...rows("English", { test: 1061 }, "en"),
    ],
    caveats: [
      "The English test has 1,061 questions on 96 images: only intervals clustered by image mean anything.",
      "Closed answers are not only yes and no.",
    ],
  },
  "path-vqa": {
    title: "PathVQA",
    licence: "MIT",
    revision: "flaviagiammarino-2023",
    origin: "huggingface.co/datasets/flaviagiammarino/path-vqa; He et al., arXiv:2003.10286",
    expected: rows("Hugging Face", { train: 19_654, validation: 6259, test: 6719 }),
    caveats: ["The figures are the publishers': MIT is the licence of the questions."],
  },
  "pmc-vqa": {
    title: "PMC-VQA",
    licence: "CC-BY-SA-4.0",
    revision: "xmcmic-2023",
    origin: "huggingface.co/datasets/xmcmic/PMC-VQA (which states CC-BY-SA); Zhang et al., arXiv:2305.10415",
    expected: [
      { part: "test-clean", split: "test", of: "test_clean.csv", count: 2000 },
      { part: "test", split: "test", of: "test.csv", count: 50_000 },
    ],
    caveats: [
      "Each figure has the licence of its article.",
      "test_clean.csv is the checked set of 2,000 questions on 1,440 figures; say which file a number is of.",
    ],
  },
  omnimedvqa: {
    title: "OmniMedVQA",
    licence: "LicenseRef-per-dataset",
    revision: "opengvlab-2024",
    origin: "huggingface.co/datasets/foreverbeliever/OmniMedVQA; Hu et al., CVPR 2024, arXiv:2402.09181",
    expected: [],
    caveats: [
      "Each of its data sets has its own licence; only the open-access part is distributed.",
      "Many questions are templates over public classification sets.",
    ],
  },
  openstax: {
    title: "OpenStax Anatomy & Physiology",
    licence: "CC-BY-3.0",
    revision: "openstax-2014",
    origin: "OpenStax College, Anatomy & Physiology, OpenStax CNX (2014)",
    expected: [
      { part: "mcq", of: "mcq.jsonl", count: 708 },
      { part: "free", of: "free_response.jsonl", count: 497 },
      { part: "figures", of: "figures.jsonl", count: 500 },
    ],
    caveats: [
      "A textbook for the first years: it teaches anatomy, not medicine.",
      "No split is published: all is in train.",
    ],
  },
  "huatuo-o1": {
    title: "HuatuoGPT-o1 reasoning",
    licence: "Apache-2.0",
    revision: "freedomintelligence-2024",
    origin:
      "huggingface.co/datasets/FreedomIntelligence/medical-o1-reasoning-SFT; Chen et al., arXiv:2412.18925",
    expected: [{ of: "demo_data.json", count: 198 }],
    caveats: [
      "The reasoning was written by GPT-4o and checked by it against the answer; some questions come from MedQA's training set.",
      "Where the source states the verified answer, it is added to the response in \\boxed{}; the rest is verbatim.",
      "Where it states none, the response itself is the answer text.",
    ],
  },
  medcalc: {
    title: "MedCalc-Bench",
    licence: "CC-BY-SA-4.0",
    revision: "medcalc-bench-1.0-2024",
    origin: "github.com/ncbi-nlp/MedCalc-Bench; Khandekar et al., NeurIPS 2024, arXiv:2406.12036",
    expected: [
      ...rows("published files", { train: 10_053, test: 1047 }, "published"),
      ...rows("audited labels", { test: 887 }, "audited"),
      { part: "traces", of: "model outputs as in its repository", count: 475 },
    ],
    caveats: [
      "Some notes come from MedQA (ids that begin with usmle): they are in its sets too.",
      "The audit (MIT) found wrong labels in the published set; a row that it marks N/A has no answer and is dropped.",
      "A number is right within the published limits: 5 % for decimals, exact for whole numbers.",
      "The published traces do not tell token counts: both stand as 0.",
    ],
  },
  mmedpo: {
    title: "MMedPO preference pairs on VQA-RAD",
    licence: "Apache-2.0",
    revision: "aiming-lab-2025",
    origin: "github.com/aiming-lab/MMedPO; Zhu et al., ICML 2025, arXiv:2412.06141",
    expected: [
      { of: "vqa-rad_dpo_weighted.json", count: 1797 },
      { split: "train", of: "images that are not held out", count: 1453 },
      { split: "held-out", of: "images of VQA-RAD's image-disjoint test", count: 344 },
    ],
    caveats: [
      "Its pictures are VQA-RAD's: give their folder with --images.",
      "Pairs on a held-out image of VQA-RAD's image-disjoint split are in the split held-out: train with --split train.",
      "Rejected answers are several times longer than chosen ones, so length alone tells them apart.",
      "Neither answer was scored here: ratings are empty, the margin is 0, the weight is the published one.",
      "The published traces do not tell token counts: both stand as 0.",
    ],
  },
} as const satisfies Readonly<Record<string, SourceFacts>>;
