import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isCorrect } from "@mede2/answers";
import { demonstrationSchema, type Question, readAllJsonl, writeJsonlAtomic } from "@mede2/schemas";
import { afterAll, beforeAll, expect, it } from "vitest";
import { wardCases, wardQuestion } from "../ward/index.ts";
import { directDemonstration, directDemonstrations } from "./direct.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mede2-direct-"));
});
afterAll(() => rm(folder, { recursive: true }));

const image = { sha256: "a".repeat(64), mime: "image/png", width: 8, height: 8 } as const;
const [one, two] = wardCases({ split: "stage2", count: 2, seed: 1 }).map(
  (each): Question => wardQuestion(each, { form: "text" }),
) as [Question, Question];
const seen: Question = { ...two, images: [image] };

it("says the right answer and nothing else, and is read as right", () => {
  for (const form of ["names", "labels"] as const) {
    const { trace, question } = directDemonstration(one, form)!;
    expect(isCorrect(trace.answer, question.gold), trace.text).toBe(true);
    expect(trace.reasoning).toBeNull();
  }
  const open = { ...one, options: [], gold: { text: "pneumonia", aliases: [] } };
  expect(directDemonstration(open)!.trace.text).toBe("\\boxed{pneumonia}");
  const number = { ...one, options: [], gold: { value: 6.5, unit: "mmol/L", tolerance: 0.05 } };
  expect(directDemonstration(number)!.trace.text).toBe("\\boxed{6.5 mmol/L}");
  expect(directDemonstration({ ...one, gold: { labels: ["Z"] } })).toBeUndefined();
});

it("takes the cases with pictures, each once, and counts the rest", async () => {
  const [data, out] = [join(folder, "all.questions.jsonl"), join(folder, "direct.demonstrations.jsonl")];
  await writeJsonlAtomic(data, [one, seen, seen]);
  const written = await directDemonstrations({ data, out });
  expect(written).toMatchObject({ count: 1, dropped: { "no-image": 1, "duplicate-question": 1 } });
  const [record] = await readAllJsonl(out, demonstrationSchema);
  expect([record!.question.id, record!.trace.images]).toEqual([seen.id, "real"]);
  expect(await directDemonstrations({ data, out, cases: "text" })).toMatchObject({ count: 1 });
});
