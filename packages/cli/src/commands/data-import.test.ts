import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { mede2, testFolder } from "../../test/run-cli.ts";

let cwd: string;
beforeAll(async () => {
  cwd = await testFolder();
  await mkdir(join(cwd, "medqa"));
  const row = {
    question: "Which?",
    options: { A: "a", B: "b", C: "c", D: "d" },
    answer_idx: "D",
    meta_info: "step1",
  };
  const bad = { ...row, answer_idx: "Q" };
  await writeFile(join(cwd, "medqa/test.jsonl"), `${JSON.stringify(row)}\n${JSON.stringify(bad)}\n`);
  await mkdir(join(cwd, "table"));
  await writeFile(join(cwd, "table/rows.csv"), "id,q,yes\n1,Is it?,no\n");
  const mapping = {
    ...{ source: "mine", licence: "CC0-1.0", revision: "1", split: { value: "train" }, id: "id", stem: "q" },
    answer: { column: "yes", as: "short" },
  };
  await writeFile(join(cwd, "map.json"), JSON.stringify(mapping));
});
const data = (...argv: string[]) => mede2(["data", ...argv], { cwd });

describe("data import", () => {
  it("tells what was kept, what was dropped and why, and where the card is", async () => {
    const ran = await data(
      "import",
      "medqa",
      "medqa",
      "--split",
      "test",
      "--out",
      "q.questions.jsonl",
      "--json",
    );
    expect(ran.code).toBe(0);
    expect(ran.json()).toMatchObject({
      record: "question",
      kept: 1,
      dropped: { malformed: 1 },
      images: 0,
      warnings: {},
    });
    const { card } = ran.json<{ card: string }>();
    expect(JSON.parse(await readFile(card, "utf8")).examples[0]).toMatchObject({
      reason: "malformed",
      place: { file: join(cwd, "medqa/test.jsonl"), line: 2, field: "answer_idx" },
    });
    expect(await readFile(card.replace(/json$/, "md"), "utf8")).toContain("| MIT |");
  });
  it("reads any table by a mapping", async () => {
    const ran = await data(
      "import",
      "generic",
      "table",
      "--map",
      "map.json",
      "--out",
      "mine.questions.jsonl",
      "--json",
    );
    expect(ran.json()).toMatchObject({ record: "question", kept: 1 });
    expect(JSON.parse(await readFile(join(cwd, "mine.questions.jsonl"), "utf8"))).toMatchObject({
      id: "mine:1",
      gold: { labels: ["B"] },
    });
    expect(await data("import", "generic", "table", "--out", "x.questions.jsonl")).toMatchObject({
      code: 2,
      err: expect.stringContaining("--map"),
    });
    expect(
      (await data("import", "medqa", "medqa", "--map", "map.json", "--out", "x.questions.jsonl")).code,
    ).toBe(2);
  });
  it.each([
    ["a source that it does not know", ["medqq", "."], "chest-xray"],
    ["a folder that is not this source", ["slake", "medqa"], "test.json"],
    ["a part that it has not", ["medqa", "medqa", "--part", "x"], "op4, op5"],
    ["a split that is not there", ["medqa", "medqa", "--split", "x"], "Splits in it: test"],
  ])("ends with 2 for %s, and writes nothing", async (_name, argv, said) => {
    const ran = await data("import", ...argv, "--out", "none/x.questions.jsonl");
    expect(ran.code).toBe(2);
    expect(ran.err).toContain(said);
    expect(await readdir(join(cwd, "none")).catch(() => [])).toEqual([]);
  });
  it("lists the sources with their licences", async () => {
    const { out } = await data("list");
    for (const name of ["medqa", "medxpertqa", "vqa-rad", "mmedpo", "ward", "generic"])
      expect(out).toContain(name);
    expect((await data("list", "--json")).json<{ sources: { name: string }[] }>().sources).toHaveLength(19);
  });
});
