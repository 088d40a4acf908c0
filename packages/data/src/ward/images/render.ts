import { type CaptureRanges, capture } from "./capture.ts";
import { drawFilm } from "./film.ts";
import { drawFundus } from "./fundus.ts";
import { type WardImageKind, type WardImageSpec, wardImageKinds } from "./kinds.ts";
import { randomStream } from "./random.ts";
import { drawSmear } from "./smear.ts";
import { drawStrip } from "./strip.ts";

/** Side of every picture, in pixels. */
export const WARD_IMAGE_SIZE = 112;

/** A grey picture: row-major, one byte a pixel, 0 black, 255 white. */
export interface WardImage {
  width: 112;
  height: 112;
  channels: 1;
  data: Uint8Array;
}

const captures: Record<WardImageKind, CaptureRanges> = {
  film: {
    contrast: [0.8, 1.08],
    brightness: [-0.07, 0.05],
    gamma: [0.85, 1.2],
    noise: [0.015, 0.045],
    unevenness: [0, 0.04],
    grain: 0.6,
  },
  strip: {
    contrast: [0.8, 1],
    brightness: [-0.1, 0.02],
    gamma: [0.9, 1.2],
    noise: [0.01, 0.035],
    unevenness: [0, 0.04],
    grain: 0.3,
  },
  smear: {
    contrast: [0.8, 1.1],
    brightness: [-0.08, 0.03],
    gamma: [0.85, 1.2],
    noise: [0.01, 0.03],
    unevenness: [0.01, 0.04],
    grain: 0.4,
  },
  fundus: {
    contrast: [0.85, 1.1],
    brightness: [-0.04, 0.05],
    gamma: [0.85, 1.15],
    noise: [0.01, 0.035],
    unevenness: [0, 0.03],
    grain: 0.5,
  },
};

/**
 * Draws the picture that `spec` names: the same specification gives the same bytes. Specifications that differ in the
 * finding or modifier alone show the same patient under the same conditions.
 *
 * Throws a RangeError with code `WARD_IMAGE_SPEC` when kind, finding, modifier or seed is not one that the table has.
 */
export function renderWardImage(spec: WardImageSpec): WardImage {
  check(spec);
  const anatomy = randomStream(spec.seed, `${spec.kind}/anatomy`);
  const finding = randomStream(spec.seed, `${spec.kind}/${spec.finding}/${spec.modifier}`);
  const canvas = draw(spec, anatomy, finding);
  const data = capture(canvas, captures[spec.kind], randomStream(spec.seed, `${spec.kind}/capture`));
  return { width: WARD_IMAGE_SIZE, height: WARD_IMAGE_SIZE, channels: 1, data };
}

function draw(
  spec: WardImageSpec,
  anatomy: ReturnType<typeof randomStream>,
  finding: ReturnType<typeof randomStream>,
) {
  switch (spec.kind) {
    case "film":
      return drawFilm(WARD_IMAGE_SIZE, spec, anatomy, finding);
    case "strip":
      return drawStrip(WARD_IMAGE_SIZE, spec, anatomy, finding);
    case "smear":
      return drawSmear(WARD_IMAGE_SIZE, spec, anatomy, finding);
    case "fundus":
      return drawFundus(WARD_IMAGE_SIZE, spec, anatomy, finding);
  }
}

function check(spec: WardImageSpec): void {
  const findings: Record<string, readonly string[]> | undefined = wardImageKinds[spec.kind];
  const known = findings?.[spec.finding]?.includes(spec.modifier) ?? false;
  if (known && Number.isSafeInteger(spec.seed) && spec.seed >= 0) return;
  const what = known ? `seed ${spec.seed}` : `picture ${spec.kind} / ${spec.finding} / ${spec.modifier}`;
  const next = known ? "give a whole number from 0 to 2^53 − 1" : "see wardImageKinds for the ones there are";
  throw Object.assign(new RangeError(`The ward has no ${what}: ${next}.`), { code: "WARD_IMAGE_SPEC" });
}
