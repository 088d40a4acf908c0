import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type BatchItem,
  type BatchLine,
  chatMessage,
  functionModel,
  readBatch,
  resumableBatch,
  textOf,
} from "./index.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mede2-batch-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const items = (count: number): BatchItem[] =>
  Array.from({ length: count }, (_, at) => ({
    id: `q${at}`,
    request: {
      messages: [chatMessage("user", `question ${at}`)],
      sampling: { temperature: 1, topP: 1, maxTokens: 8, seed: 10 },
      samples: 2,
    },
  }));
function counting(fail: (asked: number) => boolean = () => false) {
  const asked: string[] = [];
  const model = functionModel("m", (request) => {
    asked.push(`${textOf(request.messages[0]!)}/${request.sampling.seed}`);
    return fail(asked.length)
      ? {
          text: "",
          finish: "error",
          tokens: { prompt: 0, completion: 0 },
          error: { code: "http-500", message: "no" },
        }
      : { text: `reply to ${asked.at(-1)}`, finish: "stop", tokens: { prompt: 1, completion: 1 } };
  });
  return { asked, model };
}
async function answers(path: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { id, sample, reply } of readBatch(path))
    if (reply.finish !== "error") found[`${id}/${sample}`] = reply.text;
  return found;
}

describe("resumableBatch", () => {
  it("gives each sample its own seed and line, and asks nothing twice", async () => {
    const path = join(folder, "batch.jsonl");
    const { asked, model } = counting();
    expect(await resumableBatch({ model, items: items(5), path })).toEqual({ asked: 10, kept: 0, failed: 0 });
    expect(await resumableBatch({ model, items: items(7), path })).toEqual({ asked: 4, kept: 10, failed: 0 });
    expect(new Set(asked).size).toBe(asked.length);
    expect((await answers(path))["q6/1"]).toBe("reply to question 6/11");
  });

  it("goes on after any cut of its file with the same result", async () => {
    const whole = join(folder, "whole.jsonl");
    await resumableBatch({ model: counting().model, items: items(4), path: whole, window: 1 });
    const text = await readFile(whole, "utf8");
    const expected = await answers(whole);
    for (let cut = 0; cut <= text.length; cut += 37) {
      const path = join(folder, `cut-${cut}.jsonl`);
      await writeFile(path, text.slice(0, cut));
      const { asked, model } = counting();
      await resumableBatch({ model, items: items(4), path });
      expect(await answers(path)).toEqual(expected);
      expect(asked.length).toBe(8 - text.slice(0, cut + 1).split("\n").length + 1);
    }
  });

  it("asks failures again, and keeps them in the file", async () => {
    const path = join(folder, "batch.jsonl");
    const first = counting((asked) => asked % 2 === 0);
    expect(await resumableBatch({ model: first.model, items: items(3), path })).toEqual({
      asked: 6,
      kept: 0,
      failed: 3,
    });
    expect(await resumableBatch({ model: counting().model, items: items(3), path })).toEqual({
      asked: 3,
      kept: 3,
      failed: 0,
    });
    expect(Object.keys(await answers(path))).toHaveLength(6);
  });

  it("keeps what came before the model failed as a whole, and hands groups to a model that wants them", async () => {
    const path = join(folder, "batch.jsonl");
    const groups: number[] = [];
    const inner = counting();
    const model = {
      name: "m",
      generate: (...args: Parameters<typeof inner.model.generate>) => {
        groups.push(args[0].length);
        if (groups.length === 3) throw new Error("the machine is gone");
        return inner.model.generate(...args);
      },
    };
    const lines: BatchLine[] = [];
    const async_ = {
      name: "m",
      generate: async (...args: Parameters<typeof model.generate>) => model.generate(...args),
    };
    await expect(
      resumableBatch({
        model: async_,
        items: items(50),
        path,
        together: 4,
        window: 1,
        onReply: (line) => lines.push(line),
      }),
    ).rejects.toThrow("the machine is gone");
    expect(groups).toEqual([4, 4, 4]);
    expect(Object.keys(await answers(path))).toHaveLength(8);
    expect(lines).toHaveLength(8);
  });

  it("refuses a file that answers something else", async () => {
    const path = join(folder, "batch.jsonl");
    await resumableBatch({ model: counting().model, items: items(2), path });
    const other = items(2).map((item) => ({
      ...item,
      request: { ...item.request, messages: [chatMessage("user", "another")] },
    }));
    await expect(resumableBatch({ model: counting().model, items: other, path })).rejects.toMatchObject({
      code: "other-request",
    });
    await writeFile(path, '{"id": 3}\n');
    await expect(resumableBatch({ model: counting().model, items: items(2), path })).rejects.toMatchObject({
      code: "bad-batch-file",
    });
  });

  it("stops when it is told to, with what was answered", async () => {
    const path = join(folder, "batch.jsonl");
    const controller = new AbortController();
    const { model } = counting((asked) => {
      if (asked === 5) controller.abort(new Error("enough"));
      return false;
    });
    await expect(
      resumableBatch({ model, items: items(50), path, window: 1, signal: controller.signal }),
    ).rejects.toThrow("enough");
    expect(Object.keys(await answers(path)).length).toBeGreaterThanOrEqual(4);
  });
});
