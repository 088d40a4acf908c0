import { readSafetensors, toFloat32 } from "@mede2/safetensors";
import { expect, test } from "vitest";
import { goldenPath } from "../../../test/support/goldens.ts";
import { decoderRope } from "../decoder/rope.ts";
import { inverseFrequencies } from "../decoder/rope-scaling.ts";
import type { Grid } from "../positions.ts";
import { patchCoordinates, visionRope } from "./rope.ts";

const vision = readSafetensors(goldenPath("qwen2-5-vl/vision.safetensors"));

function floats(name: string): Float32Array {
  return toFloat32(vision.tensor(name));
}

function goldenGrids(): Grid[] {
  const flat = floats("image_grid_thw");
  return Array.from({ length: flat.length / 3 }, (_, i) => [
    flat[3 * i]!,
    flat[3 * i + 1]!,
    flat[3 * i + 2]!,
  ]);
}

test("patch coordinates in merge-block order", () => {
  const at_2N = patchCoordinates(goldenGrids(), 2);
  const patches = at_2N.length / 2;
  expect(vision.entries.get("position_ids")?.shape).toEqual([patches, 2]);
  const theirs_N2 = floats("position_ids");
  for (let n = 0; n < patches; n++) {
    expect([at_2N[n], at_2N[patches + n]]).toEqual([...theirs_N2.subarray(2 * n, 2 * n + 2)]);
  }
});

test("vision tables equal transformers', whose second half repeats the first", () => {
  const { cos, sin, shape } = visionRope({ headDim: 16, ropeTheta: 10000, spatialMerge: 2 })(goldenGrids());
  const [rows, half] = shape;
  expect([rows, half]).toEqual([floats("rotary_cos").length / 16, 8]);
  let worst = 0;
  for (const [ours, theirs] of [
    [cos, floats("rotary_cos")],
    [sin, floats("rotary_sin")],
  ] as const) {
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < 16; i++)
        worst = Math.max(worst, Math.abs(ours[r * half + (i % half)]! - theirs[r * 16 + i]!));
    }
  }
  expect(worst).toBeLessThan(2e-7);
});

test("decoder tables take each section from its own axis", () => {
  const rope = decoderRope({ headDim: 8, ropeTheta: 1e6, mropeSection: [1, 1, 2] });
  const frequencies = inverseFrequencies(1e6, 8);
  // two tokens: (t, h, w) = (3, 5, 7) and (100, 1000, 2000)
  const { cos, sin, shape } = rope(Int32Array.from([3, 100, 5, 1000, 7, 2000]));
  expect(shape).toEqual([2, 4]);
  const axisOf = [0, 1, 2, 2];
  for (const [row, at] of [
    [3, 5, 7],
    [100, 1000, 2000],
  ].entries()) {
    for (let i = 0; i < 4; i++) {
      const angle = Math.fround(at[axisOf[i]!]! * frequencies[i]!);
      expect(cos[row * 4 + i]).toBe(Math.fround(Math.cos(angle)));
      expect(sin[row * 4 + i]).toBe(Math.fround(Math.sin(angle)));
    }
  }
  // the table has grown: earlier rows are still right
  expect(rope(Int32Array.from([3, 5, 7])).cos).toEqual(cos.subarray(0, 4));
});
