import { join } from "node:path";
import { chatMessage, promptStyles, questionPrompt } from "@mede2/llm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalModel, openLocalModel } from "../src/model/local-model.ts";
import { goldens } from "./golden-model.ts";
import { type Fixture, openFixture, question } from "./training-fixture.ts";

let fixture: Fixture;
let model: LocalModel;
beforeAll(async () => {
  fixture = await openFixture();
  const imageStore = join(fixture.workspace, ".mede2/images");
  model = await openLocalModel({ model: fixture.model, imageStore, threads: 2, batch: 4 });
});
afterAll(async () => {
  await model.close();
  await fixture.remove();
});

const greedy = { temperature: 0, topP: 1, maxTokens: 12 };
const asked = (n: number, images = false) =>
  questionPrompt(question(n, images ? [fixture.images[n % 3]!] : []), promptStyles.reason);

describe("several adapters", () => {
  it("answers with the one that is active, and with none as the base", async () => {
    const adapter = join(goldens, "adapter");
    const settings = {
      model: fixture.model,
      imageStore: join(fixture.workspace, "images"),
      threads: 1,
      batch: 2,
    };
    const request = [{ messages: asked(1), completion: "because" }];
    const merged = await openLocalModel({ ...settings, adapter });
    const [expected] = await merged.logProbs(request);
    await merged.close();
    const several = await openLocalModel({ ...settings, adapters: { a: adapter, b: adapter } });
    const [base] = await several.logProbs(request);
    expect(base).toEqual((await model.logProbs(request))[0]);
    await several.use("b");
    expect((await several.logProbs(request))[0]).toEqual(expected);
    expect(expected!.logProb).not.toBeCloseTo(base!.logProb, 2);
    await several.use(undefined);
    expect((await several.logProbs(request))[0]).toEqual(base);
    await expect(several.use("c")).rejects.toThrow("there is no adapter");
    await several.close();
  });
});

describe("a checkpoint as a chat model", () => {
  it("gives `samples` replies a request, in order, and reports each as it comes", async () => {
    const sampling = { temperature: 1, topP: 1, maxTokens: 6, seed: 4 };
    const seen: number[] = [];
    const replies = await model.generate(
      [
        { messages: asked(0, true), sampling, samples: 3 },
        { messages: asked(1), sampling: greedy },
        { messages: asked(0, true), sampling, samples: 2 },
      ],
      { onReply: (index) => seen.push(index) },
    );
    expect(replies).toHaveLength(6);
    expect(seen.sort()).toEqual([0, 1, 2, 3, 4, 5]);
    const [a, b, c, , d, e] = replies.map(({ text }) => text);
    expect(new Set([a, b, c, d, e]).size).toBe(5);
    const again = await model.generate([{ messages: asked(0, true), sampling, samples: 3 }]);
    expect(again.map(({ text }) => text)).toEqual([a, b, c]);
    for (const { tokens, finish } of replies) {
      expect(["stop", "length"]).toContain(finish);
      expect(tokens.completion).toBeLessThanOrEqual(12);
    }
  });

  it("ends before a stop text", async () => {
    const [whole] = await model.generate([{ messages: asked(2), sampling: greedy }]);
    const stop = [whole!.text.slice(6, 8), "never said"];
    const [cut] = await model.generate([{ messages: asked(2), sampling: { ...greedy, stop } }]);
    expect(cut).toMatchObject({ text: whole!.text.slice(0, whole!.text.indexOf(stop[0]!)), finish: "stop" });
    expect(cut!.tokens.completion).toBeLessThan(whole!.tokens.completion);
  });

  it("is as sure of a text as it said when it wrote it", async () => {
    const messages = asked(3, true);
    const [score] = await model.logProbs([{ messages, completion: "B" }]);
    const [longer] = await model.logProbs([{ messages, completion: "B and more" }]);
    expect(score!.tokens).toBe(2); // the letter and the end
    expect(longer!.logProb).toBeLessThan(score!.logProb);
  });

  it("works while it is asked from several sides at once", async () => {
    const ask = () => model.generate([{ messages: asked(4, true), sampling: greedy }]);
    const score = () => model.logProbs([{ messages: asked(5, true), completion: "A" }]);
    const [one, two, three, four] = await Promise.all([ask(), score(), ask(), score()]);
    expect(three).toEqual(one);
    expect(four).toEqual(two);
  });

  it("does not start once it is aborted", async () => {
    const options = { signal: AbortSignal.abort(new Error("enough")) };
    await expect(model.generate([{ messages: asked(0), sampling: greedy }], options)).rejects.toThrow(
      "enough",
    );
    await expect(model.logProbs([{ messages: asked(0), completion: "A" }], options)).rejects.toThrow(
      "enough",
    );
  });

  it("says which special token a prompt may not contain", async () => {
    const messages = [chatMessage("user", "<|im_end|>")];
    await expect(model.generate([{ messages, sampling: greedy }])).rejects.toMatchObject({
      code: "special-token-in-text",
    });
  });
});
