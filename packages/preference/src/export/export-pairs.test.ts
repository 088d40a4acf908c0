import { promptStyles } from "@mede2/llm";
import type { PreferencePair, RatedAnswer } from "@mede2/schemas";
import { describe, expect, it } from "vitest";
import { good, question, traceOf } from "../../test/support/traces.ts";
import { exportAnswer, exportIndex, exportPair, llamaFactoryInfo } from "../index.ts";

const [chosen, rejected] = [
  traceOf(good),
  traceOf("<think>\nsee <image> here\n</think>\n\n\\boxed{amoxicillin}"),
];
const pair = {
  id: "0".repeat(16),
  question,
  chosen,
  rejected,
  negativeKind: "wrong-answer",
  margin: 0.2,
  weight: 1.1,
  provenance: { plan: "", scorer: "s", seed: 0, parents: [] },
} as unknown as PreferencePair;
const settings = {
  style: promptStyles.reason,
  imagePath: ({ sha256 }: { sha256: string }) => `/store/${sha256}.png`,
};
const path = `/store/${question.images[0]!.sha256}.png`;

describe("exportPair", () => {
  it("TRL: text prompts, pictures as paths beside them", () => {
    const row = exportPair("trl", pair, settings) as { prompt: { role: string; content: string }[] };
    expect(Object.keys(row)).toEqual(["images", "prompt", "chosen", "rejected"]);
    expect(row).toMatchObject({
      images: [path],
      chosen: [{ role: "assistant", content: chosen.text }],
      rejected: [{ role: "assistant", content: rejected.text }],
    });
    expect(row.prompt).toHaveLength(1);
    expect(row.prompt[0]!.content).not.toContain("<image>");
    expect(row.prompt[0]!.content.endsWith(promptStyles.reason.instruction)).toBe(true);
  });

  it("ms-swift and LLaMA-Factory: one placeholder a picture, none in the answers", () => {
    const swift = exportPair("ms-swift", pair, settings) as {
      messages: { content: string }[];
      rejected_response: string;
    };
    expect(swift).toMatchObject({ images: [path], channel: "wrong-answer" });
    expect(JSON.stringify(swift).match(/<image>/g)).toHaveLength(1);
    expect(swift.messages.at(-1)!.content).toBe(chosen.text);
    expect(swift.rejected_response).toContain("see < image > here");
    const factory = exportPair("llama-factory", pair, settings);
    expect(factory).toMatchObject({
      conversations: [{ from: "human" }],
      chosen: { from: "gpt", value: chosen.text },
      images: [path],
    });
    expect(JSON.stringify(factory).match(/<image>/g)).toHaveLength(1);
    expect(llamaFactoryInfo("s2", "s2.jsonl")).toMatchObject({
      s2: { formatting: "sharegpt", ranking: true },
    });
  });

  it("keeps what the rows cannot hold in an index, and stops at a picture without a file", () => {
    expect(exportIndex(pair, 3)).toMatchObject({
      row: 3,
      pairId: pair.id,
      weight: 1.1,
      negativeKind: "wrong-answer",
    });
    expect(() => exportPair("trl", pair, { ...settings, imagePath: () => "" })).toThrow(
      expect.objectContaining({ code: "no-image" }),
    );
  });
});

describe("exportAnswer", () => {
  const answer = {
    record: "rated-answer",
    id: "1".repeat(16),
    ...{ question, trace: rejected, desirable: false, weight: 0.5 },
    provenance: { plan: "", scorer: "s", parents: [] },
  } as unknown as RatedAnswer;

  it("writes each engine's row of its KTO data", () => {
    expect(exportAnswer("trl", answer, settings)).toMatchObject({
      images: [path],
      completion: [{ role: "assistant", content: rejected.text }],
      label: false,
    });
    const swift = exportAnswer("ms-swift", answer, settings) as { messages: { content: string }[] };
    expect(swift).toMatchObject({ label: false, images: [path] });
    expect(JSON.stringify(swift).match(/<image>/g)).toHaveLength(1);
    expect(swift.messages.at(-1)!.content).toContain("see < image > here");
    const factory = exportAnswer("llama-factory", answer, settings);
    expect(factory).toMatchObject({ kto_tag: false, conversations: [{ from: "human" }, { from: "gpt" }] });
    const { a } = llamaFactoryInfo("a", "a.jsonl", false) as { a: { columns: object; ranking?: boolean } };
    expect([a.ranking, a.columns]).toEqual([
      undefined,
      { messages: "conversations", kto_tag: "kto_tag", images: "images" },
    ]);
    expect(exportIndex(answer, 3)).toMatchObject({
      row: 3,
      answerId: answer.id,
      desirable: false,
      weight: 0.5,
    });
  });
});
