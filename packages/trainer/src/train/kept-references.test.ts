import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { goldenExamples, goldenModel, goldenTensors } from "../../test/golden-model.ts";
import { keptScores, modelHash, scoresKey } from "./kept-references.ts";

let workspace = "";
beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), "mede2-references-"));
});
afterAll(() => rm(workspace, { recursive: true }));

const scores = [
  [-1.5, -2.25],
  [-0.1, -1e-9],
] as const;

it("computes once, gives the same bits afterwards, and computes anew what is damaged or of another number", async () => {
  let computed = 0;
  const get = (count = 2) =>
    keptScores(workspace, "key", count, async () => {
      computed += 1;
      return scores.slice(0, count);
    });
  expect(await get()).toEqual({ scores, known: false });
  expect(await get()).toEqual({ scores, known: true });
  expect(computed).toBe(1);
  const file = join(workspace, ".mede2/references/key.json");
  await writeFile(file, (await readFile(file, "utf8")).slice(0, 40));
  expect(await get()).toEqual({ scores, known: false });
  expect((await get(1)).known).toBe(false);
  expect(computed).toBe(3);
  expect(await readdir(join(workspace, ".mede2/references"))).toEqual(["key.json"]);
});

it("has another key for other weights, tokens, supervision, pictures or ways to compute", () => {
  const model = goldenModel("checkpoint");
  const tensors = goldenTensors("generation.safetensors");
  const [text, image] = ["text", "image"].map(
    (name) => goldenExamples(tensors, `${name}.`, 1, model, () => true).examples[0]!,
  ) as [ReturnType<typeof goldenExamples>["examples"][0], ReturnType<typeof goldenExamples>["examples"][0]];
  const hash = modelHash(model);
  const changed = goldenModel("checkpoint");
  changed.parameters.get("model.norm.weight")![0]! += 1e-3;
  const key = (over: Partial<typeof image> = {}, reference = hash, threads = 1) =>
    scoresKey(reference, [[text, { ...image, ...over }]], ["cpu", threads, 2]);
  const tokens = image.tokens.slice();
  tokens[0]! += 1;
  const supervised = image.supervised.slice();
  supervised[3] = 1 - supervised[3]!;
  const [first] = image.images;
  const other = { ...first!, ref: { ...first!.ref, sha256: "f".repeat(64) } };
  const keys = [
    key(),
    key({ tokens }),
    key({ supervised }),
    key({ images: [other] }),
    key({ images: [] }),
    key({}, modelHash(changed)),
    key({}, hash, 2),
  ];
  expect(new Set(keys).size).toBe(keys.length);
  expect(key({}, modelHash(goldenModel("checkpoint")))).toBe(keys[0]);
});
