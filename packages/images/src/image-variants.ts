/**
 * Counterfactual images: what stands in for the real image when an evaluation asks whether a model looks at it at all.
 * All are deterministic by seed and keep width, height and channels.
 */
import { createRandom } from "@mede2/stats";
import { checkImage, type DecodedImage } from "./decoded-image.ts";

/** Every pixel is the mean grey of the image; alpha is opaque. */
export function blankImage(image: DecodedImage): DecodedImage {
  checkImage(image);
  const { channels, data } = image;
  const colours = Math.min(channels, 3);
  let sum = 0;
  for (let at = 0; at < data.length; at += channels)
    for (let channel = 0; channel < colours; channel++) sum += data[at + channel]!;
  const blank = new Uint8Array(data.length).fill(Math.round(sum / ((data.length / channels) * colours)));
  for (let at = 3; channels === 4 && at < data.length; at += 4) blank[at] = 255;
  return { ...image, data: blank };
}

/**
 * Noise with the mean and the standard deviation of each channel, independent from pixel to pixel. `dose` mixes: 1 leaves nothing
 * of the image, 0.5 averages image and noise. The noise is a sum of four uniform numbers (nearly normal), so that
 * no transcendental function makes it differ between machines. Alpha is kept.
 */
export function noiseImage(image: DecodedImage, seed: number | string, dose = 1): DecodedImage {
  checkImage(image);
  if (!(dose >= 0 && dose <= 1)) throw new RangeError(`dose must lie in 0–1, not ${dose}`);
  const { channels, data } = image;
  const random = createRandom(seed);
  const out = Uint8Array.from(data);
  for (let channel = 0; channel < Math.min(channels, 3); channel++) {
    const { mean, deviation } = moments(data, channel, channels);
    for (let at = channel; at < data.length; at += channels) {
      const word = random.uint32();
      const sum = (word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24);
      const noise = mean + ((sum - 510) / noiseDeviation) * deviation;
      out[at] = Math.max(0, Math.min(255, Math.round(data[at]! * (1 - dose) + noise * dose)));
    }
  }
  return { ...image, data: out };
}

/** Standard deviation of a sum of four uniform bytes: √(4 · (256² − 1) / 12). */
const noiseDeviation = Math.sqrt((4 * (256 ** 2 - 1)) / 12);

function moments(data: Uint8Array, channel: number, channels: number): { mean: number; deviation: number } {
  let [sum, squares] = [0, 0];
  for (let at = channel; at < data.length; at += channels) {
    sum += data[at]!;
    squares += data[at]! ** 2;
  }
  const count = data.length / channels;
  return { mean: sum / count, deviation: Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2)) };
}
