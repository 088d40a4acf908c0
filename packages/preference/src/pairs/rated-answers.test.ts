import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isCorrect } from "@mede2/answers";
import { ratedAnswerSchema, readAllJsonl, recordId, writeJsonlAtomic } from "@mede2/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomCandidates } from "../../test/support/candidates.ts";
import { passesGates } from "../index.ts";
import { buildRatedAnswersFile } from "./rated-answers.ts";

let folder: string;
const candidates = () => join(folder, "rated.candidates.jsonl");
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mede2-rated-"));
  await writeJsonlAtomic(candidates(), randomCandidates(120, 6, 1));
});
afterAll(() => rm(folder, { recursive: true }));

async function build(settings: object = {}) {
  const out = join(folder, "made.rated.jsonl");
  const counts = await buildRatedAnswersFile({ candidates: candidates(), out }, settings);
  return { counts, answers: await readAllJsonl(out, ratedAnswerSchema) };
}

describe("answers judged one by one", () => {
  it("keep every rule, and both sides weigh the same in all", async () => {
    const { counts, answers } = await build({ plan: "ward" });
    expect(answers.length).toBe(counts.answers);
    expect(counts.desirable + counts.undesirable).toBe(counts.answers);
    expect(Math.min(counts.desirable, counts.undesirable)).toBeGreaterThan(20);
    const weights = { true: 0, false: 0 };
    const perSide = new Map<string, number>();
    for (const answer of answers) {
      const { question, trace, rating, desirable, weight, provenance } = answer;
      expect(answer.id).toBe(recordId(answer));
      expect(provenance).toMatchObject({ plan: "ward", parents: [trace.id] });
      const right = isCorrect(trace.answer, question.gold);
      if (desirable) expect([right, passesGates(rating), rating.total! >= 0.5]).toEqual([true, true, true]);
      else expect(trace.answer.status).toBe("found");
      weights[`${desirable}`] += weight;
      const key = `${question.id} ${desirable}`;
      perSide.set(key, (perSide.get(key) ?? 0) + 1);
    }
    expect(weights.true).toBeCloseTo(counts.answers / 2, 2);
    expect(weights.false).toBeCloseTo(counts.answers / 2, 2);
    expect(Math.max(...perSide.values())).toBeLessThanOrEqual(4);
    const rightBut = answers.filter(
      ({ desirable, trace, question }) => !desirable && isCorrect(trace.answer, question.gold),
    );
    expect(rightBut.length).toBe(counts.rightButUndesirable);
  });

  it("leave out what lies between two bounds, and keep the clearest of each side", async () => {
    const wide = await build({ desirableFrom: 0.8, undesirableTo: 0.3, perSide: 1, weight: "equal" });
    expect(wide.counts.dropped.between).toBeGreaterThan(0);
    expect(wide.counts.dropped["per-side"]).toBeGreaterThan(0);
    for (const { desirable, rating, weight } of wide.answers) {
      expect(weight).toBe(1);
      if (desirable) expect(rating.total!).toBeGreaterThanOrEqual(0.8 - 1e-9);
    }
  });

  it("by outcome alone: right is desirable, wrong is not", async () => {
    const { answers } = await build({ outcomeOnly: true });
    for (const { trace, question, desirable } of answers)
      expect(isCorrect(trace.answer, question.gold)).toBe(desirable);
    expect(answers[0]!.provenance).toMatchObject({ control: "outcome-only" });
  });

  it("depend on content alone, and stop at a limit", async () => {
    const [first, again] = [await build(), await build()];
    expect(again.counts.sha256).toBe(first.counts.sha256);
    const limited = await build({ limit: 7 });
    expect([limited.counts.answers, limited.answers.length]).toEqual([7, 7]);
  });

  it("are refused where one side is empty, bounds cross, or nothing was rated", async () => {
    await expect(build({ desirableFrom: 2 })).rejects.toMatchObject({ code: "one-sided" });
    await expect(build({ undesirableTo: 0.9 })).rejects.toMatchObject({ code: "invalid-settings" });
    const bare = randomCandidates(2, 2, 1).map((one) => ({ ...one, ratings: [] }));
    const path = join(folder, "bare.candidates.jsonl");
    await writeJsonlAtomic(path, bare);
    await expect(
      buildRatedAnswersFile({ candidates: path, out: join(folder, "x.rated.jsonl") }),
    ).rejects.toMatchObject({ code: "unrated" });
  });
});
