import { makeTrace } from "@mede2/answers";
import { wardCases, wardChain, wardQuestion } from "@mede2/data";
import { buildPairs, scoreCandidates } from "@mede2/preference";
import type { Candidates, Question } from "@mede2/schemas";
import { describe, expect, it } from "vitest";
import { withSwappedImages, withSwappedNegative } from "./swapped-negatives.ts";

const picture = (index: number) => ({
  sha256: index.toString(16).padStart(64, "0"),
  mime: "image/png",
  width: 112,
  height: 112,
});
const cases = wardCases({ split: "stage2", count: 200, seed: 1 });
const questions: Question[] = cases.map((each, index) =>
  wardQuestion(each, { form: "image", imageRef: picture(index) as never }),
);

describe("withSwappedImages", () => {
  it("gives every question a picture of the same modality with another finding", () => {
    const byPicture = new Map(questions.map((question) => [question.images[0]!.sha256, question]));
    for (const [index, swapped] of withSwappedImages(questions, 3).entries()) {
      const from = byPicture.get(swapped.images[0]!.sha256)!;
      const own = questions[index]!;
      expect(from.tags.modality).toBe(own.tags.modality);
      expect(from.facts?.finding).not.toBe(own.facts?.finding);
      expect({ ...swapped, images: [] }).toEqual({ ...own, images: [] });
    }
    expect(withSwappedImages(questions, 3)).toEqual(withSwappedImages(questions, 3));
  });
});

describe("withSwappedNegative", () => {
  const index = 0;
  const question = questions[index]!;
  const drawn = cases[index]!;
  const say = (text: string) =>
    makeTrace({
      question,
      by: { kind: "model", name: "tiny", checkpoint: "x" },
      stage: "stage1",
      images: "real",
      promptHash: "0".repeat(64),
      sample: { index: 0, seed: 1, temperature: 0.8, topP: 1, maxTokens: 150 },
      text,
      finish: "stop",
      tokens: { prompt: 90, completion: 60 },
    });
  const chain = (answer: string) =>
    `<think>\nthe picture shows nothing.\n</think>\n\nthe answer is \\boxed{${answer}}`;
  const wrong = drawn.options.find((option) => option !== drawn.answer)!;

  it("gives nothing to prefer when no answer may be chosen", async () => {
    const [rated] = await rate({ traces: [say(chain(wrong))] });
    const after = withSwappedNegative(rated!, say(chain(wrong)));
    expect(after.traces).toHaveLength(1);
    expect(after.ratings).toEqual([]);
  });

  it("adds the answer to the swapped picture as a negative of the best one", async () => {
    const good = say(wardChain(drawn, { seed: 1, alternative: true, check: true }));
    const [rated] = await rate({ traces: [good, say(chain(wrong))] });
    const after = withSwappedNegative(rated!, say(chain(wrong).replace("nothing", "something")));
    expect(after.traces.at(-1)).toMatchObject({
      images: "swapped",
      negative: { kind: "swapped-image", from: good.id },
    });
    const [again] = await rate(after);
    const { kinds, pairs } = buildPairs([again!], { bothRightShare: 0, perCase: 3, perChosen: 2 });
    expect(kinds["swapped-image"]).toBe(1);
    expect(pairs.every(({ chosen }) => chosen.id === good.id)).toBe(true);
  });

  async function rate({ traces }: Pick<Candidates, "traces">): Promise<Candidates[]> {
    const one = { record: "candidates", v: 1, question, traces, ratings: [] } as unknown as Candidates;
    const all: Candidates[] = [];
    for await (const each of scoreCandidates([one])) all.push(each);
    return all;
  }
});
