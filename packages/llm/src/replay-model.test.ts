import { describe, expect, it } from "vitest";
import {
  type ChatReply,
  type ChatRequest,
  chatMessage,
  functionModel,
  imagesOf,
  type ReplayRecord,
  recordingModel,
  replayModel,
  requestKey,
  textOf,
} from "./index.ts";

const image = { sha256: "a".repeat(64), mime: "image/png", width: 8, height: 8 };
const ask = (text: string, seed = 1): ChatRequest => ({
  messages: [chatMessage("system", "Be brief."), chatMessage("user", text, [image])],
  sampling: { temperature: 1, topP: 1, maxTokens: 8, seed },
});
const reply = (text: string): ChatReply => ({ text, finish: "stop", tokens: { prompt: 5, completion: 1 } });

describe("messages", () => {
  it("put images before the text", () => {
    const { messages } = ask("What is it?");
    expect(messages[1]?.content.map((part) => part.type)).toEqual(["image", "text"]);
    expect(messages.map(textOf)).toEqual(["Be brief.", "What is it?"]);
    expect(imagesOf(messages)).toEqual([image]);
    expect(chatMessage("user", "").content).toEqual([]);
  });
});

describe("requestKey", () => {
  it("depends on all that the model sees, and on nothing else", () => {
    const key = requestKey(ask("a"));
    expect(
      requestKey({
        ...ask("a"),
        messages: [
          chatMessage("system", "Be brief."),
          chatMessage("user", "a", [{ ...image, role: "film" }]),
        ],
      }),
    ).toBe(key);
    const others = [
      ask("b"),
      ask("a", 2),
      { ...ask("a"), messages: [chatMessage("user", "a", [image])] },
      { ...ask("a"), messages: [chatMessage("system", "Be brief."), chatMessage("user", "a")] },
      { ...ask("a"), sampling: { ...ask("a").sampling, stop: ["."] } },
      { messages: ask("a").messages, completion: "x" },
    ];
    expect(new Set([key, ...others.map(requestKey)]).size).toBe(others.length + 1);
  });
});

describe("replayModel", () => {
  it("gives what was recorded, in turn, and then the last", async () => {
    const model = replayModel([
      { request: ask("a"), reply: reply("1") },
      { request: ask("b"), reply: reply("x") },
      { request: ask("a"), reply: reply("2") },
    ]);
    const order: number[] = [];
    const replies = await model.generate([ask("a"), ask("b"), ask("a"), ask("a")], {
      onReply: (index) => order.push(index),
    });
    expect(replies.map(({ text }) => text)).toEqual(["1", "x", "2", "2"]);
    expect(order).toEqual([0, 1, 2, 3]);
  });

  it("gives as many samples as are asked for, request by request", async () => {
    const model = functionModel("count", (request, sample) =>
      reply(`${textOf(request.messages[1]!)}${sample}`),
    );
    const records: ReplayRecord[] = [];
    const requests = [{ ...ask("a"), samples: 3 }, ask("b"), { ...ask("c"), samples: 2 }];
    const replies = await recordingModel(model, (record) => records.push(record)).generate(requests);
    expect(replies.map(({ text }) => text)).toEqual(["a0", "a1", "a2", "b0", "c0", "c1"]);
    expect(await replayModel(records.reverse()).generate(requests)).toEqual(replies);
  });

  it("never makes up a reply", async () => {
    await expect(replayModel([]).generate([ask("a")])).rejects.toMatchObject({
      name: "ReplayError",
      code: "not-recorded",
    });
  });

  it("repeats what recordingModel kept", async () => {
    const records: ReplayRecord[] = [];
    const real = functionModel("echo", (request) => reply(textOf(request.messages[1]!)));
    const requests = [ask("a"), ask("b")];
    const first = await recordingModel(real, (record) => records.push(record)).generate(requests);
    expect(await replayModel(JSON.parse(JSON.stringify(records))).generate(requests)).toEqual(first);
  });

  it("ends when it is told to", async () => {
    const ended = new AbortController();
    const model = functionModel("slow", () => {
      ended.abort(new Error("enough"));
      return reply("1");
    });
    await expect(model.generate([ask("a"), ask("a")], { signal: ended.signal })).rejects.toThrow("enough");
  });
});
