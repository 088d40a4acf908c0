import { imagesOf, promptStyles } from "@mede2/llm";
import { describe, expect, it } from "vitest";
import { good, question, traceOf } from "../test/support/traces.ts";
import { counterfactualsBy, scoreCandidates, textRubric } from "./index.ts";

const [blank, swapped] = ["b", "c"].map((hex) => ({
  sha256: hex.repeat(64),
  mime: "image/png",
  width: 8,
  height: 8,
}));

describe("counterfactualsBy", () => {
  it("asks for every trace under the real, a blank and a swapped picture, and the check reads the smaller gain", async () => {
    const asked: string[] = [];
    const model = {
      logProbs: async (
        requests: readonly { messages: Parameters<typeof imagesOf>[0]; completion: string }[],
      ) =>
        requests.map(({ messages, completion }) => {
          const [image] = imagesOf(messages);
          asked.push(image!.sha256[0]!);
          return {
            logProb: image!.sha256[0] === "b" ? -20 : image!.sha256[0] === "c" ? -11 : -10,
            tokens: completion.length,
          };
        }),
    };
    const traces = [
      traceOf(good),
      { ...traceOf("<think>\nblind\n</think>\n\n\\boxed{doxycycline}"), images: "none" as const },
    ];
    const candidates = { record: "candidates" as const, v: 1 as const, question, traces, ratings: [] };
    const counterfactuals = counterfactualsBy({
      model,
      style: promptStyles.reason,
      variants: async () => ({ blank: [blank!], swapped: [swapped!] }),
    });
    for await (const { ratings } of scoreCandidates([candidates], { rubric: textRubric, counterfactuals })) {
      expect(
        (ratings[0] as unknown as { parts: Record<string, Record<string, number>> }).parts[
          "image-involvement"
        ]!.counterfactual,
      ).toBe(0.5);
      expect(ratings[1]!.criteria["image-involvement"]).toMatchObject({ status: "unscored" });
    }
    expect(asked).toEqual(["a", "b", "c"]);
    expect((await counterfactuals({ ...candidates, question: { ...question, images: [] } })).size).toBe(0);
  });
});
