import { describe, expect, it } from "vitest";
import { type Behaviour, delta, event, problem, streamText, usage } from "../../test/misbehaving-server.ts";
import { ask, openEndpoint, sampling } from "../../test/open-endpoint.ts";
import { chatMessage } from "../index.ts";

describe("a server that behaves", () => {
  it("streams text, usage and its own name; the body is what servers expect", async () => {
    const { model, server } = await openEndpoint((_, response) =>
      streamText(response, "Right effusion, \\boxed{B} – ü"),
    );
    const [reply] = await model.generate([ask()]);
    expect(reply).toEqual({
      ...{ text: "Right effusion, \\boxed{B} – ü", finish: "stop", finishRaw: "stop", model: "served-1" },
      tokens: { prompt: 11, completion: 5 },
    });
    expect(server.seen).toEqual([
      {
        path: "/v1/chat/completions",
        authorization: undefined,
        body: {
          ...{ model: "m", messages: [{ role: "user", content: "What is it?" }], temperature: 0, top_p: 1 },
          ...{ max_tokens: 64, seed: 5, stream: true, stream_options: { include_usage: true } },
        },
      },
    ]);
  });

  it("reads reasoning under both names, once where a server sends both", async () => {
    const { model } = await openEndpoint((_, response, count) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const piece = (text: string) =>
        count === 1
          ? { reasoning: text }
          : count === 2
            ? { reasoning_content: text }
            : { reasoning: text, reasoning_content: text };
      response.write(delta(piece("A shadow ")));
      response.write(delta(piece("on the right.")));
      response.write(delta({ content: "B" }, "stop"));
      response.end(event("[DONE]"));
    });
    const replies = await model
      .generate([ask()])
      .then(async (first) => [
        ...first,
        ...(await model.generate([ask()])),
        ...(await model.generate([ask()])),
      ]);
    expect(replies.map(({ text, reasoning, reasoningField }) => [text, reasoning, reasoningField])).toEqual([
      ["B", "A shadow on the right.", "reasoning"],
      ["B", "A shadow on the right.", "reasoning_content"],
      ["B", "A shadow on the right.", "reasoning"],
    ]);
    expect(replies[0]).toMatchObject({ uncounted: true, tokens: { prompt: 0, completion: 0 } });
  });

  it("sums log-probabilities, and has none where one is missing", async () => {
    const { model, server } = await openEndpoint(
      (_, response, count) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        const piece = (logprob: number | null) =>
          event({
            choices: [
              { index: 0, delta: { content: "x" }, logprobs: { content: [{ token: "x", logprob }] } },
            ],
          });
        response.write(piece(-0.5));
        response.write(piece(count === 1 ? -0.25 : null));
        response.end(delta({}, "length"));
      },
      { logProbs: true, concurrency: { most: 1 } },
    );
    const [first, second] = await model.generate([ask("1"), ask("2")]);
    expect(first).toMatchObject({
      text: "xx",
      finish: "length",
      logProb: -0.75,
      tokenLogProbs: [-0.5, -0.25],
    });
    expect(second!.logProb).toBeUndefined();
    expect(server.seen[0]!.body).toMatchObject({ logprobs: true });
  });

  it("asks for samples one by one with seeds of their own, or together and for what is missing alone", async () => {
    const separate = await openEndpoint((seen, response) => streamText(response, `s${seen.body.seed}`));
    const three = { ...ask(), samples: 3 };
    expect((await separate.model.generate([three, ask()])).map(({ text }) => text)).toEqual([
      "s5",
      "s6",
      "s7",
      "s5",
    ]);
    const together = await openEndpoint(
      (seen, response) => {
        if (seen.body.n === undefined) return streamText(response, `alone ${seen.body.seed}`);
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(delta({ content: "b" }, "stop", 1));
        response.write(delta({ content: "a" }, "stop", 0));
        response.end(usage(9, 2));
      },
      { manySamples: "together" },
    );
    const replies = await together.model.generate([three]);
    expect(replies.map(({ text }) => text)).toEqual(["a", "b", "alone 7"]);
    expect(replies[0]).toMatchObject({ uncounted: true, tokens: { prompt: 9, completion: 0 } });
  });

  it("sends images as data URLs, and will not ask without a reader", async () => {
    const image = { sha256: "a".repeat(64), mime: "image/png", width: 28, height: 28 };
    const request = { messages: [chatMessage("user", "This?", [image])], sampling };
    const behaviour: Behaviour = (_, response) => streamText(response, "B");
    const { model, server } = await openEndpoint(behaviour, {
      readImage: async () => new Uint8Array([1, 2, 3]),
    });
    await model.generate([request]);
    expect((server.seen[0]!.body.messages as object[])[0]).toEqual({
      role: "user",
      content: [
        { type: "image_url", image_url: { url: "data:image/png;base64,AQID" } },
        { type: "text", text: "This?" },
      ],
    });
    const blind = await openEndpoint(behaviour);
    await expect(blind.model.generate([request])).rejects.toMatchObject({ code: "no-image-reader" });
  });

  it("takes a whole JSON reply where a stream was asked for", async () => {
    const { model } = await openEndpoint((_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(
        JSON.stringify({
          choices: [{ index: 0, message: { role: "assistant", content: "B" }, finish_reason: "stop" }],
          usage: { prompt_tokens: 3, completion_tokens: 1 },
        }),
      );
    });
    expect(await model.generate([ask()])).toMatchObject([
      { text: "B", tokens: { prompt: 3, completion: 1 } },
    ]);
  });
});

describe("a server that misbehaves", () => {
  it("429 with Retry-After: waits as long as it was told, halves the concurrency once, and goes on", async () => {
    const { model, waits, events, server } = await openEndpoint(
      (_, response, count) =>
        count <= 4 ? problem(response, 429, "slow down", { "retry-after": "7" }) : streamText(response, "B"),
      { concurrency: { start: 4, most: 4 } },
    );
    const replies = await model.generate(Array.from({ length: 12 }, (_, at) => ask(String(at))));
    expect(replies.every(({ text }) => text === "B")).toBe(true);
    expect(waits.filter((wait) => wait === 7000).length).toBeGreaterThanOrEqual(4);
    expect(events.filter(({ type }) => type === "limit")).toEqual([{ type: "limit", concurrency: 2 }]);
    expect(server.seen).toHaveLength(16);
  });

  it("a cut stream, a connection that dies, and half a UTF-8 character: asked again", async () => {
    const { model, server, events } = await openEndpoint((_, response, count) => {
      if (count > 3) return streamText(response, "whole");
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(delta({ content: "hal" }), () =>
        count === 2 ? response.destroy() : response.end(count === 3 ? Buffer.from([0xc3]) : ""),
      );
    });
    expect(await model.generate([ask()])).toMatchObject([{ text: "whole", finish: "stop" }]);
    expect(server.seen).toHaveLength(4);
    expect(events.map((one) => (one.type === "retry" ? one.code : one.type))).toEqual([
      "cut-off",
      "network",
      "cut-off",
    ]);
  });

  it("silence and a slow drip: both limits end it", async () => {
    const { model, events } = await openEndpoint(
      (_, response, count) => {
        if (count > 2) return streamText(response, "B");
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(delta({ content: "x" }));
        if (count === 1) return; // then nothing
        const drip = setInterval(() => response.write(": still here\n"), 20);
        response.on("close", () => clearInterval(drip));
      },
      { timeouts: { firstByteSeconds: 5, idleSeconds: 0.15, totalSeconds: 0.6 } },
    );
    expect(await model.generate([ask()])).toMatchObject([{ text: "B" }]);
    const messages = events.flatMap((one) => (one.type === "retry" ? [one.message] : []));
    expect(messages).toEqual(["no end within 0.15 s of silence", "no end within 0.6 s"]);
  });

  it("no JSON, JSON of another shape, an error in the stream, nothing at all: an error reply after the last attempt, the batch goes on", async () => {
    const bad = [
      event("{half"),
      event({ choices: "none" }),
      event({ error: { message: "out of memory", code: 500 } }),
      "",
    ];
    const { model } = await openEndpoint(
      (seen, response) => {
        const at = Number((seen.body.messages as { content: string }[])[0]!.content);
        if (at >= bad.length) return streamText(response, "fine");
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.end(bad[at]);
      },
      { retry: { attempts: 2 } },
    );
    const replies = await model.generate([0, 1, 2, 3, 4].map((at) => ask(String(at))));
    expect(replies.map(({ finish, error }) => error?.code ?? finish)).toEqual([
      "bad-json",
      "bad-reply",
      "server-500",
      "cut-off",
      "stop",
    ]);
    expect(replies[2]!.error!.message).toBe("out of memory (asked 2 times)");
  });

  it("refusals, filters, and ends that nobody knows", async () => {
    const { model } = await openEndpoint((seen, response) => {
      const kind = (seen.body.messages as { content: string }[])[0]!.content;
      response.writeHead(200, { "content-type": "text/event-stream" });
      if (kind === "refusal") {
        response.write(delta({ refusal: "I cannot " }));
        response.write(delta({ refusal: "say." }, "stop"));
      } else response.write(delta({ content: "so far" }, kind));
      response.end(usage(1, 1));
    });
    const replies = await model.generate(["refusal", "content_filter", "length", "tool_calls"].map(ask));
    expect(replies.map(({ finish, text, finishRaw }) => [finish, text, finishRaw])).toEqual([
      ["refused", "I cannot say.", "stop"],
      ["refused", "so far", "content_filter"],
      ["length", "so far", "length"],
      ["error", "so far", "tool_calls"],
    ]);
  });

  it("a bad request is one error reply and is not asked again", async () => {
    const { model, server } = await openEndpoint((_, response) =>
      problem(response, 400, "the prompt is too long"),
    );
    expect(await model.generate([ask()])).toMatchObject([
      { finish: "error", error: { code: "http-400", message: "400: the prompt is too long" } },
    ]);
    expect(server.seen).toHaveLength(1);
  });

  it("a wrong key, an unknown model, a spent account: the batch ends with what to do", async () => {
    for (const [status, code] of [
      [401, "unauthorised"],
      [404, "no-such-model"],
      [402, "quota-spent"],
    ] as const) {
      const { model } = await openEndpoint((_, response) => problem(response, status, "no"));
      await expect(model.generate([ask(), ask("2")])).rejects.toMatchObject({ name: "LlmError", code });
    }
  });

  it("redirects are not followed", async () => {
    const { model, server } = await openEndpoint(
      (_, response) => {
        response.writeHead(307, { location: "/v1/elsewhere" });
        response.end();
      },
      { retry: { attempts: 1 } },
    );
    expect(await model.generate([ask()])).toMatchObject([{ finish: "error", error: { code: "network" } }]);
    expect(server.seen).toHaveLength(1);
  });

  it("stops when it is told to, in the middle of a stream", async () => {
    const controller = new AbortController();
    const { model } = await openEndpoint((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(delta({ content: "x" }), () => controller.abort(new Error("enough")));
    });
    await expect(model.generate([ask(), ask("2")], { signal: controller.signal })).rejects.toThrow("enough");
  });
});
