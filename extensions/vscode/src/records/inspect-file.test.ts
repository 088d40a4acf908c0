import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeInspectLog } from "@mede2/inspect-log";
import { expect, it } from "vitest";
import { caseViewSchema } from "../protocol/case-view.ts";
import { caseOf } from "./case-of.ts";
import { openInspectFile } from "./inspect-file.ts";
import { query } from "./query.ts";

const folder = mkdtempSync(join(tmpdir(), "mede2-inspect-"));
const path = join(folder, "films.eval");
const head = { task: "films", model: "tiny", created: new Date(0), dataset: { name: "films" } };
const samples = ["C", "I", "C"].map((value, at) => ({
  ...{
    id: at + 1,
    epoch: 1,
    input: "What does the film show?",
    choices: ["normal", "pneumonia"],
    target: "B",
  },
  messages: [
    { role: "user", content: "What does the film show?" },
    { role: "assistant", content: `<think>seen</think> \\boxed{${value === "C" ? "B" : "A"}}` },
  ],
  scores: { strict: { value, answer: value === "C" ? "B" : "A" } },
}));
await writeInspectLog(path, head, samples);

it("shows a log of Inspect as graded answers with their questions", async () => {
  const { file, lookup, showImage } = await openInspectFile(path, "films.eval");
  expect(file.index.count).toBe(3);
  const found = await file.read(1);
  if (!("ok" in found)) throw new Error(found.fault);
  const view = await caseOf(found.ok, 2, lookup, showImage, true);
  expect(caseViewSchema.safeParse(view).success).toBe(true);
  expect(view.question?.stem).toBe("What does the film show?");
  expect(view.columns[0]).toMatchObject({ outcome: { kind: "wrong" } });
  expect(JSON.stringify(view.columns[0]!.blocks)).toContain("boxed{A}");
  const wrong = query(
    file,
    { outcome: "wrong" },
    () => undefined,
    () => 0,
  );
  while (!(await wrong.advance(1))) {}
  expect([wrong.count, wrong.at(0)]).toEqual([1, 1]);
  await file.close();
});

it("says what is wrong with a file that is none", async () => {
  writeFileSync(join(folder, "x.eval"), "no log");
  await expect(openInspectFile(join(folder, "x.eval"), "x.eval")).rejects.toMatchObject({
    name: "InspectError",
  });
});
