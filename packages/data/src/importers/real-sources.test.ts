import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openImageStore } from "@mede2/images";
import { describe, expect, it } from "vitest";
import { lines, sourceFolder } from "../../test/support/source-folder.ts";
import { genericImporter } from "./generic.ts";
import { checkMapping } from "./mapping.ts";
import { importerNamed } from "./registry.ts";
import { isHeldOutImage } from "./vqa-rad-held-out.ts";

/** Published data, where somebody has them: nothing of them is in this repository. */
const data = [process.env.MEDE2_SHARED, join(import.meta.dirname, "../../../../../shared")]
  .filter((folder) => folder !== undefined)
  .map((folder) => join(folder, "data"))
  .find((folder) => existsSync(folder));
const source = sourceFolder();

/** Records that a source yields, by split, and dropped ones by reason. Pictures are not read: that is `importSource`'s. */
async function counts(name: string, folder: string, part: string, images?: string) {
  const found: Record<string, number> = {};
  const options = images === undefined ? { part } : { part, images: join(data!, images) };
  for await (const row of importerNamed(name).read(join(data!, folder), options)) {
    const key = "dropped" in row ? row.dropped : "question" in row ? row.question.split : row.passage.split;
    found[key] = (found[key] ?? 0) + 1;
  }
  return found;
}

describe.skipIf(data === undefined)(
  "published sources, whole (skipped: no MEDE2_SHARED and no ../shared)",
  () => {
    it.each([
      ["medqa", "medqa", "op4", { test: 1273 }],
      ["medmcqa", "medmcqa", "all", { validation: 4183 }],
      ["pubmedqa", "pubmedqa", "labelled", { train: 500, test: 500 }],
      ["medxpertqa", "medxpertqa", "text", { test: 1449 }],
      ["medxpertqa", "medxpertqa", "text-sample", { test: 244 }],
      ["medxpertqa", "medxpertqa", "mm", { test: 2000 }],
      ["mmlu-medical", "medxpertqa", "all", { test: 1089 }],
      ["mmmu-pro", "mmmu_pro_med", "standard-10", { test: 5 }],
      ["vqa-rad", "vqa_rad", "official", { train: 3064, test: 451 }],
      ["vqa-rad", "vqa_rad", "image-disjoint", { train: 2831, test: 684 }],
      ["chest-xray", "kermany_cxr", "cause", { train: 600, test: 624 }],
      ["openstax", "openstax_anatomy", "mcq", { train: 708 }],
      ["openstax", "openstax_anatomy", "free", { train: 497 }],
      ["openstax", "openstax_anatomy", "figures", { train: 500 }],
      ["huatuo-o1", "huatuogpt_o1_demo", "reasoning", { train: 198 }],
      ["medcalc", "medcalc_bench", "published", { test: 1047 }],
      ["medcalc", "medcalc_bench", "audited", { test: 818, "no-answer": 69 }],
      ["medcalc", "medcalc_traces", "traces", { test: 475 }],
      ["mmedpo", "mmedpo", "pairs", { train: 1453, "held-out": 344 }, "vqa_rad"],
    ] as const)("%s in %s, part %s", async (name, folder, part, expected, images?: string) => {
      expect(await counts(name, folder, part, images)).toEqual(expected);
    });

    it("MedXpertQA's MM, whose pictures are absent, ends in the error", async () => {
      await expect(
        source.run("medxpertqa", { dir: join(data!, "medxpertqa"), part: "mm" }),
      ).rejects.toMatchObject({
        code: "IMPORT_NO_IMAGES",
        message: expect.stringContaining("image-missing 2000"),
      });
    });

    it("the held-out images are those of the split that lies beside them", () => {
      const split = JSON.parse(
        readFileSync(join(data!, "vqa_rad/split_image_disjoint.json"), "utf8"),
      ) as Record<string, string[]>;
      expect(split.heldout_images!.every(isHeldOutImage)).toBe(true);
      expect(split.train_images!.some(isHeldOutImage)).toBe(false);
    });

    it("DICOM files of any kind, by a mapping: those without pixels are dropped with that reason, and no patient is in what is written", async () => {
      const dir = join(data!, "dicom_samples");
      const files = readdirSync(dir).filter((name) => name.endsWith(".dcm"));
      await source.put({
        "list.jsonl": lines(...files.map((file) => ({ file, q: "What is shown?", a: "a scan" }))),
      });
      const mapping = {
        source: "scans",
        licence: "MIT",
        revision: "1",
        split: { value: "test" },
        id: "file",
        stem: "q",
        answer: { column: "a", as: "text" },
        images: ["file"],
      };
      const found = await source.run(genericImporter(checkMapping(mapping, "map")), { images: dir });
      expect(found).toMatchObject({
        kept: 8,
        dropped: { "image-without-pixels": 2 },
        warnings: { "burned-in-text-likely": 4 },
      });
      const store = openImageStore(source.path("store"));
      const written = [
        JSON.stringify(found),
        ...found.records.map((q) => readFileSync(store.path(q.images[0]), "latin1")),
      ].join();
      for (const name of ["CompressedSamples", "JANCT000", "Test^S", "642341", "Anonymous"])
        expect(written).not.toContain(name);
    });
  },
);
