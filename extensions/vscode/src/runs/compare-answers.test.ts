import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { toComparisonSchema } from "../protocol/run-messages.ts";
import { compareAnswers } from "./compare-answers.ts";

const ward = fileURLToPath(new URL("../../e2e/fixtures/ward/evaluations", import.meta.url));
const graded = (path: string) => ({ path, bytes: statSync(path).size, modified: statSync(path).mtimeMs });
const workspace = mkdtempSync(join(tmpdir(), "mede2-answers-"));
/** The recorded evaluations; that of the base model as if a run had made it, as those of the two stages hardly differ. */
const files = ["base", "stage1", "stage2"].map((stage) => {
  const text = readFileSync(join(ward, `${stage}-ward`, "ward.evaluation.jsonl"), "utf8");
  const path = join(workspace, `${stage}.evaluation.jsonl`);
  writeFileSync(path, text.replaceAll("models/tiny", "runs/0-base/checkpoints/step-1"));
  return graded(path);
});
const rights = (path: string, images: string) =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter((record) => record.images === images)
    .map(({ questionId, outcome }) => [questionId, outcome.correct] as const);

it("lays the graded answers of two runs' checkpoints over each other, by question and condition", async () => {
  const runs = [
    { id: "0-base", dir: "/w/runs/0-base" },
    { id: "4-stage2", dir: "/w/runs/4-stage2" },
  ];
  const found = (await compareAnswers(runs, files))!;
  const [one, two] = [files[0]!, files[2]!].map(({ path }) => new Map(rights(path, "real")));
  const count = (map: ReadonlyMap<string, boolean>) =>
    `${[...map.values()].filter(Boolean).length} of ${map.size}`;
  expect(found.totals[0]).toEqual({
    ...{ name: "ward", values: [count(one!), count(two!)], differ: count(one!) !== count(two!) },
  });
  const parting = [...one!].filter(([id, right]) => two!.get(id) !== right).map(([id]) => id);
  expect(found.rows.filter(({ set }) => set === "ward").map(({ question }) => question)).toEqual(parting);
  expect(parting.length).toBeGreaterThan(0);
  expect(found.totals.map(({ name }) => name)).toEqual(["ward", "ward, swapped images"]);
  const { places, ...shown } = found;
  expect(toComparisonSchema.safeParse({ type: "answers", ...shown }).success).toBe(true);
  const place = places[0]![1]!;
  const line = readFileSync(place.path, "utf8").split("\n")[place.line - 1]!;
  expect(JSON.parse(line).questionId).toBe(found.rows[0]!.question);
});

it("takes those in the folder of a run, whatever their model is called, and the newer of two files", async () => {
  const dirs = ["a", "b"].map((id) => ({ id, dir: join(workspace, "runs", id) }));
  const [line] = readFileSync(files[0]!.path, "utf8").split("\n");
  const record = JSON.parse(line!);
  const write = (run: number, name: string, correct: boolean, modified: number) => {
    const folder = join(dirs[run]!.dir, "traces");
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${name}.evaluation.jsonl`);
    writeFileSync(path, `${JSON.stringify({ ...record, outcome: { correct } })}\nno record\n`);
    return { ...graded(path), modified };
  };
  const old = write(0, "old", false, 1);
  const all = [write(0, "new", true, 2), old, write(1, "x", false, 1)];
  expect((await compareAnswers(dirs, all))!.rows.map(({ outcomes }) => outcomes)).toEqual([
    ["right", "wrong"],
  ]);
  expect((await compareAnswers(dirs, [old, all[2]!]))!.rows).toEqual([]);
});

it("says nothing where no question was answered by two of them", async () => {
  const strangers = ["x", "y"].map((id) => ({ id, dir: join("/w/runs", id) }));
  expect(await compareAnswers(strangers, files)).toBeUndefined();
  expect(
    await compareAnswers([{ id: "1-stage1", dir: "/w/runs/1-stage1" }, strangers[0]!], files),
  ).toBeUndefined();
});
