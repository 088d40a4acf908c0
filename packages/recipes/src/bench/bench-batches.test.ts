import { describe, expect, it } from "vitest";
import { batchRows, promptBatch, randomRows, trainingBatch } from "./bench-batches.ts";

const rows = [
  { tokens: Int32Array.of(5, 0, 7), supervised: Uint8Array.of(0, 1, 1) },
  { tokens: Int32Array.of(9), supervised: Uint8Array.of(0) },
];

describe("batches that both sides read", () => {
  it("pads on the right to train and hides what is not learnt", () => {
    const batch = trainingBatch(rows, 0);
    expect(batch).toEqual({
      inputIds: [
        [5, 0, 7],
        [9, 0, 0],
      ],
      attentionMask: [
        [1, 1, 1],
        [1, 0, 0],
      ],
      labels: [
        [-100, 0, 7],
        [-100, -100, -100],
      ],
    });
    expect(batchRows(batch)).toEqual(rows);
  });

  it("pads on the left to generate", () => {
    const batch = promptBatch(rows, 0);
    expect(batch.inputIds[1]).toEqual([0, 0, 9]);
    expect(batch.attentionMask[1]).toEqual([0, 0, 1]);
    expect(batchRows(batch).map(({ tokens }) => [...tokens])).toEqual([[5, 0, 7], [9]]);
  });

  it("draws the same tokens again from the same seed", () => {
    expect(randomRows(2, 8, 100, 1)).toEqual(randomRows(2, 8, 100, 1));
    expect(randomRows(2, 8, 100, 1)).not.toEqual(randomRows(2, 8, 100, 2));
  });
});
