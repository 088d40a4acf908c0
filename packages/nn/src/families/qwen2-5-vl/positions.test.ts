import { expect, test } from "vitest";
import { goldenJson } from "../../../test/support/goldens.ts";
import type { Grid } from "../positions.ts";
import { mropePositions } from "./positions.ts";

type Golden = {
  name: string;
  inputIds: number[][];
  attentionMask: number[][];
  imageGridThw: Grid[];
  positionIds: number[][][];
  ropeDeltas: number[];
};
const tokens = { image: 306, video: 307 };

test.each(goldenJson<Golden[]>("qwen2-5-vl/position-ids.json").map((g) => [g.name, g] as const))(
  "position ids as transformers: %s",
  (_, golden) => {
    const [batch, length] = [golden.inputIds.length, golden.inputIds[0]?.length ?? 0];
    const found = mropePositions({
      inputIds_BS: golden.inputIds.flat(),
      attentionMask_BS: golden.attentionMask.flat(),
      batch,
      length,
      grids: golden.imageGridThw,
      tokens,
      spatialMerge: 2,
    });
    expect([...found.positions_3BS]).toEqual(golden.positionIds.flat(2));
    expect([...found.deltas_B]).toEqual(golden.ropeDeltas);
  },
);

const row = (ids: number[], grids: Grid[]): unknown =>
  mropePositions({ inputIds_BS: ids, batch: 1, length: ids.length, grids, tokens, spatialMerge: 2 });

test("two images without a token between them keep their own grids", () => {
  const ids = [306, 306, 306];
  const { positions_3BS } = row(ids, [
    [1, 2, 4],
    [1, 2, 2],
  ]) as { positions_3BS: Int32Array };
  expect([...positions_3BS]).toEqual([0, 0, 2, 0, 0, 2, 0, 1, 2]);
});

test("tokens and grids must agree", () => {
  expect(() => row([1, 306, 2], [[1, 2, 4]])).toThrow(/image 0 needs 2 image tokens, found 1/);
  expect(() => row([1, 306, 306], [[1, 2, 2]])).toThrow(/only 1 image grids/);
  expect(() => row([1], [[1, 2, 2]])).toThrow(/tokens for 0 images, but 1/);
  expect(() => row([307], [])).toThrow(/video/);
  expect(() => row([306], [[1, 3, 2]])).toThrow(/not a multiple of the merge size/);
});
