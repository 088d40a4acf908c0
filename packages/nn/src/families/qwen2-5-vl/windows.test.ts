import { expect, test } from "vitest";
import { goldenJson } from "../../../test/support/goldens.ts";
import type { Grid } from "../positions.ts";
import { frameGroups, type PatchGroups, windowGroups } from "./windows.ts";

type Golden = {
  windowSize: number;
  patchSize: number;
  mergeSize: number;
  imageGridThw: Grid[];
  windowIndex: number[];
  cuWindowSeqlens: number[];
};
const goldens = goldenJson<Golden[]>("qwen2-5-vl/windows.json");
const groupsOf = (g: Golden, padding = {}): PatchGroups =>
  windowGroups(
    g.imageGridThw,
    { windowSize: g.windowSize, patchSize: g.patchSize, spatialMerge: g.mergeSize },
    padding,
  );

test.each(goldens.map((g) => [`${g.windowSize} px, ${JSON.stringify(g.imageGridThw)}`, g] as const))(
  "window order and boundaries as transformers: %s",
  (_, golden) => {
    const found = groupsOf(golden);
    expect([...found.unitOrder_U]).toEqual(golden.windowIndex);
    expect([...found.starts]).toEqual(golden.cuWindowSeqlens);
    expect(found.groups).toBe(golden.cuWindowSeqlens.length - 1);
  },
);

/** Each patch lies in exactly one unmasked place, `inverse_L` finds it, and rows are transformers' sequences. */
function expectPartition(groups: PatchGroups, patches: number): void {
  const seen = new Set<number>();
  for (let place = 0; place < groups.mask_NP.length; place++) {
    if (groups.mask_NP[place] === 0) continue;
    const patch = groups.patches_NP[place]!;
    expect(groups.inverse_L[patch]).toBe(place);
    seen.add(patch);
  }
  expect(seen.size).toBe(patches);
  expect(groups.mask_NP.reduce((a, b) => a + b, 0)).toBe(patches);
}

test("the padded rectangle is a partition of the patches, with its inverse", () => {
  for (const golden of goldens) {
    const patches = golden.imageGridThw.reduce((sum, [t, h, w]) => sum + t * h * w, 0);
    expectPartition(groupsOf(golden), patches);
    const padded = groupsOf(golden, { patchesPerGroup: 200, groups: 50 });
    expect([padded.patchesPerGroup, padded.groups, padded.mask_NP.length]).toEqual([200, 50, 10000]);
    expectPartition(padded, patches);
    const frames = frameGroups(golden.imageGridThw, { spatialMerge: golden.mergeSize });
    expectPartition(frames, patches);
    expect(frames.groups).toBe(golden.imageGridThw.length);
    expect([...frames.unitOrder_U]).toEqual([...frames.unitOrder_U.keys()]);
  }
});

test("rows hold the patches of one window, unit by unit", () => {
  const groups = windowGroups([[1, 4, 6]], { windowSize: 16, patchSize: 4, spatialMerge: 2 });
  // merged 2 × 3, windows of 2 × 2 units: columns 0–1, then column 2
  expect([groups.groups, groups.patchesPerGroup]).toEqual([2, 16]);
  expect([...groups.patches_NP.subarray(0, 16)]).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 16, 17, 18, 19,
  ]);
  expect([...groups.patches_NP.subarray(16, 24)]).toEqual([8, 9, 10, 11, 20, 21, 22, 23]);
  expect([...groups.mask_NP.subarray(16)]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test("too few groups is an error", () => {
  expect(() => groupsOf(goldens[0]!, { groups: 1 })).toThrow(/attention groups, but room is for 1/);
});
