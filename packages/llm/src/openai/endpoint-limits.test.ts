import { describe, expect, it } from "vitest";
import { delta, problem, streamText } from "../../test/misbehaving-server.ts";
import { ask, openEndpoint } from "../../test/open-endpoint.ts";
import { createBudget, openAiModel } from "../index.ts";

describe("keys", () => {
  const key = "sk-very-secret-123";

  it("go into the header and never into an error or event", async () => {
    const { model, server, events } = await openEndpoint(
      (seen, response, count) => problem(response, count === 1 ? 500 : 400, `bad key? ${seen.authorization}`),
      { env: { MEDE2_API_KEY: key } },
    );
    const replies = await model.generate([ask()]);
    expect(server.seen[0]!.authorization).toBe(`Bearer ${key}`);
    expect(JSON.stringify([replies, events])).not.toContain(key);
    expect(replies[0]!.error!.message).toContain("Bearer [key]");
    const refused = await openEndpoint((seen, response) => problem(response, 401, seen.authorization!), {
      env: { MEDE2_API_KEY: key },
    });
    const error = await refused.model.generate([ask()]).catch((one: Error) => one);
    expect(String((error as Error).stack)).not.toContain(key);
  });

  it("go to nobody without encryption, and OpenAI's only to OpenAI", () => {
    const open = (url: string, env: Record<string, string>, keyName?: string) => () =>
      openAiModel({ url, model: "m", env, ...(keyName === undefined ? {} : { keyName }) });
    expect(open("http://example.org/v1", { MEDE2_API_KEY: key })).toThrow(
      expect.objectContaining({ code: "insecure-key" }),
    );
    expect(open("http://example.org/v1", { OPENAI_API_KEY: key })).not.toThrow();
    expect(open("https://example.org/v1", {}, "OTHER_KEY")).toThrow(
      expect.objectContaining({ code: "no-key" }),
    );
    expect(open("https://me:secret@example.org/v1", {})).toThrow(
      expect.objectContaining({ code: "bad-url" }),
    );
    expect(open("ftp://example.org", {})).toThrow(expect.objectContaining({ code: "bad-url" }));
  });
});

describe("budget", () => {
  it("ends the batch before it is passed, with what was answered", async () => {
    const budget = createBudget({ tokens: 200 });
    const { model } = await openEndpoint((_, response) => streamText(response, "B"), {
      budget,
      concurrency: { most: 1 },
    });
    const replies: string[] = [];
    const done = model.generate(
      Array.from({ length: 50 }, (_, at) => ask(String(at))),
      { onReply: (_, { text }) => replies.push(text) },
    );
    await expect(done).rejects.toMatchObject({ code: "budget-spent" });
    expect(replies.length).toBe(8); // 16 tokens each; the next may need 9 + 64
    expect(budget.spent).toMatchObject({ requests: 8, tokens: { prompt: 88, completion: 40 }, estimated: 0 });
  });

  it("counts money, and estimates where a server counts nothing", async () => {
    const budget = createBudget({ money: 1, prices: { prompt: 1, completion: 10 } });
    const { model } = await openEndpoint(
      (_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.end(delta({ content: "B" }, "stop"));
      },
      { budget },
    );
    await model.generate([ask()]);
    expect(budget.spent.estimated).toBe(1);
    expect(budget.spent.money).toBeCloseTo((12 + 640) / 1e6, 5);
    expect(() => createBudget({ money: 1 })).toThrow(RangeError);
  });
});

it("adapts: under a server that takes three at a time all is answered and the limit settles low", async () => {
  let [running, refused] = [0, 0];
  const { model } = await openEndpoint(
    async (_, response) => {
      if (running >= 3) {
        refused += 1;
        return problem(response, 429, "too many");
      }
      running += 1;
      await new Promise((done) => setTimeout(done, 5));
      running -= 1;
      streamText(response, "B");
    },
    { concurrency: { start: 32, most: 32 }, retry: { attempts: 50 } },
  );
  const replies = await model.generate(Array.from({ length: 80 }, (_, at) => ask(String(at))));
  expect(replies.every(({ text }) => text === "B")).toBe(true);
  expect(model.concurrency.limit).toBeLessThan(9);
  expect(refused).toBeLessThan(80);
});
