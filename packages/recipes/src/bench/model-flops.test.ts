import { describe, expect, it } from "vitest";
import { promptBatch, trainingBatch } from "./bench-batches.ts";
import { textConfig } from "./bench-models.ts";
import { generationFlops, trainingFlops } from "./model-flops.ts";

const row = (length: number, from: number) => ({
  tokens: Int32Array.from({ length }, (_, s) => s),
  supervised: Uint8Array.from({ length }, (_, s) => (s >= from ? 1 : 0)),
});

describe("operations of a step", () => {
  const config = textConfig();
  const perToken = 2 * 8 * (4 * 512 * 512 + 3 * 512 * 1408);
  const head = 2 * 512 * 8192;
  const pairs = (length: number) => (length * (length + 1)) / 2;

  it("counts weights, causal attention and used logits, three times for training", () => {
    const expected = 3 * (256 * perToken + 4 * 8 * 512 * pairs(256) + 128 * head);
    expect(trainingFlops(config, trainingBatch([row(256, 128)], 0))).toBe(expected);
  });

  it("counts no padding, and no logits for a first token that nothing predicts", () => {
    const alone = trainingFlops(config, trainingBatch([row(5, 0)], 0));
    expect(alone).toBe(3 * (5 * perToken + 4 * 8 * 512 * pairs(5) + 4 * head));
    const together = trainingFlops(config, trainingBatch([row(5, 0), row(9, 4)], 0));
    expect(together - alone).toBe(trainingFlops(config, trainingBatch([row(9, 4)], 0)));
  });

  it("runs every position once to generate, except the last new token", () => {
    const expected = (100 + 31) * perToken + 4 * 8 * 512 * pairs(131) + 32 * head;
    expect(generationFlops(config, promptBatch([row(100, 0)], 0), 32)).toBe(expected);
  });
});
