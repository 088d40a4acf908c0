import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodePng, type ImageStore, openImageStore } from "@mede2/images";
import { type ChatReply, type ChatRequest, functionModel, imagesOf, textOf } from "@mede2/llm";
import type { Question } from "@mede2/schemas";
import { onTestFinished } from "vitest";

export const options = ["amoxicillin", "furosemide", "rest", "surgery"];

/** A folder with a store of `count` different pictures, and a question about each; it is deleted when the test ends. */
export async function someQuestions(
  count: number,
): Promise<{ folder: string; store: ImageStore; questions: Question[] }> {
  const folder = await mkdtemp(join(tmpdir(), "mede2-eval-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const store = openImageStore(join(folder, "images"));
  const questions: Question[] = [];
  for (let at = 0; at < count; at++) {
    const data = Uint8Array.from({ length: 64 }, (_, pixel) => (pixel * 3 + at * 7) % 256);
    const image = await store.put(await encodePng({ width: 8, height: 8, channels: 1, data }));
    questions.push({
      record: "question",
      v: 1,
      id: `test:${at}`,
      source: "test",
      revision: "1",
      split: "test",
      stem: `picture: <image>\ncase ${at}`,
      options,
      gold: { labels: ["ABCD"[at % 4]!] },
      images: [image],
      group: { case: `case-${at >> 1}` },
      tags: { modality: at % 2 === 0 ? "film" : "strip", language: "en" },
      licence: "Apache-2.0",
    });
  }
  return { folder, store, questions };
}

export const reply = (text: string, more: Partial<ChatReply> = {}): ChatReply => ({
  text,
  finish: "stop",
  tokens: { prompt: 10, completion: 5 },
  ...more,
});

/** A model that knows the right answer by the picture alone, and guesses the first option otherwise. Counts what it was asked. */
export function seeingModel(questions: readonly Question[], name = "seeing") {
  const bySha = new Map(questions.map(({ images, gold }) => [images[0]!.sha256, gold]));
  const asked: ChatRequest[] = [];
  const model = functionModel(name, (request) => {
    asked.push(request);
    const gold = bySha.get(imagesOf(request.messages)[0]?.sha256 ?? "");
    const label = gold !== undefined && "labels" in gold ? gold.labels[0]! : "A";
    return reply(`<think>\nI look.\n</think>\n\nthe answer is \\boxed{${options["ABCD".indexOf(label)]}}`);
  });
  return { model, asked };
}

/** Number of the case that a request asks about. */
export function caseOf(request: ChatRequest): number {
  return Number(/case (\d+)/.exec(textOf(request.messages[0]!))?.[1] ?? -1);
}
