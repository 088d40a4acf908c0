import { appearanceLabel } from "./findings.ts";
import { type WardAppearance, type WardImageSpec, wardAppearances } from "./images/kinds.ts";
import { randomStream } from "./images/random.ts";

/** A picture to be drawn, with the label of its finding and modifier (0–31). */
export interface WardVisionItem {
  readonly image: WardImageSpec;
  readonly label: number;
}

/** Names of the labels of `wardVisionItems`, in their order. */
export const wardVisionLabels: readonly string[] = wardAppearances().map(
  ({ kind, finding, modifier }) => `${kind} ${finding} ${modifier}`,
);

/** Pictures for a classification head: the 32 appearances in turn, in an order shuffled anew for every 32. */
export function wardVisionItems(options: { count: number; seed: number; from?: number }): WardVisionItem[] {
  const from = options.from ?? 0;
  return Array.from({ length: options.count }, (_, offset) => visionItem(options.seed, from + offset));
}

function visionItem(seed: number, index: number): WardVisionItem {
  const appearances = wardAppearances();
  const round = Math.floor(index / appearances.length);
  const random = randomStream(seed, `ward/vision/${round}`);
  const order = appearances.map((appearance) => ({ appearance, key: random.unit() }));
  order.sort((a, b) => a.key - b.key);
  const { appearance } = order[index % appearances.length]!;
  // The seeds of cases have 32 bits; these have bit 33 set, so that no case's picture is among them.
  const imageSeed = 2 ** 33 + randomStream(seed, `ward/vision/picture/${index}`).word();
  return { image: imageSpec(appearance, imageSeed), label: appearanceLabel(appearance) };
}

export function imageSpec(appearance: WardAppearance, seed: number): WardImageSpec {
  return { ...appearance, seed } as WardImageSpec;
}
