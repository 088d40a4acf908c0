// N images · W windows · P patches a window · C values a patch · E head size
import type { ImageArrays, VisionBatch } from "../vision.ts";
import type { Qwen25VlConfig } from "./config.ts";
import { visionRope } from "./rope.ts";
import { windowGroups } from "./windows.ts";

/** Rotary tables grow with the largest image seen: one for a configuration. */
const ropes = new WeakMap<Qwen25VlConfig["vision"], ReturnType<typeof visionRope>>();

function ropeOf(vision: Qwen25VlConfig["vision"]): ReturnType<typeof visionRope> {
  const known = ropes.get(vision) ?? visionRope(vision);
  ropes.set(vision, known);
  return known;
}

/** Arranges images in window order for `visionTower`, padded to equal window counts and sizes. */
export function visionBatch(images: readonly ImageArrays[], config: Qwen25VlConfig): VisionBatch {
  const { vision } = config;
  const unit = vision.spatialMerge ** 2;
  const rope = ropeOf(vision);
  const alone = images.map((image) => windowGroups([image.grid], vision));
  const windows = Math.max(...alone.map((each) => each.groups));
  const patches = Math.max(...alone.map((each) => each.patchesPerGroup));
  const layout = {
    images: images.length,
    windows,
    patches,
    padded: alone.some((each) => each.mask_NP.length !== windows * patches || each.mask_NP.includes(0)),
  };
  const [rows, half] = [images.length * windows * patches, vision.headDim / 2];
  const values = vision.inChannels * vision.temporalPatchSize * vision.patchSize ** 2;
  const [pixels, cosines, sines] = [
    new Float32Array(rows * values),
    new Float32Array(rows * half),
    new Float32Array(rows * half),
  ];
  const bias = new Float32Array(rows);
  const unitRows = images.map((image, n) => {
    const groups = windowGroups([image.grid], vision, { patchesPerGroup: patches, groups: windows });
    const table = rope([image.grid]);
    const first = n * windows * patches;
    groups.mask_NP.forEach((real, place) => {
      const row = first + place;
      if (real === 0) {
        bias[row] = -1e9;
        return;
      }
      const patch = groups.patches_NP[place]!;
      pixels.set(image.pixelValues.subarray(patch * values, (patch + 1) * values), row * values);
      cosines.set(table.cos.subarray(patch * half, (patch + 1) * half), row * half);
      sines.set(table.sin.subarray(patch * half, (patch + 1) * half), row * half);
    });
    return Int32Array.from(
      { length: groups.inverse_L.length / unit },
      (_, u) => (first + groups.inverse_L[u * unit]!) / unit,
    );
  });
  return { layout, pixels, cosines, sines, ...(layout.padded ? { bias } : {}), unitRows };
}
