import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  cachedModel,
  chatMessage,
  folderCache,
  functionModel,
  memoryCache,
  replyText,
  splitThinking,
} from "./index.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});
const ask = (text: string, samples = 1) => ({
  messages: [chatMessage("user", text)],
  sampling: { temperature: 1, topP: 1, maxTokens: 8, seed: 1 },
  samples,
});
function model() {
  const asked: string[] = [];
  return {
    asked,
    model: functionModel("m", ({ messages, sampling }) => {
      const [part] = messages[0]!.content;
      const text = `${part!.type === "text" ? part!.text : ""}${sampling.seed}`;
      asked.push(text);
      return text.startsWith("bad")
        ? {
            text: "",
            finish: "error",
            tokens: { prompt: 0, completion: 0 },
            error: { code: "network", message: "no" },
          }
        : { text, finish: "stop", tokens: { prompt: 1, completion: 1 } };
    }),
  };
}

describe("cachedModel", () => {
  it("asks only for what is not known, sample by sample, and never keeps a failure", async () => {
    const folder = await mkdtemp(join(tmpdir(), "mede2-cache-"));
    folders.push(folder);
    for (const cache of [memoryCache(), folderCache(folder)]) {
      const inner = model();
      const cached = cachedModel(inner.model, cache, "m at 127.0.0.1");
      const order: number[] = [];
      const first = await cached.generate([ask("a", 2), ask("bad")]);
      const again = await cached.generate([ask("x"), ask("a", 3), ask("bad")], {
        onReply: (at) => order.push(at),
      });
      expect(first.map(({ text }) => text)).toEqual(["a1", "a2", ""]);
      expect(again.map(({ text }) => text)).toEqual(["x1", "a1", "a2", "a3", ""]);
      expect(inner.asked).toEqual(["a1", "a2", "bad1", "x1", "a3", "bad1"]);
      expect([cached.hits, order]).toEqual([2, [1, 2, 0, 3, 4]]);
      const other = cachedModel(model().model, cache, "m at another server");
      await other.generate([ask("a")]);
      expect(other.hits).toBe(0);
    }
  });

  it("says which file is broken", async () => {
    const folder = await mkdtemp(join(tmpdir(), "mede2-cache-"));
    folders.push(folder);
    const cached = cachedModel(model().model, folderCache(folder));
    await cached.generate([ask("a")]);
    const [shelf] = await readdir(folder);
    const [file] = await readdir(join(folder, shelf!));
    await writeFile(join(folder, shelf!, file!), "{");
    await expect(cached.generate([ask("a")])).rejects.toMatchObject({
      code: "bad-cache-entry",
      message: expect.stringContaining(file!),
    });
  });
});

describe("thinking", () => {
  it("comes from the field, or from tags, of which the first may be missing", () => {
    expect(splitThinking({ text: "B", reasoning: "so" })).toEqual({
      reasoning: "so",
      text: "B",
      from: "field",
      closed: true,
    });
    expect(splitThinking({ text: "<think>\nso\n</think>\n\nB" })).toEqual({
      reasoning: "so",
      text: "B",
      from: "tags",
      closed: true,
    });
    expect(splitThinking({ text: "so\n</think>\nB" })).toEqual({
      reasoning: "so",
      text: "B",
      from: "tags",
      closed: true,
    });
    expect(splitThinking({ text: "<think> cut" })).toEqual({
      reasoning: "cut",
      text: "",
      from: "tags",
      closed: false,
    });
    expect(splitThinking({ text: "B" })).toMatchObject({ reasoning: null, text: "B", from: "none" });
    expect(replyText({ text: "B", reasoning: "so" })).toBe("<think>\nso\n</think>\n\nB");
    expect(replyText({ text: "<think> as it came" })).toBe("<think> as it came");
  });
});
